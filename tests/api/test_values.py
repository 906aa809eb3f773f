"""What is between the database and the reader: nothing, but for NaN, which JSON does not have."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import httpx

NOW = datetime(2026, 11, 20, 21, tzinfo=UTC)
SERIES: dict[str, object] = {"source": "yahoo", "symbol": "AAPL", "asset_class": "equity"}
DAILY = {**SERIES, "interval": "1d", "as_of": NOW, "periods_per_year": 252.0}


def refuse_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is not JSON")


def test_a_double_survives_to_its_last_digit(client: httpx.Client, publish: Callable[..., str]) -> None:
    value = 0.1 + 0.2  # 0.30000000000000004: the shortest text that reads back as this double
    publish({"serving.latest_metrics": [{**DAILY, "metric": "sharpe", "value": value}]})
    assert client.get("/metrics/AAPL").json()["metrics"]["sharpe"]["value"] == value


def test_null_and_nan_are_null(client: httpx.Client, publish: Callable[..., str]) -> None:
    rows = [
        {**DAILY, "metric": "sharpe", "value": None},
        {**DAILY, "metric": "beta", "value": float("nan")},
        {**DAILY, "metric": "calmar", "value": float("inf")},
    ]
    publish({"serving.latest_metrics": rows})
    body = json.loads(client.get("/metrics/AAPL").text, parse_constant=refuse_constant)
    assert {name: metric["value"] for name, metric in body["metrics"].items()} == {
        "sharpe": None,
        "beta": None,
        "calmar": None,
    }


def test_risk_lists_every_metric_of_its_relation_with_its_unit(
    client: httpx.Client, publish: Callable[..., str]
) -> None:
    known = {**DAILY, "n_obs": 251, "sharpe": 1.25, "max_drawdown": -0.5, "ingest_run_id": "run-1"}
    catalog = [{"metric": "sharpe", "relation": "serving.latest_risk", "unit": "1"}]
    publish(
        {
            "serving.latest_metrics": [{**DAILY, "metric": "close", "value": 1.0}],
            "serving.latest_risk": [known],
            "meta.catalog": catalog,
        }
    )
    body = client.get("/risk/AAPL").json()
    assert (body["n_obs"], body["periods_per_year"], body["as_of"]) == (251, 252.0, "2026-11-20T21:00:00Z")
    run = {"as_of": "2026-11-20T21:00:00Z", "ingest_run_id": "run-1"}
    assert body["metrics"]["sharpe"] == {"value": 1.25, "unit": "1", **run}
    assert body["metrics"]["max_drawdown"] == {"value": -0.5, "unit": None, **run}
    assert body["metrics"]["sortino"]["value"] is None


def test_a_symbol_without_enough_history_has_an_empty_risk(client: httpx.Client, publish: Callable[..., str]) -> None:
    publish({"serving.latest_metrics": [{**DAILY, "metric": "close", "value": 1.0}]})
    body = client.get("/risk/AAPL").json()
    assert (body["metrics"], body["as_of"], body["n_obs"]) == ({}, None, None)


def test_a_symbol_that_came_after_the_build_has_a_price(client: httpx.Client, publish: Callable[..., str]) -> None:
    price = {**SERIES, "symbol": "NEWUSDT", "ts": NOW, "price": 2.5, "trade_id": 7, "is_live": True}
    publish({"serving.latest_prices": [price]})
    body = client.get("/metrics/newusdt").json()
    assert (body["price"]["price"], body["price"]["trade_id"], body["metrics"]) == (2.5, 7, {})


def test_signals_are_filtered_and_counted_from_the_newest(client: httpx.Client, publish: Callable[..., str]) -> None:
    signals = [
        {
            **SERIES,
            "signal_id": f"{rule}-{day}",
            "rule": rule,
            "interval": "1d",
            "ts": NOW.replace(day=day),
            "end_ts": NOW.replace(day=day),
            "direction": "up",
        }
        for day in (3, 5, 4)
        for rule in ("golden_cross", "vol_regime")
    ]
    rules = [{"rule": rule} for rule in ("golden_cross", "never_fired", "vol_regime")]
    publish(
        {
            "serving.recent_signals": signals,
            "serving.signal_rules": rules,
            "serving.latest_metrics": [{**DAILY, "metric": "close"}],
        }
    )
    body = client.get("/signals?symbol=aapl&rule=vol_regime&limit=2").json()
    assert [signal["signal_id"] for signal in body["signals"]] == ["vol_regime-5", "vol_regime-4"]
    assert (body["rules"], body["sources"]) == (["golden_cross", "never_fired", "vol_regime"], ["yahoo"])
    assert client.get("/signals?rule=never_fired").json()["signals"] == []
    assert len(client.get("/signals?source=yahoo").json()["signals"]) == 6


def test_the_newest_signal_is_the_last_that_was_known(client: httpx.Client, publish: Callable[..., str]) -> None:
    """A week that ended today began before yesterday's minute: of a limited answer it must not be cut off."""
    spans = {"1m": (5, 5), "1w": (1, 6)}
    signals = [
        {
            **SERIES,
            "signal_id": interval,
            "rule": "sma_cross",
            "interval": interval,
            "ts": NOW.replace(day=first),
            "end_ts": NOW.replace(day=last),
            "direction": "up",
        }
        for interval, (first, last) in spans.items()
    ]
    publish({"serving.recent_signals": signals})
    assert [signal["signal_id"] for signal in client.get("/signals?limit=1").json()["signals"]] == ["1w"]


def bar(day: int, is_final: bool) -> dict[str, object]:
    """A session of 14:30 to 21:00; an open one holds what was known at 18:00."""
    start, end, known = (
        NOW.replace(day=day, hour=hour, minute=minute) for hour, minute in ((14, 30), (21, 0), (18, 0))
    )
    instants = {"ts": start, "end_ts": end, "as_of": end if is_final else known, "session_date": start.date()}
    return {
        **SERIES,
        **instants,
        "interval": "1d",
        "close": float(day),
        "is_final": is_final,
        "periods_per_year": 252.0,
    }


def test_bars_are_the_newest_oldest_first(client: httpx.Client, publish: Callable[..., str]) -> None:
    bars = [bar(1, True), bar(3, True), bar(2, True)]
    publish({"serving.bars": bars, "serving.latest_metrics": [{**DAILY, "metric": "close"}]})
    body = client.get("/bars/AAPL?limit=2").json()
    assert [bar["close"] for bar in body["bars"]] == [2.0, 3.0]
    assert body["as_of"] == "2026-11-03T21:00:00Z"


def test_an_open_bar_is_as_old_as_what_it_holds(client: httpx.Client, publish: Callable[..., str]) -> None:
    """Its end lies in the future: nothing is known of then."""
    publish({"serving.bars": [bar(2, True), bar(3, False)], "serving.latest_metrics": [{**DAILY, "metric": "close"}]})
    body = client.get("/bars/AAPL").json()
    assert body["as_of"] == body["bars"][-1]["as_of"] == "2026-11-03T18:00:00Z"
    assert body["bars"][-1]["end_ts"] == "2026-11-03T21:00:00Z"
