"""Compaction: whole hours move from many small tail files into one closed file a day, then the boundary advances.

Readers see `closed where ts < W` and `tail where the hour >= W`, with the W of their build. So:
1. the rows of an hour at or after W are in the closed file of their day, but seen by nobody until W passes them;
2. W advances only when every hour before it is durable in closed;
3. an hour before W is read from closed alone: late rows get a closed file of their own, which appears at once;
4. a tail hour is deleted when it lies before the W of every build on disk, and each of its rows is in closed.
Every step may be the last before a crash: the next run finds the same tail, and adds only what closed lacks.
"""

import logging
import time
from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.disk import LOCAL_DISK, Disk
from ingest.errors import BusyError
from ingest.parquet import (
    Integers,
    append_table,
    keys_of,
    partition_path,
    read_ids,
    read_table,
    write_table,
    write_text,
)
from ingest.record import TRADES_CLOSED, TRADES_TAIL
from ingest.runs import Clock, now
from ingest.tail import tail_lock
from quant.boundary import EPOCH, boundaries_in_use, boundary_path, parse_boundary
from quant.settings import Settings

log = logging.getLogger(__name__)

SETTLED_AFTER = timedelta(minutes=2)  # an hour is compacted this long after its end: its trades have arrived
PATIENCE_SECONDS = 5.0  # others hold the lock for moments, again and again; a compaction holds it until its end
RETRY_SECONDS = 0.01
DAY = "day.parquet"  # of one symbol; it grows by an hour at a time, and keeps what readers have begun to read
BUSY = "another compaction runs on this data folder: wait for it to end"


@dataclass(frozen=True)
class TailHour:
    """One folder of the tail: the minutes of one symbol's hour."""

    folder: Path
    begin: datetime

    def files(self, disk: Disk) -> list[Path]:
        return disk.files(self.folder, "*.parquet")


def compact(settings: Settings, clock: Clock = now, patience: float = PATIENCE_SECONDS) -> None:
    """Move every settled hour, advance the boundary, delete what no build reads. Safe to kill at any instant.

    Raises BusyError when another one runs for longer than `patience` (seconds).
    """
    root = settings.parquet_path
    with _entered_soon(root, patience):
        close_settled(root, clock())
        delete_unread(root, boundaries_in_use(settings.duckdb_path))


def close_settled(root: Path, at: datetime, disk: Disk = LOCAL_DISK) -> None:
    """Move every hour that is settled at an instant, then advance the boundary."""
    old, new = stored_boundary(root, disk), settled_before(at)
    moved = sum(_close(root, hour, old, disk) for hour in _tail_hours(root, new, disk))
    if new > old:
        write_text(new.isoformat() + "\n", boundary_path(root), disk)
    log.info("%d trades moved to closed files, the boundary is %s", moved, max(new, old))


def close_late(root: Path, hours: Collection[datetime], disk: Disk = LOCAL_DISK) -> None:
    """Step 3 alone, for hours that begin at those instants: what lies before the boundary is seen at once.

    Raises BusyError while another process compacts.
    """
    with sole_compaction(root, disk):
        boundary = stored_boundary(root, disk)
        for hour in _tail_hours(root, boundary, disk):
            if hour.begin in hours:
                _close(root, hour, boundary, disk)


def settled_before(at: datetime) -> datetime:
    """The boundary that a compaction at an instant moves to."""
    return _floor_hour(at - SETTLED_AFTER)


def stored_boundary(root: Path, disk: Disk) -> datetime:
    """As `read_boundary`, from any disk."""
    path = boundary_path(root)
    return parse_boundary(disk.read(path).decode()) if disk.is_file(path) else EPOCH


def sole_compaction(root: Path, disk: Disk = LOCAL_DISK) -> AbstractContextManager[None]:
    """Hold what a compaction holds: nobody else moves the boundary or writes to closed. Raises BusyError at once."""
    return disk.sole(root / "trades" / "compaction.lock", BusyError(BUSY))


