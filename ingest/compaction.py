"""Compaction: whole hours move from many small tail files into one closed file, then the boundary advances.

Readers see `closed where ts < W` and `tail where the hour >= W`, with the W of their build. So:
1. the closed file of an hour at or after W is seen by nobody until W passes it, and may be written again and again;
2. W advances only when every hour before it is durable in closed;
3. an hour before W is read from closed alone: late rows get a closed file of their own, which appears at once;
4. a tail hour is deleted when it lies before the W of every build on disk, and each of its rows is in closed.
Every step may be the last before a crash: the next run finds the same tail, and adds only what closed lacks.
"""

import logging
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.errors import BusyError
from ingest.parquet import (
    keys_of,
    partition_path,
    read_ids,
    read_table,
    sync_folder,
    write_table,
    write_text,
)
from ingest.record import TRADES_CLOSED, TRADES_TAIL
from ingest.runs import Clock, now
from ingest.tail import tail_lock
from quant.boundary import boundaries_in_use, boundary_path, read_boundary
from quant.locks import exclusive
from quant.settings import Settings

log = logging.getLogger(__name__)

SETTLED_AFTER = timedelta(minutes=2)  # an hour is compacted this long after its end: its trades have arrived
BUSY = "another compaction runs on this data folder: wait for it to end"
Ids = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class TailHour:
    """One folder of the tail: the minutes of one symbol's hour."""

    folder: Path
    begin: datetime

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))


def compact(settings: Settings, clock: Clock = now) -> None:
    """Move every settled hour, advance the boundary, delete what no build reads. Safe to kill at any instant."""
    root = settings.parquet_path
    with _sole_compaction(root):
        _drop_leftovers(root)
        old, new = read_boundary(root), _floor_hour(clock() - SETTLED_AFTER)
        moved = sum(_close(root, hour, old) for hour in _tail_hours(root, new))
        if new > old:
            write_text(new.isoformat() + "\n", boundary_path(root))
        log.info("%d trades moved to closed files, the boundary is %s", moved, max(new, old))
        _delete_unread(root, boundaries_in_use(settings.duckdb_path))


def close_late(root: Path, hours: Collection[datetime]) -> None:
    """Step 3 alone, for hours that begin at those instants: what lies before the boundary is seen at once.

    Raises BusyError while another process compacts.
    """
    with _sole_compaction(root):
        boundary = read_boundary(root)
        for hour in _tail_hours(root, boundary):
            if hour.begin in hours:
                _close(root, hour, boundary)


def _sole_compaction(root: Path) -> AbstractContextManager[None]:
    return exclusive(root / "trades" / "compaction.lock", lambda owner: BusyError(BUSY))


def _close(root: Path, hour: TailHour, boundary: datetime) -> int:
    """Make sure that closed has every row of a tail hour, each once. Returns how many it lacked."""
    closed = _closed_ids(root, hour)
    tables = [read_table(path) for path in hour.files if not np.isin(read_ids(path), closed).all()]
    if not tables:
        return 0
    rows = _each_once(pa.concat_tables(tables))
    lacking = rows.filter(pa.array(~np.isin(_ids(rows), closed)))
    main = _closed_folder(root, hour) / f"{hour.begin:%H}.parquet"
    if hour.begin < boundary:  # readers see this folder: what they have must stay as it is
        first, last = lacking.column("trade_id")[0].as_py(), lacking.column("trade_id")[-1].as_py()
        write_table(lacking, main.with_name(f"{hour.begin:%H}-{first}-{last}.parquet"))
        log.warning("%s: %d late trades, ids %d to %d", hour.folder, lacking.num_rows, first, last)
    else:
        before = [read_table(main)] if main.is_file() else []
        write_table(_each_once(pa.concat_tables([*before, lacking])), main)
    return int(lacking.num_rows)


def _delete_unread(root: Path, boundaries: list[datetime]) -> None:
    """Delete tail hours before every boundary in use. Without a build nothing is deleted."""
    if not boundaries:
        return
    unread = min([*boundaries, read_boundary(root)])
    for hour in _tail_hours(root, unread):
        with exclusive(tail_lock(root)):  # a recorder may be adding a late row just now
            _delete(root, hour)


def _delete(root: Path, hour: TailHour) -> None:
    closed = _closed_ids(root, hour)
    for leftover in hour.folder.glob(".*.tmp"):  # of a killed recorder: a live one would hold the lock
        leftover.unlink()
    for path in hour.files:
        if np.isin(read_ids(path), closed).all():  # else rows came since: the next compaction moves them
            path.unlink()
    if not any(hour.folder.iterdir()):
        hour.folder.rmdir()
        sync_folder(hour.folder.parent)


def _tail_hours(root: Path, before: datetime) -> list[TailHour]:
    """The tail's hours that begin before an instant, oldest first."""
    below = root / TRADES_TAIL.folder
    hours: list[TailHour] = []
    for folder in below.glob("/".join(f"{key}=*" for key in TRADES_TAIL.keys)):
        keys = keys_of(folder)
        if keys["symbol"] == "0":
            continue  # the empty typed file stays for ever
        hours.append(TailHour(folder, datetime.fromisoformat(f"{keys['date']}T{int(keys['hour']):02d}:00:00+00:00")))
    return sorted((hour for hour in hours if hour.begin < before), key=lambda hour: (hour.begin, hour.folder))


def _closed_folder(root: Path, hour: TailHour) -> Path:
    return partition_path(root, TRADES_CLOSED, keys_of(hour.folder))


def _closed_ids(root: Path, hour: TailHour) -> Ids:
    """The trade ids of one hour that closed has, in its main file and in those of late rows."""
    files = _closed_folder(root, hour).glob(f"{hour.begin:%H}*.parquet")
    return np.concatenate([np.empty(0, np.int64), *(read_ids(path) for path in files)])


def _each_once(rows: pa.Table) -> pa.Table:
    """`rows` in the order of their ids, the first of equal ones."""
    _, first = np.unique(_ids(rows), return_index=True)
    return rows.take(first).combine_chunks()


def _ids(rows: pa.Table) -> Ids:
    ids: Ids = rows.column("trade_id").to_numpy()
    return ids


def _drop_leftovers(root: Path) -> None:
    """Delete what a killed compaction had half written: nobody else writes in closed."""
    for path in (root / TRADES_CLOSED.folder).rglob(".*.tmp"):
        path.unlink()


def _floor_hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
