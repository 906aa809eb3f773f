"""What is stored of one symbol's prices: what a new answer is held against."""

from dataclasses import dataclass, field
from datetime import date, datetime
from math import prod
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.parquet import read_schema, read_table

WHOLE = b"whole"  # file metadata: this pull holds everything that older ones do, within its window


@dataclass(frozen=True)
class StoredPrices:
    """Final closes by session, as the newest pull would have them; splits and dividends as last named."""

    closes: dict[date, float] = field(default_factory=dict)
    splits: dict[date, float] = field(default_factory=dict)
    dividends: dict[date, float] = field(default_factory=dict)
    currency: str | None = None

    @property
    def actions(self) -> set[date]:
        return {*self.splits, *self.dividends}


def marked_whole(table: pa.Table) -> pa.Table:
    """`table` with the mark that nothing older has to be looked at."""
    return table.replace_schema_metadata({WHOLE: b"yes"})


def stored_prices(folder: Path) -> StoredPrices:
    """What the pulls in `folder` say together, read from the newest back to one that is whole."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.parquet"), reverse=True):
        rows += read_table(path).to_pylist()
        if WHOLE in (read_schema(path).metadata or {}):
            break
    return merged(rows)


def merged(rows: list[dict[str, Any]]) -> StoredPrices:
    """The same choice as `newest_sessions` and `missed_split_ratio` in macros/formulas, for final closes."""
    oldest_first = sorted(rows, key=lambda row: (row["fetched_at"], row["ingest_run_id"]))
    splits = {row["session_date"]: row["split_ratio"] for row in oldest_first}
    dividends = {row["session_date"]: row["dividend"] for row in oldest_first}
    finals = {row["session_date"]: row for row in oldest_first if row["is_final"] and row["close"] is not None}
    known = _first_named(oldest_first, splits)
    return StoredPrices(
        closes={day: row["close"] / _missed(known, splits, day, row["fetched_at"]) for day, row in finals.items()},
        splits={day: ratio for day, ratio in splits.items() if ratio},
        dividends={day: amount for day, amount in dividends.items() if amount},
        currency=next((row["currency"] for row in reversed(oldest_first) if row["currency"]), None),
    )


def _first_named(oldest_first: list[dict[str, Any]], splits: dict[date, float]) -> dict[date, datetime]:
    """When each split, at its present ratio, was first named."""
    found: dict[date, datetime] = {}
    for row in oldest_first:
        day, ratio = row["session_date"], row["split_ratio"]
        if ratio and ratio == splits[day]:
            found.setdefault(day, row["fetched_at"])
    return found


def _missed(known: dict[date, datetime], splits: dict[date, float], day: date, fetched_at: datetime) -> float:
    """Ratio of the splits after a day that a pull did not know."""
    return prod(splits[split] for split, named_at in known.items() if split > day and named_at > fetched_at)
