"""Every endpoint against a query by hand on the same build: the demo market, really ingested and really built."""

from datetime import UTC, datetime

import duckdb
import httpx
import pytest

from quant.settings import Settings
from tests.api.answers import answered, by_hand

CONTEXT = {
    "source",
    "symbol",
    "asset_class",
    "interval",
    "benchmark",
    "first_session_date",
    "session_date",
    "as_of",
    "n_obs",
    "periods_per_year",
    "risk_free_rate",
    "var_confidence",
    "ingest_run_id",
}


SYMBOLS = ["BTCUSDT", "ETHUSDT", "SPY", "NVDA"]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_metrics_are_the_newest_of_the_build(api: httpx.Client, build: duckdb.DuckDBPyConnection, symbol: str) -> None:
    body = answered(api, f"/metrics/{symbol}")
    rows = by_hand(
        build, f"select * from serving.latest_metrics where symbol = '{symbol}' and interval = '1d' order by metric"
    )
    assert len(rows) > 5
    expected = {row["metric"]: {key: row[key] for key in ("value", "unit", "as_of", "ingest_run_id")} for row in rows}
    assert body["metrics"] == expected
    assert body["periods_per_year"] == (365 if symbol.endswith("USDT") else 252)  # 24/7 against exchange sessions
    assert body["price"]["price"] > 0


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_risk_is_the_row_of_the_build(api: httpx.Client, build: duckdb.DuckDBPyConnection, symbol: str) -> None:
    body = answered(api, f"/risk/{symbol}")
    (row,) = by_hand(build, f"select * from serving.latest_risk where symbol = '{symbol}'")
    assert {name: metric["value"] for name, metric in body["metrics"].items()} == {
        name: value for name, value in row.items() if name not in CONTEXT
    }
    assert {name: body[name] for name in CONTEXT - {"ingest_run_id"}} == {
        name: row[name] for name in CONTEXT - {"ingest_run_id"}
    }
    assert body["metrics"]["sharpe"]["unit"] is not None


def test_options_are_the_chain_of_the_build(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    body = answered(api, "/options/spy?limit=20000")
    rows = by_hand(
        build,
        "select * exclude (source, underlying) from serving.option_quotes where underlying = 'SPY' "
        "order by expiry_on, strike, is_call desc",
    )
    assert len(rows) > 50
    assert body["quotes"] == rows
    assert body["surface"] == by_hand(
        build,
        "select * exclude (source, underlying) from serving.option_surface where underlying = 'SPY' "
        "order by expiry_on, strike",
    )
    assert body["is_truncated"] is False
    assert sum(expiry["count_quotes"] for expiry in body["expiries"]) == len(rows)


def test_one_expiry_is_part_of_the_chain(api: httpx.Client) -> None:
    whole = answered(api, "/options/SPY?limit=20000")
    expiry = whole["expiries"][1]["expiry_on"]
    part = answered(api, f"/options/SPY?limit=20000&expiry={expiry}")
    for kind in ("quotes", "surface"):
        assert part[kind] == [item for item in whole[kind] if item["expiry_on"] == expiry]
    assert part["expiries"] == whole["expiries"]
    cut = answered(api, f"/options/SPY?limit=3&expiry={expiry}")
    assert (cut["quotes"], cut["is_truncated"]) == (part["quotes"][:3], True)


def test_signals_are_the_newest_of_the_build(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    body = answered(api, "/signals?limit=50")
    newest_first = ", ".join(
        f"{key} desc" for key in ("end_ts", "ts", "rule", "source", "symbol", "interval", "signal_id")
    )
    rows = by_hand(build, f"select * from serving.recent_signals order by {newest_first} limit 50")
    assert rows
    assert body["signals"] == rows


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_final_bars_are_those_of_the_build(api: httpx.Client, build: duckdb.DuckDBPyConnection, symbol: str) -> None:
    body = answered(api, f"/bars/{symbol}?limit=10000")
    (counted,) = by_hand(
        build,
        f"select count(*) as n, sum(close) as closes from serving.bars where symbol = '{symbol}' and interval = '1d' "
        "and is_final",
    )
    final = [bar for bar in body["bars"] if bar["is_final"]]
    assert len(final) == counted["n"] > 200
    assert sum(bar["close"] for bar in final) == pytest.approx(counted["closes"], rel=1e-12)
    assert [bar["ts"] for bar in body["bars"]] == sorted(bar["ts"] for bar in body["bars"])
    assert datetime.fromisoformat(body["as_of"]) <= datetime.now(UTC)


def test_catalogue_describes_every_metric_that_is_answered(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    body = answered(api, "/catalog")
    assert body["metrics"] == by_hand(build, "select * from meta.catalog order by relation, metric")
    known = {entry["metric"] for entry in body["metrics"]}
    for path in ("/metrics/SPY", "/risk/SPY"):
        assert answered(api, path)["metrics"].keys() <= known


@pytest.mark.parametrize(
    "path", ["/metrics/SPY", "/risk/SPY", "/bars/SPY", "/options/SPY", "/signals", "/symbols", "/catalog", "/health"]
)
def test_every_body_says_its_build_and_that_it_is_a_demo(
    api: httpx.Client, demo_warehouse: Settings, path: str
) -> None:
    body = answered(api, path)
    assert body["demo"] is True
    assert body["build_id"] == demo_warehouse.market_path.resolve().parent.name
    if path not in {"/catalog", "/health"}:
        sources = [body["source"]] if "source" in body else [row["source"] for row in body.get("symbols", [])]
        assert all(source.startswith("demo-") for source in sources + body.get("sources", []))


def test_health_knows_every_dataset(api: httpx.Client, demo_warehouse: Settings) -> None:
    body = answered(api, "/health")
    known = {(row["dataset"], row["symbol"]) for row in body["sources"]}
    expected = {("trades", symbol) for symbol in demo_warehouse.crypto.symbols}
    expected |= {("klines", symbol) for symbol in demo_warehouse.crypto.symbols}
    expected |= {("equities", symbol) for symbol in demo_warehouse.equities.symbols}
    expected |= {("options", symbol) for symbol in demo_warehouse.options.underlyings}
    assert known == expected
    assert body["build"]["kind"] == "full"
    assert body["findings"] == {}, "the demo market has a quality finding"
