"""The real yfinance against a local server: from Yahoo's JSON to the row on disk."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.parquet import lay_down_empty_files
from ingest.yahoo import Yahoo, YahooSession
from ingest.yahoo_service import Pull
from quant.settings import PROJECT_PATH, Settings, load_settings
from tests.ingest.yahoo_server import Body, Day, YahooServer, chart

REAL = PROJECT_PATH.parent / "shared" / "data" / "yahoo"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded Yahoo answers are not beside the project")
Row = dict[str, Any]


def seconds(*at: int) -> int:
    return int(datetime(*at, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


# Three sessions around a split (Thursday, the half day after Thanksgiving, Monday), and an unfinished row.
THANKSGIVING = chart(
    "NVDA",
    [
        (seconds(2025, 11, 26, 14, 30), [10.0, 12.0, 9.0, 11.0, 10.5], 1000),
        (seconds(2025, 11, 28, 14, 30), [11.0, 13.0, 10.0, 12.0, 11.5], 500),
        (seconds(2025, 12, 1, 14, 30), [None, None, None, None, None], None),
    ],
    events={
        "dividends": {"1": {"amount": 0.25, "date": seconds(2025, 11, 26, 14, 30)}},
        "splits": {"2": {"date": seconds(2025, 11, 28, 14, 30), "numerator": 4, "denominator": 1, "splitRatio": "4:1"}},
    },
)


def chain_body(date_asked: str | None) -> Body:
    """Two expiries: Friday 2026-11-27 (a half day) and Saturday 2026-11-28 (no session)."""
    expiries = [seconds(2026, 11, 27), seconds(2026, 11, 28)]
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


@pytest.fixture
def pulls(yahoo: YahooServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator["Pulls"]:
    monkeypatch.setenv("QUANT_EQUITIES__ENDPOINT", yahoo.url)
    monkeypatch.setenv("QUANT_EQUITIES__HISTORY_YEARS", "10")
    lay_down_empty_files(settings.parquet_path)
    yield Pulls(load_settings())


class Pulls:
    """Pulls of one data folder, and what they left there."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def pull(self, dataset: str, *symbols: str) -> bool:
        names = {"equities": ("equities", "symbols"), "options": ("options", "underlyings")}[dataset]
        section = getattr(self.settings, names[0]).model_copy(update={names[1]: symbols})
        settings = self.settings.model_copy(update={names[0]: section})
        yahoo = Yahoo(settings.yahoo_endpoint, 0.0, settings.root / "cache")
        pull = Pull(dataset, settings, yahoo, threading.Event())
        pull.pull()
        return pull.close()

    def rows(self, folder: str) -> list[Row]:
        files = sorted((self.settings.parquet_path / folder).rglob("*.parquet"))
        return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]

    @property
    def last_run(self) -> Row:
        return self.rows("ledger/runs")[-1]


