"""Any metric, any parameters, the caller's bars: the same formulas as in a build, in a database of this process."""

import threading
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from quant.arguments import sql_arguments
from quant.bars_per_year import refuse_or_doubt, refuse_unknown
from quant.chain_computation import ASKED_OF_ALL, computed_chain
from quant.configuration import asset_class_table
from quant.errors import DataError, MetricError
from quant.formulas import load_formulas
from quant.given import Given, take
from quant.given_bars import (
    BARS,
    FACTORS,
    OPTIONAL,
    make_bars,
    make_benchmark,
    make_factors,
    make_trades,
    warn_of_finer_factors,
)
from quant.given_sources import in_one_line
from quant.metrics import CHAINS, GREEKS, Metric, metric_named
from quant.settings import load_settings
from quant.stored import explained_column
from quant.wording import relation
from udfs import register

STARTING = threading.Lock()
SERIES = ("symbol", "source", "interval")
PLACES = ("k", "a", "b")  # what tells the rows of one instant apart


def compute(
    metric: str, bars: object, quotes: object, benchmark: object, factors: object, parameters: dict[str, object]
) -> pa.Table:
    """The metric of these bars in the order of symbol and ts; see quant.compute."""
    asked = metric_asked(metric)
    if asked.is_of_options and quotes is None and "bars" not in asked.relations:
        bars, quotes = None, bars
    _check_relations(asked, {"bars": bars, "quotes": quotes, "benchmark": benchmark, "factors": factors})
    if asked.is_of_options:
        return _compute_of_options(asked, quotes, bars, parameters)
    arguments = sql_arguments(asked, parameters)
    with closing(_engine().cursor()) as cursor:
        given = _take_bars(cursor, asked, bars)
        if benchmark is not None:
            make_benchmark(cursor, _benchmark_of(cursor, benchmark))
        if factors is not None:
            returns = take(cursor, factors, "factors")
            make_factors(returns, FACTORS if asked.uses(("ff3_exposures",)) else ())
            warn_of_finer_factors(returns, str(parameters.get("freq", "monthly")))
        if asked.relations[0] == "bars":
            _refuse_unknown_members(cursor, asked, parameters)
            _refuse_what_is_absent(cursor, asked, arguments, given)
        try:
            found = cursor.sql(_call(asked, arguments)).to_arrow_table()
        except duckdb.Error as error:
            raise MetricError(f"{asked.name}: {in_one_line(error)}") from error
    return _ordered(found)


def _compute_of_options(asked: Metric, quotes: object, bars: object, parameters: dict[str, object]) -> pa.Table:
    chosen = {name: parameters[name] for name in ASKED_OF_ALL if name in parameters}
    arguments = sql_arguments(asked, {name: each for name, each in parameters.items() if name not in chosen})
    with closing(_engine().cursor()) as cursor:
        given = take(cursor, quotes, "quotes")
        if bars is not None:
            make_bars(take(cursor, bars, "bars"))
        try:
            return computed_chain(cursor, asked, given, arguments, chosen)
        except duckdb.Error as error:
            raise MetricError(f"{asked.name}: {in_one_line(error)}") from error


def metric_asked(name: str) -> Metric:
    """The metric of this id, in any case; a column of a build that is none is told as what it is."""
    try:
        return metric_named(name)
    except MetricError:
        if name.lower() not in GREEKS and (said := explained_column(load_settings(), name)):
            raise MetricError(said) from None
        raise


def _engine() -> duckdb.DuckDBPyConnection:
    """One database in memory for the process, made by its first call: formulas, functions, asset classes."""
    with STARTING:
        return _make_engine()


@cache
def _make_engine() -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect()
    engine.execute("set global TimeZone = 'UTC'")
    register(engine)
    load_formulas(engine)
    engine.register("asset_class_rows", asset_class_table(load_settings()))
    engine.execute("create table asset_classes as from asset_class_rows")
    engine.unregister("asset_class_rows")
    return engine


def _call(metric: Metric, arguments: list[str], bars: str = BARS) -> str:
    relations = [f"'{bars}'", *(f"'asked_{each}'" for each in metric.relations[1:])]
    return f"from {metric.name}({', '.join([*relations, *arguments])})"


