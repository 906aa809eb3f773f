"""Metrics of option chains from the caller's quotes: priced once, by the formulas of the builds."""

import re
from numbers import Real

import duckdb
import pyarrow as pa

from quant.doubts import warn
from quant.errors import DataError, MetricError
from quant.given import Given
from quant.given_bars import BARS
from quant.given_quotes import OPTIONAL, make_quotes, require_prices
from quant.metrics import Metric
from quant.quote_doubts import QUOTES, doubt_forwards, doubt_quotes
from quant.settings import load_settings
from quant.wording import value

PRICED = "asked_priced"
CONSTANTS = ("rate", "dividend_yield")  # of all quotes, where no column says them
EXPIRY = "expiry_days"  # keeps the rows of the expiries that are so many days after the quotes
DAYS = "round(epoch(expires_at - quoted_at) / 86400)"  # from the quotes to their expiry
ASKED_OF_ALL = (*CONSTANTS, EXPIRY)
READ_THE_YIELD = ("implied_borrow", "put_call_parity_residual")
NOT_READ = {  # positions() is bound to both columns, and the metric is of one
    "put_call_ratio_oi": "volume",
    "put_call_ratio_volume": "open_interest",
    "call_wall": "volume",
    "put_wall": "volume",
}
REMEDIES = {
    "spot": "the price of the underlying at quoted_at",
    "open_interest": "the open contracts of each option",
    "volume": "the contracts of each option that traded on the day",
}
RENAMED = {"underlying": "symbol", "quoted_at": "ts"}
KEYS = ("symbol", "source", "ts", "expires_at", "strike", "is_call")


def computed_chain(
    cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, arguments: list[str], chosen: dict[str, object]
) -> pa.Table:
    """The metric in the order of symbol, ts, expires_at and strike; `chosen` are parameters that any of them takes."""
    constants = {name: _number(metric, name, chosen[name]) for name in CONSTANTS if name in chosen}
    days = _number(metric, EXPIRY, chosen[EXPIRY]) if EXPIRY in chosen else None
    absent = make_quotes(given, constants)
    relation = _relation(cursor, metric, given, absent)
    others = [f"'{BARS}'" for name in metric.relations if name == "bars"]
    call = f"{metric.name}({', '.join([f'{relation!r}', *others, *arguments])})"
    lacking = [column for column in OPTIONAL if column in absent and column != NOT_READ.get(metric.name)]
    if lacking and _reads(cursor, relation, call, lacking):
        read = next((column for column in lacking if _reads(cursor, relation, call, [column])), lacking[0])
        _refuse(metric, given, read)
    doubted = [each for each in ("mid", "spot") if relation == PRICED or _reads(cursor, relation, call, [each])]
    doubt_quotes(cursor, given.title, load_settings().options.wide_share, doubted)
    found = cursor.sql(f"from {call}").to_arrow_table()
    _doubt_nulls(cursor, metric, given, found)
    return _ordered(found if days is None else _of_expiry(cursor, metric, call, days))


def _relation(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, absent: tuple[str, ...]) -> str:
    """What the metric reads: the quotes as they are, or priced."""
    remedy = f"give {value('dividend_yield', '0.013')}"
    if metric.relations[0] == "quotes":
        if "dividend_yield" in absent and metric.name in READ_THE_YIELD:
            warn(f"{given.title}: {metric.name} takes the dividend yield as 0: {remedy}")
        return QUOTES
    for name in ("mid", "spot", "rate"):
        if name in absent:
            _refuse(metric, given, name)
    cursor.execute(f"create or replace temp table {PRICED} as from priced('{QUOTES}')")
    if "dividend_yield" in absent:
        doubt_forwards(cursor, given.title, remedy)
    return PRICED


def _reads(cursor: duckdb.DuckDBPyConnection, relation: str, call: str, columns: list[str]) -> bool:
    """Whether the metric cannot be bound without these columns: a row of NULLs would be no answer then."""
    without = f"* exclude ({', '.join(columns)})"
    cursor.execute(f"create or replace temp table quotes_without as select {without} from {relation} limit 0")
    try:
        cursor.execute(f"explain from {call.replace(relation, 'quotes_without', 1)}")
    except duckdb.BinderException:
        return True
    return False


def _of_expiry(cursor: duckdb.DuckDBPyConnection, metric: Metric, call: str, days: float) -> pa.Table:
    """The rows of one expiry; one that is not there is refused with those that are."""
    found = cursor.sql(f"from {call} where {DAYS} = {days!r}").to_arrow_table()
    if not found.num_rows:
        query = f"select distinct {DAYS}::integer as days from {call} where expires_at is not null order by days"
        listed = [str(each) for (each,) in cursor.execute(query).fetchall()]
        if not listed:
            raise MetricError(f"{metric.name} is of the whole chain: leave {EXPIRY} out")
        raise DataError(f"no expiry is {days:g} days after the quotes; there are {', '.join(listed[:20])}")
    return found


def _refuse(metric: Metric, given: Given, column: str) -> None:
    """Raise DataError for a column that is not there, with what it has to say."""
    if column == "mid":
        require_prices(given)
    remedy = REMEDIES.get(column) or f"or give {value('rate', '0.04')} (continuous, a year)"
    raise DataError(f"{metric.name} needs the column {column!r}, which {given.title} has not: add it, {remedy}")


def _doubt_nulls(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, found: pa.Table) -> None:
    """Warn of an answer without one value, by the metric's own rule for NULL."""
    if found["value"].null_count < found.num_rows or not cursor.execute(f"from {QUOTES} limit 1").fetchall():
        return
    rule = re.search(r"NULL [^.]*", " ".join(metric.notes.split()))
    said = f"{given.title}: {metric.name} has no value: {rule[0] if rule else 'its inputs are missing'}"
    if any(each.name == "days" for each in metric.parameters):
        query = f"select count(distinct quoted_at), list(distinct {DAYS}) from {QUOTES}"
        [(instants, days)] = cursor.execute(query).fetchall()
        expiries = ", ".join(f"{each:g}" for each in sorted(days)[:20])
        said += f"; the quotes are of {instants} instant{'s' * (instants != 1)}, their expiries {expiries} days ahead"
    warn(said)


def _number(metric: Metric, name: str, asked: object) -> float:
    if isinstance(asked, bool) or not isinstance(asked, Real) or not abs(float(asked)) < float("inf"):
        raise MetricError(f"{metric.name}: {name} must be a number, not {asked!r}")
    return float(asked)


def _ordered(found: pa.Table) -> pa.Table:
    """Symbol, ts, expires_at, strike, what else there is, value; source only where the symbol does not tell."""
    table = found.rename_columns([RENAMED.get(name, name) for name in found.schema.names])
    several = len(table["source"].unique()) > 1
    keys = [name for name in KEYS if name in table.schema.names and (name != "source" or several)]
    rest = [name for name in table.schema.names if name not in (*KEYS, "ingest_run_id", "value")]
    table = table.set_column(table.schema.get_field_index("value"), "value", table["value"].cast(pa.float64()))
    return table.select([*keys, *rest, "value"]).sort_by([(name, "ascending") for name in keys])
