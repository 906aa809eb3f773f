"""Where a metric of a symbol is stored: the relation, the row, and a statement that selects it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from quant.arguments import literal
from quant.warehouse import Reading

Row = dict[str, Any]

# Looked through in this order: what is asked of a symbol, a portfolio or an underlying as a whole comes first.
PUBLIC = (
    "serving.latest_metrics", "serving.latest_risk", "serving.portfolio_summary", "serving.option_chains",
    "serving.option_history", "serving.portfolios", "serving.option_expiries", "serving.option_quotes",
    "serving.option_surface", "serving.portfolio_members", "serving.portfolio_components",
    "serving.portfolio_attribution", "serving.portfolio_stakes", "serving.correlations",
    "serving.rolling_correlations", "serving.factor_exposures", "serving.series_tests",
    "serving.autocorrelations", "serving.var_backtests", "serving.portfolio_correlations", "serving.final_bars",
)  # fmt: skip
SUBJECTS = ("portfolio", "underlying", "symbol", "a")  # the column that has the name that was asked for
TIMES = ("ts", "session_date", "session_on")  # of several rows the newest counts
AS_OF = ("as_of", "quoted_at", "end_ts", "ts", "session_date", "session_on")
KEYS = (
    "expires_at", "strike", "is_call", "lag", "holding_bars", "days", "component", "grouping", "segment", "source_a",
    "a", "source_b", "b", "fraction", "factor_set", "frequency", "factor",
)  # fmt: skip
DATED = ("serving.portfolios", "serving.option_history", "serving.rolling_correlations", "serving.final_bars")
INSTEAD = {"serving.bars": "metrics.stored_bars"}  # its final bars; the others change with each second
COLUMNS = """
select schema_name || '.' || table_name as relation, column_name
from duckdb_columns()
where schema_name || '.' || table_name in (select unnest($relations))
"""


@dataclass(frozen=True)
class Asked:
    """Which row is meant; what is not said is chosen."""

    symbol: str
    source: str | None = None
    interval: str | None = None
    expiry: date | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


def keys_from(texts: Iterable[str]) -> dict[str, str]:
    """`lag:5` by name."""
    named = (text.partition(":") for text in texts)
    return {name.strip(): value.strip() for name, _, value in named}


@dataclass(frozen=True)
class Place:
    """One column of one relation that has the metric; of a long one the rows that name it."""

    relation: str
    column: str
    columns: frozenset[str]
    metric: str | None = None
    is_keyed: bool = False  # by series_id alone: bars.series says of what

    @property
    def subject(self) -> str:
        return next(each for each in SUBJECTS if each in self.columns)

    @property
    def source(self) -> str | None:
        """The column that parts two sources of a symbol; a portfolio is of none."""
        if self.subject == "portfolio":
            return None
        return next((each for each in ("source", "source_a") if each in self.columns), None)

    @property
    def time(self) -> str | None:
        """What the newest row is known by; None where a subject has one row."""
        if self.relation.startswith("serving.") and self.relation not in DATED:
            return None
        known = TIMES if "as_of" not in self.columns else TIMES[:1]
        return next((each for each in known if each in self.columns), None)

    @property
    def as_of(self) -> str | None:
        return next((each for each in AS_OF if each in self.columns), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells the rows of a subject apart, besides source and time."""
        members = ("source", "symbol") if self.subject == "portfolio" else ()
        run = ("ingest_run_id",) if self.is_of_chains else ()
        named = ("interval", *members, *run, *KEYS)
        return tuple(each for each in named if each in self.columns and each not in (self.subject, self.source))

    @property
    def is_of_chains(self) -> bool:
        return self.subject == "underlying" and "ingest_run_id" in self.columns

    @property
    def rows(self) -> str:
        """What stands in FROM; of old chains of options only the newest is asked for."""
        if self.is_keyed:
            return f"{self.relation} inner join bars.series using (series_id)"
        if self.is_of_chains and self.relation.startswith("options."):
            return f"{self.relation} semi join options.newest_chains using (source, underlying, ingest_run_id)"
        return self.relation

    @property
    def stored_in(self) -> str:
        return f"{self.relation}.{self.column}"


