"""Whether a chain is whole enough to take the place of the newest stored one."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.outcome import ChangedError, Verdict
from ingest.parquet import partition_path, read_table
from ingest.record import OPTIONS

COMPARED_WITHIN = timedelta(days=1)  # an older chain says nothing about how many contracts there should be
LEAST_SHARE = 0.5  # of the contracts that an expiry had
Row = Mapping[str, Any]


def judged_chains(symbol: str, table: pa.Table, root: Path, expiries: int) -> tuple[pa.Table, Verdict]:
    """`table` with its verdict: an empty table if much of what the newest stored chain holds is missing.

    The newest chain is the one that people are shown: a fragment must not take its place. Raises ChangedError.
    """
    rows: list[Row] = table.to_pylist()
    stored = _newest_stored(root, symbol, rows[0])
    currency = next((row["currency"] for row in stored if row["currency"]), None)
    if currency and {row["currency"] for row in rows} != {currency}:
        raise ChangedError("changed_currency", f"{symbol}: the chain is not in {currency} like the stored one")
    if fault := _fragment(rows, stored, expiries):
        return table.slice(0, 0), Verdict("short", f"{fault}; not stored, the one before stays the newest")
    if all(row["bid"] is None and row["ask"] is None for row in rows):
        raise ChangedError("changed_shape", f"{symbol}: no contract has a bid or an ask")
    return table, Verdict("ok")


def _fragment(rows: list[Row], stored: list[Row], expiries: int) -> str | None:
    alive = Counter(row["expiry_on"] for row in stored if row["expires_at"] > rows[0]["fetched_at"])
    now = Counter(row["expiry_on"] for row in rows)
    for expiry in sorted(alive.keys() & now.keys()):
        if now[expiry] < LEAST_SHARE * alive[expiry]:
            return f"{now[expiry]} contracts of {expiry} instead of {alive[expiry]}"
    if len(now) < min(len(alive), expiries):
        return f"{len(now)} expiries instead of {len(alive)}"
    return None


def _newest_stored(root: Path, symbol: str, like: Row) -> list[Row]:
    """The rows of the newest stored chain, if it is young enough to compare with."""
    fetched_at: datetime = like["fetched_at"]
    days: list[date] = [fetched_at.date(), fetched_at.date() - COMPARED_WITHIN]
    for day in days:
        keys = {"underlying": symbol, "source": str(like["source"]), "date": str(day)}
        if paths := sorted(partition_path(root, OPTIONS, keys).glob("*.parquet")):
            rows: list[Row] = read_table(paths[-1]).to_pylist()
            return rows if fetched_at - rows[0]["fetched_at"] < COMPARED_WITHIN else []
    return []
