"""Option chains through the real yfinance: from Yahoo's JSON to the row on disk."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.ingest.yahoo_pulls import Pulls, needs_real, real_body, seconds
from tests.ingest.yahoo_server import Body, YahooServer

# Of next year: an expiry that has passed is no longer missed where it lacks.
YEAR = datetime.now(UTC).year + 1
HALF_DAY = next(day for day in (date(YEAR, 11, number) for number in range(23, 30)) if day.weekday() == 4)
NO_SESSION = HALF_DAY + timedelta(days=1)


def chain_body(date_asked: str | None) -> Body:
    """Two expiries: the Friday after Thanksgiving (a half day) and the Saturday behind it (no session)."""
    expiries = [seconds(day.year, day.month, day.day) for day in (HALF_DAY, NO_SESSION)]
    expiry = int(date_asked) if date_asked else expiries[0]
    contract = {
        "contractSymbol": f"SPY-{expiry}-C",
        "strike": 600,
        "currency": "USD",
        "lastPrice": 5.5,
        "bid": 5.4,
        "ask": 5.6,
        "volume": 12,
        "openInterest": 340,
        "impliedVolatility": 0.2,
        "lastTradeDate": seconds(2026, 11, 20, 20, 59),
    }
    bare = {key: value for key, value in contract.items() if key not in {"volume", "openInterest", "bid"}}
    quote = {"regularMarketPrice": 601.25, "regularMarketTime": seconds(2026, 11, 20, 21), "currency": "USD"}
    options = {"expirationDate": expiry, "calls": [contract], "puts": [bare | {"contractSymbol": f"SPY-{expiry}-P"}]}
    result = {"underlyingSymbol": "SPY", "expirationDates": expiries, "quote": quote, "options": [options]}
    return {"optionChain": {"result": [result], "error": None}}


def empty_chain(date_asked: str | None) -> Body:
    result = {"underlyingSymbol": "X", "expirationDates": [], "quote": {"regularMarketPrice": 25.73}, "options": []}
    return {"optionChain": {"result": [result], "error": None}}


def test_chains_carry_spot_expiry_and_nulls(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["SPY"] = chain_body
    assert pulls.pull("options", "SPY") == 0
    rows = pulls.rows("options")
    assert [(row["expiry_on"], row["is_call"]) for row in rows] == [
        (HALF_DAY, True),
        (HALF_DAY, False),
        (NO_SESSION, True),
        (NO_SESSION, False),
    ]
    call, put, saturday, _ = rows
    assert call["expires_at"] == datetime.combine(HALF_DAY, time(18), UTC)  # a half day: 13:00 New York
    assert saturday["expires_at"] == datetime.combine(NO_SESSION, time(21), UTC)  # no session: 16:00 New York
    assert (call["spot"], call["quoted_at"]) == (601.25, datetime(2026, 11, 20, 21, tzinfo=UTC))
    assert [call[name] for name in ("strike", "bid", "ask", "last_price", "vendor_iv")] == [600, 5.4, 5.6, 5.5, 0.2]
    assert (call["volume"], call["open_interest"], call["currency"]) == (12, 340, "USD")
    assert call["last_trade_at"] == datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
    assert [put[name] for name in ("bid", "volume", "open_interest")] == [None, None, None]


def test_contracts_that_are_settled_at_the_open_expire_then(pulls: Pulls, yahoo: YahooServer) -> None:
    """The third Friday of an index has both kinds, on one date and strike: SPX 09:30 and SPXW 16:00 in New York."""

    def index_chain(date_asked: str | None) -> Body:
        body = chain_body(str(seconds(2026, 12, 18)))
        result = body["optionChain"]["result"][0]
        result["expirationDates"] = [seconds(2026, 12, 18)]
        morning, evening = (result["options"][0]["calls"][0] | {"contractSymbol": root} for root in ("SPX", "SPXW"))
        for contract in (morning, evening):
            contract["contractSymbol"] += "261218C00600000"
        result["options"][0] |= {"calls": [morning, evening], "puts": []}
        return body

    yahoo.chains["^SPX"] = index_chain
    assert pulls.pull("options", "^SPX") == 0
    assert {row["contract_symbol"]: row["expires_at"] for row in pulls.rows("options")} == {
        "SPX261218C00600000": datetime(2026, 12, 18, 14, 30, tzinfo=UTC),
        "SPXW261218C00600000": datetime(2026, 12, 18, 21, tzinfo=UTC),
    }


def test_only_the_nearest_chains_are_asked_for(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["SPY"] = chain_body
    nearest = pulls.settings.options.model_copy(update={"expiries": 1})
    Pulls(pulls.settings.model_copy(update={"options": nearest})).pull("options", "SPY")
    assert {row["expiry_on"] for row in pulls.rows("options")} == {HALF_DAY}


def test_chain_that_does_not_tell_its_age_is_refused(pulls: Pulls, yahoo: YahooServer) -> None:
    body = chain_body(None)
    del body["optionChain"]["result"][0]["quote"]["regularMarketTime"]
    yahoo.chains["SPY"] = lambda _: body
    assert pulls.pull("options", "SPY") == 1
    assert pulls.outcomes == {"SPY": "changed_shape"}
    assert "regularMarketTime" in pulls.said["SPY"]["message"]


def test_underlying_without_options_is_empty_and_leaves_no_file(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["VIX"] = empty_chain
    assert pulls.pull("options", "VIX") == 0
    assert (pulls.last_run["status"], pulls.rows("options")) == ("empty", [])


@needs_real
def test_real_chains_are_kept_as_they_came(pulls: Pulls, yahoo: YahooServer) -> None:
    body = real_body("options-AAPL.json")
    chain = body["optionChain"]["result"][0]["options"][0]
    body["optionChain"]["result"][0]["expirationDates"] = [chain["expirationDate"]]  # the file has this one chain
    yahoo.chains["AAPL"] = lambda _: body
    yahoo.chains["^VXAPL"] = lambda _: real_body("options-^VXAPL.json")
    assert pulls.pull("options", "AAPL", "^VXAPL") == 0
    rows = pulls.rows("options")
    contracts = [*chain["calls"], *chain["puts"]]
    assert [row["contract_symbol"] for row in rows] == [contract["contractSymbol"] for contract in contracts]
    for name, theirs in (("bid", "bid"), ("volume", "volume"), ("open_interest", "openInterest")):
        assert [row[name] for row in rows] == [contract.get(theirs) for contract in contracts]
    assert {row["spot"] for row in rows} == {245.55}
    assert pulls.last_run["message"] == "empty: ^VXAPL"


def wide_chain(*strikes: float, currency: str = "USD") -> Callable[[str | None], Body]:
    """As `chain_body`, a call for each strike."""

    def answer(date_asked: str | None) -> Body:
        body = chain_body(date_asked)
        chain = body["optionChain"]["result"][0]["options"][0]
        call = chain["calls"][0] | {"currency": currency}
        symbol = call["contractSymbol"]
        chain["calls"] = [call | {"strike": strike, "contractSymbol": f"{symbol}{strike}"} for strike in strikes]
        chain["puts"] = []
        return body

    return answer


def one_expiry(date_asked: str | None) -> Body:
    body = wide_chain(600, 610, 620, 630)(date_asked)
    del body["optionChain"]["result"][0]["expirationDates"][1]
    return body


def broken(field: str, value: object) -> Callable[[str | None], Body]:
    def answer(date_asked: str | None) -> Body:
        body = wide_chain(600, 610, 620, 630)(date_asked)
        body["optionChain"]["result"][0]["options"][0]["calls"][2][field] = value
        return body

    return answer


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (wide_chain(600, 610), None),
        (wide_chain(600), "short"),
        (one_expiry, "short"),
        (wide_chain(600, 610, 620, 630, currency="EUR"), "changed_currency"),
        (broken("strike", None), "changed_shape"),
        (broken("bid", "5.4"), "changed_shape"),
        (broken("lastTradeDate", "Friday"), "changed_shape"),
        (broken("contractSymbol", 7), "changed_shape"),
    ],
)
def test_fragment_does_not_become_the_newest_chain(
    pulls: Pulls, yahoo: YahooServer, second: Callable[[str | None], Body], status: str | None
) -> None:
    yahoo.chains["SPY"] = wide_chain(600, 610, 620, 630)
    assert pulls.pull("options", "SPY") == 0
    first = pulls.last_run["ingest_run_id"]
    yahoo.chains["SPY"] = second
    pulls.pull("options", "SPY")
    assert pulls.outcomes.get("SPY") == status
    newest = max(row["ingest_run_id"] for row in pulls.rows("options"))
    assert (newest == first) == (status is not None)


def test_fragment_is_known_whatever_the_symbol_looks_like(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["ES=F"] = wide_chain(600, 610, 620, 630)
    assert pulls.pull("options", "ES=F") == 0
    yahoo.chains["ES=F"] = wide_chain(600)
    pulls.pull("options", "ES=F")
    assert pulls.outcomes == {"ES=F": "short"}