def places(reading: Reading, metric: str, stored_in: str | None) -> Iterator[Place]:
    """Every place that may have the metric, public ones first, then where the catalogue says that it is stored."""
    relation, _, column = (stored_in or "").rpartition(".")
    relation = INSTEAD.get(relation, relation)
    relations = [*PUBLIC, *([relation] if relation and relation not in PUBLIC else [])]
    columns = _columns(reading, relations)
    for each in relations:
        found = columns.get(each, frozenset())
        is_keyed = "series_id" in found and "symbol" not in found
        offered = found | {"source", "symbol", "interval"} if is_keyed else found
        if {"metric", "value"} <= found:
            yield Place(each, "value", offered, metric)
        elif (name := column if each == relation else metric) in found and not offered.isdisjoint(SUBJECTS):
            yield Place(each, name, offered, None, is_keyed)


def _columns(reading: Reading, relations: Iterable[str]) -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for row in reading.rows(COLUMNS, {"relations": list(relations)}):
        names.setdefault(row["relation"], set()).add(row["column_name"])
    return {each: frozenset(found) for each, found in names.items()}


def find_row(reading: Reading, place: Place, asked: Asked) -> Row | None:
    """The row that is meant: of days before other intervals, the newest, one with a value, the first by its keys."""
    if (asked.interval and "interval" not in place.columns) or (asked.expiry and "expires_at" not in place.columns):
        return None
    if not set(asked.keys) <= set(place.keys) or (asked.source and place.source is None):
        return None
    order = ["interval <> '1d'"] if "interval" in place.keys else []
    order += ["a = b"] if "b" in place.keys else []
    order += [*([f"{place.time} desc nulls last"] if place.time else []), "value is null"]
    named = [f"{place.column} as value", f"{place.as_of or 'null'} as as_of_found", f"{place.subject} as subject"]
    named += [f"{name} as {_alias(name)}" for name in _told(place)]
    named += [f"count(distinct {place.source}) over () as count_sources"] if place.source else []
    conditions, given = _conditions(place, asked)
    return next(
        iter(
            reading.rows(
                f"select {', '.join(named)} from {place.rows} where {' and '.join(conditions)} "
                f"order by {', '.join([*order, *place.keys])} limit 1",
                given,
            )
        ),
        None,
    )


def _told(place: Place) -> list[str]:
    names = [place.source, place.time, *place.keys]
    return list(dict.fromkeys(each for each in names if each))


def _alias(name: str) -> str:
    return f"key_{name}"


def _conditions(place: Place, asked: Asked) -> tuple[list[str], dict[str, object]]:
    conditions = [f"upper({place.subject}) = upper($symbol)"]
    given: dict[str, object] = {"symbol": asked.symbol}
    wanted = {"metric": place.metric, "interval": asked.interval, place.source or "": asked.source}
    for name, value in wanted.items():
        if name and value is not None:
            conditions.append(f"{name} = ${name}")
            given[name] = value
    if asked.expiry is not None:
        conditions.append("(expires_at at time zone 'UTC')::date = $expiry")
        given["expiry"] = asked.expiry
    for name, text in asked.keys.items():
        conditions.append(f"{name}::varchar = $key_{name}")
        given[f"key_{name}"] = text
    return conditions, given


def keys_of(place: Place, row: Row) -> Row:
    """Column -> value of all that tells the row apart."""
    named = {place.subject: row["subject"], **{name: row[_alias(name)] for name in _told(place)}}
    return {**named, **({"metric": place.metric} if place.metric else {})}


def stored_statement(place: Place, row: Row) -> str:
    """Selects the stored figure, and nothing else."""
    return f"select {place.column} as value\nfrom {_plain(place)}\nwhere {conditions_of(keys_of(place, row))};"


def _plain(place: Place) -> str:
    return place.rows.partition(" semi join ")[0]


def conditions_of(keys: Mapping[str, object]) -> str:
    return " and ".join(f"{name} = {constant(value)}" for name, value in keys.items() if value is not None)


def constant(value: object) -> str:
    """A value as SQL; an instant in UTC."""
    return f"timestamptz '{value.isoformat()}'" if isinstance(value, datetime) else literal(value)