def _entered_soon(root: Path, patience: float) -> ExitStack:
    """`sole_compaction`, entered as soon as it is free."""
    deadline = time.monotonic() + patience
    while True:
        stack = ExitStack()
        try:
            stack.enter_context(sole_compaction(root))
            return stack
        except BusyError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(RETRY_SECONDS)


def _close(root: Path, hour: TailHour, boundary: datetime, disk: Disk) -> int:
    """Make sure that closed has every row of a tail hour, each once. Returns how many it lacked."""
    closed = _closed_ids(root, hour, disk)
    files = [path for path in hour.files(disk) if not np.isin(read_ids(path, disk=disk), closed).all()]
    tables = [read_table(path, disk) for path in files]
    if not tables:
        return 0
    rows = _each_once(pa.concat_tables(tables))
    lacking = rows.filter(pa.array(~np.isin(_ids(rows), closed)))
    main = _closed_folder(root, hour) / DAY
    if hour.begin < boundary:  # readers see these rows at once, beside those that they have
        first, last = lacking.column("trade_id")[0].as_py(), lacking.column("trade_id")[-1].as_py()
        write_table(lacking, main.with_name(f"{hour.begin:%H}-{first}-{last}.parquet"), disk)
        log.warning("%s: %d late trades, ids %d to %d", hour.folder, lacking.num_rows, first, last)
    elif disk.is_file(main):
        append_table(lacking, main, disk)
    else:
        write_table(lacking, main, disk)
    return int(lacking.num_rows)


def delete_unread(root: Path, boundaries: list[datetime], disk: Disk = LOCAL_DISK) -> None:
    """Delete tail hours before the boundary of every build on disk. Without a build nothing is deleted."""
    if not boundaries:
        return
    unread = min([*boundaries, stored_boundary(root, disk)])
    for hour in _tail_hours(root, unread, disk):
        with disk.exclusive(tail_lock(root)):  # a recorder may be adding a late row just now
            _delete(root, hour, disk)


def _delete(root: Path, hour: TailHour, disk: Disk) -> None:
    closed = _closed_ids(root, hour, disk)
    for path in hour.files(disk):
        if np.isin(read_ids(path, disk=disk), closed).all():  # else rows came since: the next compaction moves them
            disk.delete(path)
    if not disk.files(hour.folder, "*"):
        disk.delete_folder(hour.folder)
        disk.sync_folder(hour.folder.parent)


def _tail_hours(root: Path, before: datetime, disk: Disk) -> list[TailHour]:
    """The tail's hours that begin before an instant, oldest first."""
    hours: list[TailHour] = []
    for folder in disk.files(root / TRADES_TAIL.folder, "/".join(f"{key}=*" for key in TRADES_TAIL.keys)):
        keys = keys_of(folder)
        if keys["symbol"] == "0":
            continue  # the empty typed file stays for ever
        hours.append(TailHour(folder, datetime.fromisoformat(f"{keys['date']}T{int(keys['hour']):02d}:00:00+00:00")))
    return sorted((hour for hour in hours if hour.begin < before), key=lambda hour: (hour.begin, hour.folder))


def _closed_folder(root: Path, hour: TailHour) -> Path:
    return partition_path(root, TRADES_CLOSED, keys_of(hour.folder))


def _closed_ids(root: Path, hour: TailHour, disk: Disk) -> Integers:
    """The trade ids that closed has of one hour, and more of its day."""
    files = closed_files(_closed_folder(root, hour), hour.begin, disk)
    return np.concatenate([np.empty(0, np.int64), *(read_ids(path, disk=disk) for path in files)])


def closed_files(folder: Path, hour: datetime, disk: Disk) -> list[Path]:
    """Where the rows of an hour may lie in closed: the file of its day, and those of late rows."""
    return disk.files(folder, DAY) + disk.files(folder, f"{hour:%H}*.parquet")


def _each_once(rows: pa.Table) -> pa.Table:
    """`rows` in the order of their ids, the first of equal ones."""
    _, first = np.unique(_ids(rows), return_index=True)
    return rows.take(first).combine_chunks()


def _ids(rows: pa.Table) -> Integers:
    ids: Integers = rows.column("trade_id").to_numpy()
    return ids


def _floor_hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
