"""Rows of a public relation, or the history of a metric, with where they came from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from quant.explanation.refusals import NotStoredError, UnknownNameError
from quant.metrics import near_names
from quant.warehouse import Reading

PUBLIC = """
select schema_name || '.' || name as relation, list(column_name order by column_index) as columns
from (
    select schema_name, table_name as name, column_name, column_index
    from duckdb_columns()
    where not internal and schema_name in ('serving', 'meta')
)
group by all
order by relation
"""
BUILD = "select fingerprint, started_at from meta.builds where build_id = $build_id"
TIMES = ("ts", "end_ts", "session_date", "session_on", "quoted_at", "started_at", "month")
SYMBOLS = ("symbol", "underlying", "portfolio", "a")
HISTORY = "serving.metrics"  # a column for each metric of a bar
OF_SERIES = ("source", "symbol", "interval", "ts", "end_ts")


@dataclass(frozen=True)
class Filters:
    """Which rows and columns; None is all."""

    symbol: str | None = None
    source: str | None = None
    interval: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    fields: tuple[str, ...] = ()


def public_name(reading: Reading, name: str) -> str:
    """`bars` is serving.bars; the name of a metric of bars is its history."""
    relations = _relations(reading)
    for each in (name, f"serving.{name}", f"meta.{name}"):
        if each in relations:
            return each
    if name in relations.get(HISTORY, ()):
        return f"{HISTORY}.{name}"
    known = [*(each.partition(".")[2] for each in relations), *relations.get(HISTORY, ())]
    near = near_names(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(relations)}"
    raise UnknownNameError(f"there is no public relation and no metric of bars {name}: {hint}", near)


def exported(reading: Reading, name: str, filters: Filters, demo: bool) -> tuple[pa.Table, dict[str, object]]:
    """The rows, in the order of their keys and times, and what a file says of itself."""
    relations = _relations(reading)
    metric = name.removeprefix(f"{HISTORY}.") if name not in relations else None
    relation = HISTORY if metric else name
    columns = relations[relation]
    fields = filters.fields or ((*OF_SERIES, metric) if metric else tuple(columns))
    if unknown := [each for each in fields if each not in columns]:
        near = near_names(unknown[0], columns)
        raise UnknownNameError(f"{relation} has no column {unknown[0]}: it has {', '.join(near or columns)}", near)
    conditions, given = _conditions(relation, columns, filters)
    order = [
        each for each in ("source", "portfolio", "underlying", "symbol", "a", "interval", *TIMES) if each in columns
    ]
    text = f"select {', '.join(map(_quoted, fields))} from {relation}"
    text += f" where {' and '.join(conditions)}" if conditions else ""
    text += f" order by {', '.join(order)}" if order else ""
    return reading.query(text, given), _provenance(reading, relation, filters, demo)


def _conditions(relation: str, columns: list[str], filters: Filters) -> tuple[list[str], Mapping[str, object]]:
    symbol = next((each for each in SYMBOLS if each in columns), None)
    time = next((each for each in TIMES if each in columns), None)
    asked = {"symbol": (symbol, "="), "source": ("source", "="), "interval": ("interval", "="),
             "since": (time, ">="), "until": (time, "<")}  # fmt: skip
    conditions, given = [], {}
    for name, (column, comparison) in asked.items():
        value = getattr(filters, name)
        if value is None:
            continue
        if column is None or column not in columns:
            raise NotStoredError(f"{relation} has no column for {name}: leave it out")
        conditions.append(f"{column} {comparison} ${name}")
        given[name] = value
    return conditions, given


def _provenance(reading: Reading, relation: str, filters: Filters, demo: bool) -> dict[str, object]:
    """`formula_version` is equal for two files if and only if formulas, models and settings were."""
    build = next(iter(reading.rows(BUILD, {"build_id": reading.build_id})), {})
    asked = {name: value for name, value in asdict(filters).items() if value}
    return {
        "build_id": reading.build_id,
        "demo": demo,
        "as_of": build.get("started_at"),
        "formula_version": build.get("fingerprint"),
        "relation": relation,
        "filters": asked,
    }


def _relations(reading: Reading) -> dict[str, list[str]]:
    return {row["relation"]: row["columns"] for row in reading.rows(PUBLIC)}


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
