"""What is not answered, and whether the refusal helps."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx
import pytest

from quant.settings import Settings

NOW = datetime(2026, 11, 20, 21, tzinfo=UTC)


def metric(symbol: str, source: str = "yahoo") -> dict[str, object]:
    return {
        "source": source,
        "symbol": symbol,
        "asset_class": "equity",
        "interval": "1d",
        "metric": "sharpe",
        "value": 1.5,
        "unit": "1",
        "as_of": NOW,
        "periods_per_year": 252.0,
    }


def bar(symbol: str) -> dict[str, object]:
    series = {"source": "yahoo", "symbol": symbol, "asset_class": "equity", "interval": "1d"}
    return {**series, "ts": NOW, "end_ts": NOW, "session_date": NOW.date(), "is_final": True}


def signal(symbol: str) -> dict[str, object]:
    series = {"source": "yahoo", "symbol": symbol, "asset_class": "equity", "interval": "1d"}
    event = {"signal_id": symbol, "rule": "sma_cross", "ts": NOW, "end_ts": NOW, "direction": "up"}
    return {**series, **event}


def quote(underlying: str, expiry: date) -> dict[str, object]:
    return {
        "source": "yahoo",
        "underlying": underlying,
        "contract_symbol": f"{underlying}{expiry:%y%m%d}C00100000",
        "expiry_on": expiry,
        "expires_at": NOW,
        "is_call": True,
        "strike": 100.0,
        "quoted_at": NOW,
        "fetched_at": NOW,
        "ingest_run_id": "run",
    }


def snapshot(underlying: str) -> dict[str, object]:
    counted = {"count_expiries": 1, "count_quotes": 1, "count_two_sided": 0, "count_priced": 0}
    chain = {"source": "yahoo", "underlying": underlying, "ingest_run_id": "run"}
    return {**chain, **counted, "quoted_at": NOW, "fetched_at": NOW, "is_newest": True}


@pytest.fixture(scope="module")
def api(shared_client: httpx.Client, shared_settings: Settings, publish_into: Callable[..., str]) -> httpx.Client:
    """AAPL from one source, DUAL from two, NEW of which only a price is known, options of SPY for one expiry."""
    new = {"source": "yahoo", "symbol": "NEW", "asset_class": "equity", "ts": NOW, "price": 2.5, "is_live": True}
    publish_into(
        shared_settings,
        {
            "serving.latest_prices": [new],
            "serving.bars": [bar("AAPL")],
            "serving.recent_signals": [signal("AAPL")],
            "serving.signal_rules": [{"rule": "sma_cross"}],
            "serving.latest_metrics": [metric("AAPL"), metric("MSFT"), metric("DUAL"), metric("DUAL", "other")],
            "serving.option_snapshots": [snapshot("SPY")],
            "serving.option_chains": [{"source": "yahoo", "underlying": "SPY"}],
            "serving.option_snapshot_quotes": [quote("SPY", date(2026, 12, 18))],
        },
    )
    return shared_client


def refused(answer: httpx.Response, status: int) -> dict[str, object]:
    """The problem document, after a check of what RFC 9457 asks of each."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    return problem


@pytest.mark.parametrize("path", ["/metrics/APPL", "/risk/APPL", "/bars/APPL", "/signals?symbol=APPL"])
def test_an_unknown_symbol_names_the_known_ones_the_nearest_first(api: httpx.Client, path: str) -> None:
    problem = refused(api.get(path), 404)
    assert problem["known"] == ["AAPL", "DUAL", "MSFT", "NEW"]
    assert "did you mean AAPL? Known are" in str(problem["detail"])
    assert "ZZZ is unknown; known are AAPL" in str(refused(api.get(path.replace("APPL", "ZZZ")), 404)["detail"])


def test_an_unknown_underlying_names_those_with_a_chain(api: httpx.Client) -> None:
    assert refused(api.get("/options/AAPL"), 404)["known"] == ["SPY"]


def test_an_expiry_that_is_not_listed_names_the_listed_ones(api: httpx.Client) -> None:
    problem = refused(api.get("/options/SPY?expiry=2026-12-19"), 404)
    assert problem["known"] == ["2026-12-18"]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/signals?rule=nope", ["sma_cross"]),
        ("/signals?source=nope", ["other", "yahoo"]),
        ("/signals?symbol=AAPL&source=other", ["yahoo"]),
        ("/metrics/AAPL?interval=1m", ["1d"]),
        ("/bars/AAPL?interval=1m", ["1d"]),
        ("/metrics/NEW?interval=1m", []),
    ],
)
def test_a_filter_that_these_data_do_not_have_names_those_that_they_have(
    api: httpx.Client, path: str, known: list[str]
) -> None:
    problem = refused(api.get(path), 404)
    assert problem["known"] == known
    assert (", ".join(known) or "quant build") in str(problem["detail"])


@pytest.mark.parametrize("path", ["/bars/AAPL", "/metrics/AAPL", "/signals", "/metrics/AAPL/history", "/catalog"])
def test_an_unknown_field_is_404_everywhere_with_those_that_there_are(api: httpx.Client, path: str) -> None:
    problem = refused(api.get(f"{path}?fields=close,sharp"), 404)
    assert "is no field of this answer" in str(problem["detail"]) and problem["known"]


def test_the_default_interval_is_never_refused(api: httpx.Client) -> None:
    """A coin of today has a live price before its first final bar."""
    assert api.get("/metrics/NEW").json()["price"]["price"] == 2.5
    assert api.get("/bars/NEW").json()["bars"] == []


