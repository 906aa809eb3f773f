"""Metrics of option chains from the caller's quotes: priced once, by the formulas of the builds."""

from numbers import Real

import duckdb
import pyarrow as pa

from quant.doubts import warn
from quant.errors import DataError, MetricError
from quant.given import Given
from quant.given_bars import BARS
from quant.given_quotes import OPTIONAL, QUOTES, make_quotes
from quant.metrics import Metric
from quant.wording import value

PRICED = "asked_priced"
CONSTANTS = ("rate", "dividend_yield")  # of all quotes, where no column says them
EXPIRY = "expiry_days"  # keeps the rows of the expiries that are so many days after the quotes
ASKED_OF_ALL = (*CONSTANTS, EXPIRY)
READ_THE_YIELD = ("implied_borrow", "put_call_parity_residual")
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
    lacking = [column for column in absent if column in OPTIONAL]
    if lacking and _reads(cursor, relation, call, lacking):
        read = next((column for column in lacking if _reads(cursor, relation, call, [column])), lacking[0])
        raise DataError(_lacks(metric, given, read))
    found = cursor.sql(f"from {call}").to_arrow_table()
    return _ordered(found if days is None else _of_expiry(cursor, metric, call, days))


def _relation(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, absent: tuple[str, ...]) -> str:
    """What the metric reads: the quotes as they are, or priced."""
    if metric.relations[0] == "quotes":
        if "dividend_yield" in absent and metric.name in READ_THE_YIELD:
            warn(f"{given.title}: {metric.name} takes the dividend yield as 0: give {value('dividend_yield', '0.013')}")
        return QUOTES
    if missing := [name for name in ("spot", "rate") if name in absent]:
        raise DataError(_lacks(metric, given, missing[0]))
    cursor.execute(f"create or replace temp table {PRICED} as from priced('{QUOTES}')")
    if "dividend_yield" in absent:
        _doubt_forwards(cursor, given)
    return PRICED


def _doubt_forwards(cursor: duckdb.DuckDBPyConnection, given: Given) -> None:
    query = f"select count(*), count(*) filter (forward_method = 'configured' and years > 0) from forwards('{QUOTES}')"
    count, unknown = cursor.execute(query).fetchall()[0]
    if unknown:
        warn(
            f"{given.title}: {unknown} of {count} expiries have no strike with a call and a put to take their forward "
            f"from, and count as without dividends: give {value('dividend_yield', '0.013')}"
        )


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
    distance = "round(epoch(expires_at - quoted_at) / 86400)"
    found = cursor.sql(f"from {call} where {distance} = {days!r}").to_arrow_table()
    if not found.num_rows:
        query = f"select distinct {distance}::integer as days from {call} where expires_at is not null order by days"
        listed = [str(each) for (each,) in cursor.execute(query).fetchall()]
        if not listed:
            raise MetricError(f"{metric.name} is of the whole chain: leave {EXPIRY} out")
        raise DataError(f"no expiry is {days:g} days after the quotes; there are {', '.join(listed[:20])}")
    return found


def _lacks(metric: Metric, given: Given, column: str) -> str:
    said = f"{metric.name} needs the column {column!r}, which {given.title} has not"
    return f"{said}: add it, or give {value('rate', '0.04')} (continuous, a year)" if column == "rate" else said


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
