"""Every metric against independent programs, on real prices: the files of tests/golden/values, made by `make golden`.

The series are described in tests/golden/make_series.py; each row says the program, its version and the parameters.
"""

import json
from collections.abc import Iterator

import duckdb
import pytest

from quant.formulas import load_formulas
from quant.settings import PROJECT_PATH
from udfs import register

GOLDEN = PROJECT_PATH / "tests" / "golden"
TRUTH = f"read_parquet('{GOLDEN}/values/*.parquet')"

# Relative to the greater of 1 and the value. Another order of summation, a recursion, a series in a distribution
# function, an optimiser: each loses its digits.
TOLERANCES = {
    "window": 1e-10, "recursion": 1e-9, "p_value": 1e-6, "solved": 1e-8, "fitted_vol": 1e-4, "fitted": 1e-3
}  # fmt: skip
RECURSIVE = (
    "ema rma dema tema kama macd macd_signal macd_hist ppo rsi atr natr plus_di minus_di adx trix keltner_upper "
    "keltner_middle keltner_lower psar supertrend ewma_vol ewma_vol_forecast var_ewma kelly_exact_log"
).split()

# Metrics that are tables: which column of a row is k, which a. Their golden names are metric.column.
TABLE_KEYS = {
    "drawdown_episodes": "rank as k,",
    "seasonality": "period as a, period_value as k,",
    "volatility_cone": '"window" as k,',
    "var_backtest": "",
    "factor_exposure": "factor as a,",
}
# No golden value.
EXCEPTIONS = {
    "support_resistance",  # of our own making: no program has this rule. By hand in the tests of levels
}
KEYS = ("symbol", "a", "b", "k", "ts")

SERIES = f"""
    create table series as
    select 'x' as source, '1d' as interval, 252.0::double as periods_per_year, * from '{GOLDEN}/series.parquet';
    create table portfolio as from series where "case" = 'early';
    create table factors as from '{GOLDEN}/factors.parquet';
    create table trades as select 'x' as source, * from '{GOLDEN}/trades.parquet';
    create table early as from series where "case" = 'early' and role = 'bars';
    create table late as from series where "case" = 'late' and role = 'bars';
    create table early_benchmark as
    select series.* replace ('SPX' as symbol) from series where "case" = 'early' and role = 'benchmark';
    create table account as
    with dated as (
        select *, lag(ts) over (order by ts) as previous_ts, lead(ts) over (order by ts) as next_ts from early
    )
    select
        * exclude (previous_ts, next_ts),
        case when year(ts) = 2013 and year(next_ts) = 2014 then -20.0
             when quarter(ts) <> quarter(previous_ts) then 50.0 end as flow
    from dated;
    create table late_benchmark as
    select series.* replace ('IXIC' as symbol) from series where "case" = 'late' and role = 'benchmark';
"""


# A table macro over bars or trades is a metric; its second relation, if it takes one, comes next.
METRICS = """
    create table metrics as
    select distinct function_name as metric, parameters[1:2] as relations
    from duckdb_functions()
    where function_type = 'table_macro' and parameters[1] in ('bars', 'trades')
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Formulas, the golden series by case, and the truth."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(SERIES)
        connection.execute(f"create table truth as from {TRUTH}")
        connection.execute(METRICS)
        yield connection


def golden_sets() -> list[tuple[str, str, str]]:
    """Case, metric and parameters of everything that the files hold."""
    distinct = f'select distinct metric, "case", parameters from {TRUTH} order by all'
    return [(case, metric, parameters) for metric, case, parameters in duckdb.execute(distinct).fetchall()]


def tolerance(metric: str) -> float:
    if metric.endswith("_pvalue"):
        return TOLERANCES["p_value"]
    if metric.startswith("garch11_"):
        return TOLERANCES["fitted_vol" if metric == "garch11_vol" else "fitted"]
    if metric == "max_sharpe_weight":
        return TOLERANCES["solved"]
    return TOLERANCES["recursion" if metric in RECURSIVE else "window"]


def literal_of(value: object) -> str:
    """A number, a text, a list; an object is a map."""
    return f"map {value!r}" if isinstance(value, dict) else repr(value)


def call_of(database: duckdb.DuckDBPyConnection, case: str, metric: str, parameters: str) -> str:
    """The metric as a relation: its table macro on the bars of a case; of a table, one column."""
    name, _, column = metric.partition(".")
    row = database.execute("select relations from metrics where metric = ?", [name]).fetchone()
    assert row is not None, f"{name} is no table macro"
    second = {"benchmark": f", '{case}_benchmark'", "factors": ", 'factors'"}.get(row[0][-1], "")
    values = "".join(f', "{name}" := {literal_of(value)}' for name, value in json.loads(parameters).items())
    call = f"{name}('{case}'{second}{values})"
    return f'(select {TABLE_KEYS[name]} "{column}" as value from {call})' if column else call


@pytest.mark.parametrize(("case", "metric", "parameters"), golden_sets())
def test_metric_equals_the_independent_program(
    database: duckdb.DuckDBPyConnection, case: str, metric: str, parameters: str
) -> None:
    truth = 'select * from truth where "case" = ? and metric = ? and parameters = ?'
    known = ", ".join(f"count({key})" for key in KEYS)
    counts = database.execute(f"select {known} from ({truth})", [case, metric, parameters]).fetchall()[0]
    same = " and ".join(f"truth.{key} = ours.{key}" for key, count in zip(KEYS, counts, strict=True) if count) or "true"
    call = call_of(database, case, metric, parameters)
    count, rows, unknown, error = database.execute(
        f"with truth as ({truth}) select (select count(*) from truth), count(*), "
        "count_if((truth.value is null) <> (ours.value is null)), "
        "max(abs(truth.value - ours.value) / greatest(1, abs(truth.value))) "
        f"from truth left join {call} as ours on {same}",
        [case, metric, parameters],
    ).fetchall()[0]
    assert rows == count, "more than one row for a value"
    assert unknown == 0, f"{unknown} of {count} values are NULL here or there alone"
    assert error is None or error < tolerance(metric)


def test_every_metric_has_golden_values(database: duckdb.DuckDBPyConnection) -> None:
    """Both ways: a metric that nobody else computed, and golden values of a metric that is gone."""
    metrics = {name for (name,) in database.execute("select metric from metrics").fetchall()}
    golden = {metric.partition(".")[0] for _, metric, _ in golden_sets()}
    assert metrics - golden == EXCEPTIONS
    assert golden - metrics == set()


def test_golden_values_tell_their_origin(database: duckdb.DuckDBPyConnection) -> None:
    row = database.execute("select count_if(program = '' or version = '' or version is null) from truth").fetchall()[0]
    assert row == (0,)


def test_what_has_parameters_has_golden_values_of_two_sets(database: duckdb.DuckDBPyConnection) -> None:
    """Whoever ignores a parameter fails. The factors of ff3 come by the month only."""
    alone = (
        "select metric from truth where metric not like 'ff3%' group by metric "
        "having count(distinct parameters) = 1 and any_value(parameters) <> '{}'"
    )
    assert database.execute(alone).fetchall() == []