def test_a_filter_that_matches_nothing_yet_is_an_empty_answer(api: httpx.Client) -> None:
    assert api.get("/signals?rule=sma_cross&source=other").json()["signals"] == []


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("/metrics/AAPL?interval=2h", "'1d' or '1w'"),
        ("/metrics/AAPL?intervall=1m", "parameter intervall is unknown: did you mean interval?"),
        ("/bars/AAPL?limit=0", "greater than or equal to 1"),
        ("/bars/AAPL?limit=many", "valid integer"),
        ("/signals?limit=1000000", "less than or equal to 100000"),
        ("/signals?since=2026-11-20T00:00", "give an instant like 2026-11-20T00:00Z"),
        ("/signals?since=yesterday", "give one like 2026-11-20T14:30Z"),
        ("/options/SPY?expiry=tomorrow", "give one like 2026-11-20"),
        ("/symbols?limits=1", "parameter limits is unknown: did you mean limit?"),
        ("/signals?symbl=SPY", "parameter symbl is unknown: did you mean symbol?"),
        ("/signals?a&b&c&d&e&f&g", "; and 2 more"),
        ("/bars/AAPL?interval=1day", "did you mean 1d?"),
        ("/signals?kind=markt", "did you mean market?"),
        ("/bars/AAPL?limit=3&limit=2", "parameter limit is given 2 times: give it once"),
        ("/signals?fields=rule&fields=symbol", "separate its values by commas"),
        ("/stream/AAPL?events=bar&events=price", "parameter events is given 2 times"),
    ],
)
def test_a_bad_parameter_is_named_with_its_remedy(api: httpx.Client, path: str, remedy: str) -> None:
    assert remedy in str(refused(api.get(path), 422)["detail"])


def test_a_date_begins_at_its_midnight_in_utc(api: httpx.Client) -> None:
    """The one signal was knowable at 21:00 UTC of 20 November."""
    found = [len(api.get(f"/signals?since={day}").json()["signals"]) for day in ("2026-11-20", "2026-11-21")]
    assert found == [1, 0]


def test_a_date_at_the_end_is_included_whole_and_an_instant_is_not(api: httpx.Client) -> None:
    """The bar begins, and the signal was knowable, at 21:00 UTC of 20 November."""
    for path, noun in (("/bars/AAPL", "bars"), ("/signals", "signals")):
        ends = ("2026-11-19", "2026-11-20", "2026-11-20T21:00Z", "2026-11-20T21:00:00.000001Z", "9999-12-31")
        found = [len(api.get(path, params={"to": end}).json()[noun]) for end in ends]
        assert found == [0, 1, 0, 1, 1]
        assert len(api.get(f"{path}?from=2026-11-20&to=2026-11-20").json()[noun]) == 1


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/bars/AAPL", "2026-11-21", "2026-11-20"),
        ("/bars/AAPL", "2026-11-20T21:00Z", "2026-11-20T21:00Z"),
        ("/signals", "2026-11-21", "2026-11-20"),
        ("/options/SPY/snapshots", "2026-11-21", "2026-11-20"),
        ("/options/SPY/history", "2026-11-21", "2026-11-20"),
        ("/drawdowns/AAPL", "2026-11-21", "2026-11-20"),
        ("/correlation/AAPL/MSFT", "2026-11-21", "2026-11-20"),
    ],
)
def test_a_range_that_ends_before_it_begins_is_refused(api: httpx.Client, path: str, first: str, last: str) -> None:
    detail = str(refused(api.get(path, params={"from": first, "to": last}), 404)["detail"])
    assert f"from = {first}" in detail.replace("T00:00:00Z", "").replace(":00:00Z", ":00Z")
    assert "exchange them" in detail


def test_sources_of_signals_are_said_whatever_the_fields(api: httpx.Client) -> None:
    assert api.get("/signals?fields=rule").json()["sources"] == ["yahoo"]


def test_two_sources_of_a_symbol_are_never_chosen_silently(api: httpx.Client) -> None:
    problem = refused(api.get("/metrics/DUAL"), 422)
    assert problem["known"] == ["other", "yahoo"]
    assert "add ?source=" in str(problem["detail"])
    assert api.get("/metrics/DUAL?source=other").json()["source"] == "other"
    assert refused(api.get("/metrics/DUAL?source=binance"), 404)["known"] == ["other", "yahoo"]


@pytest.mark.parametrize("spelling", ["aapl", "AAPL", "aApL"])
def test_upper_and_lower_case_are_the_same_symbol(api: httpx.Client, spelling: str) -> None:
    assert api.get(f"/metrics/{spelling}").json()["symbol"] == "AAPL"
    assert api.get(f"/signals?symbol={spelling}").status_code == 200


@pytest.mark.parametrize("symbol", ["%00", "'; drop table x --", "%F0%9F%92%B0", "A" * 5000, "%25", "..%2F..%2Fetc"])
def test_no_spelling_of_a_symbol_is_a_fault(api: httpx.Client, symbol: str) -> None:
    refused(api.get(f"/metrics/{symbol}"), 404)


def test_an_unknown_path_and_a_wrong_method_are_problems_too(api: httpx.Client) -> None:
    assert "no such path; / lists the endpoints" in str(refused(api.get("/nothing/at/all"), 404)["detail"])
    near = refused(api.get("/metric/AAPL"), 404)
    assert ("did you mean /metrics/AAPL?" in str(near["detail"]), near["known"]) == (True, ["/metrics/AAPL"])
    assert refused(api.get("/options/SPY/smiles"), 404)["known"] == ["/options/SPY/smile"]
    assert "use GET" in str(refused(api.post("/metrics/AAPL"), 405)["detail"])
