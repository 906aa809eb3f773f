"""Which chain of an underlying is meant: the newest, the one known at an instant, or a snapshot by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import Field

from api import queries
from api.desk import Desk, Row, SeriesQuery, choose
from api.instants import Instant
from api.problems import Refusal, unknown


class ChainQuery(SeriesQuery):
    as_of: Instant | None = Field(None, description="the newest chain that was known at this instant")
    snapshot: str | None = Field(None, max_length=200, description="a chain by its ingest run, see .../snapshots")


@dataclass(frozen=True)
class Chain:
    """One chain as a pull saw it; without `ingest_run_id` the vendor has listed no contract so far."""

    source: str
    underlying: str
    ingest_run_id: str | None
    quoted_at: datetime | None
    fetched_at: datetime | None
    reason: str | None
    is_newest: bool

    @property
    def key(self) -> dict[str, Any]:
        return {"source": self.source, "underlying": self.underlying, "ingest_run_id": self.ingest_run_id}


def chain_of(
    desk: Desk, underlying: str, source: str | None, as_of: datetime | None = None, snapshot: str | None = None
) -> Chain:
    """The chain that is meant; raises Refusal (404, 422) where there is none, or where two sources have one.

    With both it is the snapshot, if it was known at the instant.
    """
    asked = {"underlying": underlying, "as_of": as_of, "snapshot": snapshot}
    rows = desk.recall(queries.options.SNAPSHOTS, **asked)
    if not rows:
        return _empty_chain(desk, underlying, source)
    row = _row_of(rows, source)
    if row["ingest_run_id"] is None:
        raise _not_known(row, as_of, snapshot)
    return Chain(row["source"], row["symbol"], *(row[name] for name in (
        "ingest_run_id", "quoted_at", "fetched_at", "reason", "is_newest")))  # fmt: skip


def _row_of(rows: Sequence[Row], source: str | None) -> Row:
    meant = choose("underlying", [{"source": row["source"], "symbol": row["symbol"]} for row in rows], source)
    return next(row for row in rows if row["source"] == meant.source)


def _empty_chain(desk: Desk, underlying: str, source: str | None) -> Chain:
    rows = desk.rows(queries.options.CHAINS)
    meant = [row for row in rows if row["symbol"].upper() == underlying.upper()]
    if not meant:
        raise unknown("underlying", underlying, sorted({row["symbol"] for row in rows}))
    row = _row_of(meant, source)
    return Chain(row["source"], row["symbol"], None, None, row["fetched_at"], row["reason"], True)


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _not_known(row: Row, as_of: datetime | None, snapshot: str | None) -> Refusal:
    symbol, oldest = row["symbol"], _written(row["oldest_at"])
    if snapshot is not None and as_of is None:
        said = f"snapshot {snapshot} of {symbol} is not kept; /options/{symbol}/snapshots lists those that are"
        return Refusal(HTTPStatus.NOT_FOUND, said)
    named = "" if snapshot is None else f" {snapshot}"
    at = as_of and _written(as_of)
    said = f"no chain{named} of {symbol} was known at {at}; the oldest that is kept came at {oldest}"
    return Refusal(HTTPStatus.NOT_FOUND, said, [oldest])
