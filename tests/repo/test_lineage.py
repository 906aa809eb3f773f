"""meta.lineage of a whole build: every promised column leads to the record or the configuration, or is a constant."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from quant.settings import Settings
from quant.warehouse import open_build

CONTRACT: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("contract.yml").read_text())
WRITTEN_BY_THE_BUILDER = {"meta.builds", "meta.lineage", "meta.formulas"}
# Words and numbers that the models say themselves; numbers of config.yaml reach them as literals.
CONSTANTS = {
    "meta.catalog": {"relation", "stored_in", "unit", "source", "range"},
    "meta.quality": {"finding"},
    "serving.autocorrelations": {"interval"},
    "serving.benchmark_bars": {"interval"},
    "serving.coarse_crypto_bars": {"is_final"},
    "serving.correlations": {"interval"},
    "serving.drawdown": {"interval"},
    "serving.equity_prices": {"asset_class", "is_live", "trade_id"},
    "serving.factor_exposures": {"factor_set", "frequency"},
    "serving.factor_returns": {"factor_set"},
    "serving.final_bars": {"interval"},
    "serving.final_signals": {"rule", "kind", "interval", "is_of_price"},
    "serving.health": {"dataset"},
    "serving.latest_metrics": {"interval", "metric", "unit"},
    "serving.latest_risk": {"interval", "risk_free_rate", "var_confidence"},
    "serving.levels": {"interval", "kind"},
    "serving.option_snapshot_maturities": {"days"},
    "serving.portfolio_stakes": {"fraction"},
    "serving.recent_signals": {"rule", "kind", "interval", "is_of_price"},
    "serving.seasonality": {"interval", "period"},
    "serving.series_tests": {"interval"},
    "serving.signal_outcomes": {"rule", "interval"},
    "serving.var_backtests": {"interval", "confidence_level"},
    "serving.volatility_cones": {"interval", "window_bars"},
}
# By hand: columns that must be among the origins, and datasets that must not.
KNOWN = {
    ("serving.latest_risk", "sharpe"): (
        {"raw.equities.close", "raw.equities.dividend", "raw.equities.split_ratio", "raw.klines.close",
         "config.asset_classes.days_per_year"},
        {"options", "ledger"},
    ),
    ("serving.option_quotes", "delta"): (
        {"raw.options.bid", "raw.options.ask", "raw.options.strike", "raw.options.spot", "raw.options.is_call",
         "raw.options.expires_at", "config.rates.rate", "config.dividend_yields.dividend_yield"},
        {"trades", "klines", "ledger"},
    ),
    ("serving.bars", "bar_vwap"): (
        {"raw.trades_closed.price", "raw.trades_closed.size", "raw.trades_tail.price", "raw.trades_tail.size",
         "raw.klines.quote_volume", "raw.klines.volume"},
        {"options"},
    ),
    ("serving.recent_trades", "size"): (
        {"raw.trades_closed.size", "raw.trades_tail.size"}, {"klines", "equities", "options", "config", "ledger"}
    ),
    ("serving.portfolio_summary", "weighting"): ({"config.portfolios.weighting"}, {"trades", "equities", "options"}),
    ("meta.gaps", "reason"): ({"raw.gaps.reason"}, {"trades", "klines", "equities", "options", "config"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


def test_every_promised_column_comes_from_the_record_the_configuration_or_is_a_constant(
    build: duckdb.DuckDBPyConnection,
) -> None:
    found = "select distinct relation, column_name from meta.lineage where kind = 'origin' and dataset is not null"
    led = set(build.execute(found).fetchall())
    promised = CONTRACT.keys() - WRITTEN_BY_THE_BUILDER
    lost = {relation: {name for name in CONTRACT[relation] if (relation, name) not in led} for relation in promised}
    assert {relation: names for relation, names in lost.items() if names} == CONSTANTS


def test_every_step_is_certain_and_ends_in_a_column_that_is_there(build: duckdb.DuckDBPyConnection) -> None:
    assert build.execute("from meta.lineage where not is_exact").fetchall() == []
    absent = build.execute(
        "select distinct parent_relation, parent_column from meta.lineage anti join duckdb_columns() as columns "
        "on parent_relation = schema_name || '.' || table_name and parent_column in (columns.column_name, '*') "
        "where parent_relation not like 'raw.%'"
    ).fetchall()
    assert absent == []


@pytest.mark.parametrize("column", KNOWN, ids=".".join)
def test_known_columns_come_from_where_a_person_says(build: duckdb.DuckDBPyConnection, column: tuple[str, str]) -> None:
    rows = build.execute(
        "select parent_relation || '.' || parent_column, dataset from meta.lineage "
        "where kind = 'origin' and relation = $1 and column_name = $2", column
    ).fetchall()  # fmt: skip
    expected, foreign = KNOWN[column]
    assert expected <= {name for name, _ in rows}
    assert {dataset for _, dataset in rows} & foreign == set()
