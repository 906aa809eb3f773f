"""Relations that serve what models store: the same rows, found in other ways too."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import yaml

from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build

MODELS = yaml.safe_load((PROJECT_PATH / "models/serving/serving_metrics.yml").read_text())["models"][0]["config"][
    "meta"
]
KEY = {"source": "demo-yahoo", "symbol": "NVDA", "interval": "1d"}
BY_KEY = "series_id = series_id_of($source, $symbol, $interval)"


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


def rows(build: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> list[tuple[Any, ...]]:
    return build.execute(query, parameters).fetchall()


@pytest.mark.parametrize("model", MODELS["columns_of"])
def test_metric_history_is_the_stored_rows(build: duckdb.DuckDBPyConnection, model: str) -> None:
    schema = "pairs" if model == "benchmark_exposure" else "metrics"
    columns = [
        name for (name, *_) in rows(build, f"describe {schema}.{model}") if name not in MODELS["columns_without"]
    ]
    ours = f"select {', '.join(columns)} from serving.metrics semi join {schema}.{model} using (series_id, ts)"
    stored = f"select {', '.join(columns)} from {schema}.{model}"
    assert rows(build, f"({ours}) except all ({stored})") == rows(build, f"({stored}) except all ({ours})") == []
    assert rows(build, f"select count(*) > 100 from {schema}.{model}") == [(True,)]


def test_metric_history_has_every_final_bar_once(build: duckdb.DuckDBPyConnection) -> None:
    bar = "source, symbol, interval, ts, end_ts, session_date, open, high, low, close, adj_close, volume"
    ours, bars = (f"select {bar} from serving.{relation} order by all" for relation in ("metrics", "final_bars"))
    assert rows(build, ours) == rows(build, bars)
    assert rows(build, "select count(*) from serving.metrics where ingest_run_id is null") == [(0,)]


def test_the_newest_of_metric_history_are_the_latest_metrics(build: duckdb.DuckDBPyConnection) -> None:
    described = {name for (name, *_) in rows(build, "describe serving.metrics")}
    metrics = sorted(
        {name for (name,) in rows(build, "select distinct metric from serving.latest_metrics")} & described
    )
    assert len(metrics) > 20
    newest = "qualify row_number() over (partition by series_id order by ts desc) = 1"
    wide = f"select source, symbol, interval, {', '.join(metrics)} from serving.metrics {newest} order by all"
    pivoted = ", ".join(f"any_value(value) filter (metric = '{metric}')" for metric in metrics)
    latest = f"select source, symbol, interval, {pivoted} from serving.latest_metrics group by all order by all"
    assert rows(build, wide) == rows(build, latest)


def test_a_series_asked_for_by_its_key_is_read_alone(build: duckdb.DuckDBPyConnection) -> None:
    """Bound parameters come to each table as a constant; without it 500 symbols cost a second."""
    query = f"explain select * from serving.metrics where {BY_KEY}"
    [(key,)] = rows(build, "select series_id_of($source, $symbol, $interval)", **KEY)
    [(_, plan)] = rows(build, query, **KEY)
    assert plan.count(f"series_id = {key}") == len(MODELS["columns_of"]) + 1


@pytest.mark.parametrize(
    ("relation", "stored"),
    [
        ("var_backtests", "metrics.var_backtest"),
        ("volatility_cones", "metrics.volatility_cone"),
        ("autocorrelations", "metrics.dependence"),
        ("seasonality", "metrics.seasonality"),
        ("levels", "metrics.levels"),
        ("series_tests", "metrics.stationarity"),
    ],
)
def test_figures_of_a_series_have_its_name(build: duckdb.DuckDBPyConnection, relation: str, stored: str) -> None:
    named = f"select series_id_of(source, symbol, interval) as series_id, * from serving.{relation}"
    columns = [name for (name, *_) in rows(build, f"describe {stored}") if name != "history"]
    ours, theirs = (f"select {', '.join(columns)} from {each} order by all" for each in (f"({named})", stored))
    assert rows(build, ours) == rows(build, theirs) != []


def test_a_months_return_is_that_of_its_last_price_over_the_one_before(build: duckdb.DuckDBPyConnection) -> None:
    by_prices = (
        "select source, symbol, date_trunc('month', session_date)::date as month_on, "
        "arg_max(adj_close, session_date) as price from serving.final_bars where interval = '1d' group by all"
    )
    compared = rows(
        build,
        "with months as (select *, price / lag(price) over (partition by source, symbol order by month_on) - 1 as "
        f"earned from ({by_prices})) select count(*), max(abs(monthly_return - earned)) from serving.monthly_returns "
        "inner join months using (source, symbol, month_on) where earned is not null",
    )
    assert compared[0][0] > 100 and compared[0][1] < 1e-12
    compounded = (
        "select symbol as portfolio, product(1 + monthly_return) - 1 as compounded from serving.monthly_returns "
        "where source = 'portfolio' group by symbol"
    )
    [(error,)] = rows(
        build,
        "select max(abs(total_return - compounded)) from serving.portfolio_summary "
        f"inner join ({compounded}) using (portfolio)",
    )
    assert error < 1e-12


def test_the_deepest_fall_is_the_maximum_drawdown(build: duckdb.DuckDBPyConnection) -> None:
    deepest = (
        "select source, symbol, depth from serving.drawdown_episodes where rank = 1 and interval = '1d' order by all"
    )
    known = (
        "select source, symbol, max_drawdown from serving.latest_risk union all "
        "select 'portfolio', portfolio, max_drawdown from serving.portfolio_summary where max_drawdown < 0 order by all"
    )
    assert rows(build, deepest) == [
        (source, symbol, pytest.approx(depth, rel=1e-12)) for source, symbol, depth in rows(build, known)
    ]