def _check_relations(metric: Metric, given: dict[str, object]) -> None:
    taken = {"quotes" if name in CHAINS else "bars" if name == "trades" else name for name in metric.relations}
    for name, value in given.items():
        article = "" if name.endswith("s") else "a "
        if value is None and name in taken:
            raise MetricError(f"{metric.name} needs {article}{name}: give {relation(name)}")
        if value is not None and name not in taken:
            raise MetricError(f"{metric.name} takes no {name}: leave {relation(name)} out")


def _take_bars(cursor: duckdb.DuckDBPyConnection, metric: Metric, bars: object) -> Given:
    given = take(cursor, bars, "bars")
    if metric.relations[0] == "trades":
        make_trades(given)
    else:
        make_bars(given)
    return given


def _benchmark_of(cursor: duckdb.DuckDBPyConnection, benchmark: object) -> Given | str:
    """Rows of a benchmark's own, or the name of a symbol among the bars."""
    if isinstance(benchmark, str) and not Path(benchmark).is_file():
        symbols = _symbols(cursor)
        if benchmark in symbols:
            return benchmark
        named = ", ".join(symbols[:5])
        raise DataError(f"the benchmark {benchmark!r} is neither a file nor a symbol of the bars ({named})")
    return take(cursor, benchmark, "benchmark")


def _symbols(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    return [each for (each,) in cursor.execute(f"select distinct symbol from {BARS} order by symbol").fetchall()]


def _refuse_unknown_members(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Mapping[str, object]) -> None:
    """A weight or a group of nothing would be lost without a word, and a weight of two series would count twice."""
    symbols = _symbols(cursor)
    for name, value in given.items():
        if isinstance(value, Mapping) and (unknown := sorted(set(value) - set(symbols))):
            named = ", ".join(symbols[:5])
            raise MetricError(f"{metric.name}: {name} name {unknown[0]!r}, which is no symbol of the bars ({named})")
        if name.endswith("weights") and isinstance(value, Mapping) and (shared := _shared_symbol(cursor, value)):
            raise MetricError(f"{metric.name}: {name} name {shared!r}, which several sources have: keep one")


def _shared_symbol(cursor: duckdb.DuckDBPyConnection, named: Mapping[str, object]) -> str | None:
    query = f"select symbol from {BARS} group by symbol having count(distinct source) > 1 order by symbol"
    return next((each for (each,) in cursor.execute(query).fetchall() if each in named), None)


def _refuse_what_is_absent(
    cursor: duckdb.DuckDBPyConnection, metric: Metric, arguments: list[str], given: Given
) -> None:
    """A metric that reads a column which is not there, or the bars per year which nobody knows, is no row of NULLs."""
    call = _call(metric, arguments, "bars_without")
    absent = [column for column in OPTIONAL if not given.has(column)]
    if absent and _reads(cursor, call, absent):
        missing = next((column for column in absent if _reads(cursor, call, [column])), absent[0])
        raise DataError(f"{metric.name} needs the column {missing!r}, which {given.title} has not")
    is_said = any(each.startswith("ppy :=") and each != "ppy := null" for each in arguments)
    if not is_said:
        refuse_unknown(cursor, metric, BARS, lambda: _reads(cursor, call, ["periods_per_year"]))
        refuse_or_doubt(cursor, metric, given, BARS)


def _reads(cursor: duckdb.DuckDBPyConnection, call: str, columns: list[str]) -> bool:
    """Whether the metric cannot be bound to bars without these columns."""
    cursor.execute(f"create or replace temp table bars_without as from (from {BARS} limit 0)")
    for column in columns:
        cursor.execute(f"alter table bars_without drop column {column}")
    try:
        cursor.execute(f"explain {call}")
    except duckdb.BinderException:
        return True
    return False


def _ordered(found: pa.Table) -> pa.Table:
    """Symbol, ts, value and what else there is; source and interval only where the symbol does not tell the series."""
    several = [name for name in SERIES[1:] if name in found.schema.names and pc.count_distinct(found[name]).as_py() > 1]
    first = [name for name in ("symbol", *several, "ts", "value") if name in found.schema.names]
    table = found.select([*first, *(name for name in found.schema.names if name not in (*first, *SERIES))])
    if "value" in first:
        value = table.schema.get_field_index("value")
        table = table.set_column(value, "value", table["value"].cast(pa.float64()))
        keys = [name for name in (*first[:-1], *PLACES) if name in table.schema.names]
    else:
        keys = table.schema.names
    return table.sort_by([(name, "ascending") for name in keys])
