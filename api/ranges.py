"""From when to when. A day counts whole at either end; an instant begins what is asked for and is beyond its end."""

from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import Field

from api.desk import Query
from api.instants import Day, Instant, LastInstant
from api.problems import absent


@dataclass(frozen=True)
class Bounds:
    """Conditions, and their parameters."""

    where: tuple[str, ...] = ()
    given: dict[str, object] = field(default_factory=dict)


class Days(Query):
    start: Day | None = Field(None, alias="from", description="from this session on, as YYYY-MM-DD")
    end: Day | None = Field(None, alias="to", description="up to this session, which is included, as YYYY-MM-DD")


class Instants(Query):
    start: Instant | None = Field(None, alias="from", description="from this instant on; a date begins in UTC")
    end: LastInstant | None = Field(
        None, alias="to", description="up to this instant, which is not included; a date, by UTC, is included whole"
    )


def bounds_of(column: str, start: date | None, end: date | None) -> Bounds:
    """Rows of `column` from `start` on, up to `end`. Raises Refusal (404) where nothing can lie between."""
    is_open = isinstance(end, datetime)
    if start is not None and end is not None and (start > end or (is_open and start == end)):
        why = "is not before" if is_open else "is after"
        detail = f"from = {_written(start)} {why} {_written(end)}, where `to` ends: exchange them, or leave one out"
        raise absent(detail)
    conditions = {f"{column} >= $start": start, f"{column} {'<' if is_open else '<='} $end": end}
    given = {"start": start, "end": end}
    return Bounds(
        tuple(condition for condition, value in conditions.items() if value is not None),
        {name: value for name, value in given.items() if value is not None},
    )


def _written(bound: date) -> str:
    return bound.isoformat().replace("+00:00", "Z")