def test_bars_carry_sessions_actions_and_origin(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    assert pulls.pull("equities", "NVDA")
    first, second, third = pulls.rows("equities")
    assert (first["session_date"], first["ts"], first["end_ts"]) == (
        date(2025, 11, 26),
        datetime(2025, 11, 26, 14, 30, tzinfo=UTC),
        datetime(2025, 11, 26, 21, tzinfo=UTC),
    )
    assert second["end_ts"] == datetime(2025, 11, 28, 18, tzinfo=UTC)  # NYSE closes at 13:00 that Friday
    assert [first[name] for name in ("open", "high", "low", "close", "vendor_adj_close")] == [10, 12, 9, 11, 10.5]
    assert [(row["dividend"], row["split_ratio"]) for row in (first, second)] == [(0.25, 0.0), (0.0, 4.0)]
    assert (first["volume"], first["currency"], first["interval"]) == (1000, "USD", "1d")
    assert (first["source"], first["ingest_run_id"]) == ("yahoo", pulls.last_run["ingest_run_id"])
    assert [row["is_final"] for row in (first, second, third)] == [True, True, False]
    assert [third[name] for name in ("open", "high", "low", "close", "vendor_adj_close", "volume")] == [None] * 6


def test_each_pull_is_a_file_of_its_own(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    for _ in range(2):
        pulls.pull("equities", "NVDA")
    folder = pulls.settings.parquet_path / "equities/symbol=NVDA/source=yahoo/interval=1d"
    runs = {row["ingest_run_id"] for row in pulls.rows("ledger/runs")}
    assert {path.stem for path in folder.iterdir()} == runs
    assert len(runs) == 2


def test_bar_of_a_day_without_session_lasts_from_midnight_to_midnight(pulls: Pulls, yahoo: YahooServer) -> None:
    saturday: list[Day] = [(seconds(2025, 11, 29, 5), [1.0, 1.0, 1.0, 1.0, 1.0], 1)]
    yahoo.charts["NVDA"] = chart("NVDA", saturday)
    pulls.pull("equities", "NVDA")
    (row,) = pulls.rows("equities")
    assert (row["ts"], row["end_ts"]) == (
        datetime(2025, 11, 29, 5, tzinfo=UTC),
        datetime(2025, 11, 30, 5, tzinfo=UTC),
    )


def test_symbol_that_fails_is_named_and_the_others_are_kept(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    assert pulls.pull("equities", "GONE", "NVDA")
    assert {row["symbol"] for row in pulls.rows("equities")} == {"NVDA"}
    assert (pulls.last_run["status"], pulls.last_run["row_count"]) == ("partial", 3)
    assert "GONE" in pulls.last_run["message"]


def test_pull_of_which_nothing_came_is_failed(pulls: Pulls) -> None:
    assert not pulls.pull("equities", "GONE")
    assert pulls.last_run["status"] == "failed"


def test_answer_without_bars_is_empty_and_leaves_no_file(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = chart("NVDA", [])
    assert pulls.pull("equities", "NVDA")
    assert (pulls.last_run["status"], pulls.rows("equities")) == ("empty", [])


@pytest.mark.parametrize(("dataset", "path"), [("equities", "/v8/"), ("options", "/v7/")])
def test_rate_limit_stops_the_pull_at_the_first_request(
    pulls: Pulls, yahoo: YahooServer, dataset: str, path: str
) -> None:
    yahoo.refuse["NVDA"] = 429
    assert not pulls.pull(dataset, "NVDA", "AAPL")
    assert pulls.last_run["status"] == "rate_limited"
    assert len(yahoo.asked(path)) == 1


def test_chains_carry_spot_expiry_and_nulls(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["SPY"] = chain_body
    assert pulls.pull("options", "SPY")
    rows = pulls.rows("options")
    assert [(row["expiry_on"], row["is_call"]) for row in rows] == [
        (date(2026, 11, 27), True),
        (date(2026, 11, 27), False),
        (date(2026, 11, 28), True),
        (date(2026, 11, 28), False),
    ]
    call, put, saturday, _ = rows
    assert call["expires_at"] == datetime(2026, 11, 27, 18, tzinfo=UTC)  # a half day: 13:00 New York
    assert saturday["expires_at"] == datetime(2026, 11, 28, 21, tzinfo=UTC)  # no session: 16:00 New York
    assert (call["spot"], call["quoted_at"]) == (601.25, datetime(2026, 11, 20, 21, tzinfo=UTC))
    assert [call[name] for name in ("strike", "bid", "ask", "last_price", "vendor_iv")] == [600, 5.4, 5.6, 5.5, 0.2]
    assert (call["volume"], call["open_interest"], call["currency"]) == (12, 340, "USD")
    assert call["last_trade_at"] == datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
    assert [put[name] for name in ("bid", "volume", "open_interest")] == [None, None, None]


def test_only_the_nearest_chains_are_asked_for(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["SPY"] = chain_body
    nearest = pulls.settings.options.model_copy(update={"expiries": 1})
    Pulls(pulls.settings.model_copy(update={"options": nearest})).pull("options", "SPY")
    assert {row["expiry_on"] for row in pulls.rows("options")} == {date(2026, 11, 27)}


def test_chain_that_does_not_tell_its_age_is_refused(pulls: Pulls, yahoo: YahooServer) -> None:
    body = chain_body(None)
    del body["optionChain"]["result"][0]["quote"]["regularMarketTime"]
    yahoo.chains["SPY"] = lambda _: body
    assert not pulls.pull("options", "SPY")
    assert "regularMarketTime" in pulls.last_run["message"]


def test_underlying_without_options_is_empty_and_leaves_no_file(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["VIX"] = empty_chain
    assert pulls.pull("options", "VIX")
    assert (pulls.last_run["status"], pulls.rows("options")) == ("empty", [])


def test_requests_keep_their_distance(yahoo: YahooServer) -> None:
    session = YahooSession(yahoo.url, seconds=0.1)
    begin = time.monotonic()
    for _ in range(3):
        session.get("https://query1.finance.yahoo.com/v1/test/getcrumb")
    session.close()
    assert time.monotonic() - begin >= 0.2
    assert len(yahoo.requests) == 3


def test_other_hosts_are_not_redirected(yahoo: YahooServer) -> None:
    session = YahooSession("http://127.0.0.1:9", seconds=0.0)
    assert session.get(f"{yahoo.url}/v1/test/getcrumb?a=b").text == "a-crumb"
    session.close()


@needs_real
def test_real_charts_keep_split_and_dividends(pulls: Pulls, yahoo: YahooServer) -> None:
    for symbol, name in (("NVDA", "split"), ("MSFT", "dividends")):
        yahoo.charts[symbol] = _real(f"chart-{symbol}-{name}-2021-02-01-to-2022-01-31.json")
    pulls.pull("equities", "NVDA", "MSFT")
    rows = pulls.rows("equities")
    assert len(rows) == 504  # 252 sessions each, counted in the files
    assert {(row["session_date"], row["split_ratio"]) for row in rows if row["split_ratio"]} == {
        (date(2021, 7, 20), 4.0)
    }
    dividends = [(row["session_date"], row["dividend"]) for row in rows if row["symbol"] == "MSFT" and row["dividend"]]
    assert dividends == [
        (date(2021, 2, 17), 0.56),
        (date(2021, 5, 19), 0.56),
        (date(2021, 8, 18), 0.56),
        (date(2021, 11, 17), 0.62),
    ]
    quote = yahoo.charts["NVDA"]["chart"]["result"][0]["indicators"]["quote"][0]
    nvda = [row for row in rows if row["symbol"] == "NVDA"]
    assert [row["volume"] for row in nvda] == quote["volume"]
    # yfinance rounds to float32's digits; Yahoo sends the doubles of float32 numbers.
    assert all(abs(row["close"] / close - 1) < 1e-6 for row, close in zip(nvda, quote["close"], strict=True))
    assert all(row["is_final"] for row in rows)


@needs_real
def test_real_chains_are_kept_as_they_came(pulls: Pulls, yahoo: YahooServer) -> None:
    body = _real("options-AAPL.json")
    chain = body["optionChain"]["result"][0]["options"][0]
    body["optionChain"]["result"][0]["expirationDates"] = [chain["expirationDate"]]  # the file has this one chain
    yahoo.chains["AAPL"] = lambda _: body
    yahoo.chains["^VXAPL"] = lambda _: _real("options-^VXAPL.json")
    assert pulls.pull("options", "AAPL", "^VXAPL")
    rows = pulls.rows("options")
    contracts = [*chain["calls"], *chain["puts"]]
    assert [row["contract_symbol"] for row in rows] == [contract["contractSymbol"] for contract in contracts]
    for name, theirs in (("bid", "bid"), ("volume", "volume"), ("open_interest", "openInterest")):
        assert [row[name] for row in rows] == [contract.get(theirs) for contract in contracts]
    assert {row["spot"] for row in rows} == {245.55}
    assert pulls.last_run["message"] == "empty: ^VXAPL"


def _real(name: str) -> Body:
    body: Body = json.loads(Path(REAL / name).read_text())
    return body
