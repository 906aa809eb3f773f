"""Trades that do not come from the stream, put among those that do: each id once, whatever hour it belongs to.

Readers see `closed where ts < W` and `tail where the hour >= W`, and each build has a W of its own. So a row of an
hour at or after W goes into the tail, and a row of an hour before W into closed; while a build of an earlier W may
still look for that hour in the tail, it goes there too. What a reader of W sees already is left out.

The recorder alone writes `MM.parquet` of the tail, and holds the newest of them in memory: our files have names of
their own. No compaction may run meanwhile, or W could pass an hour that we have just looked up.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.compaction import closed_files, sole_compaction, stored_boundary
from ingest.disk import LOCAL_DISK, Disk
from ingest.errors import BusyError
from ingest.parquet import Integers, partition_path, write_table
from ingest.record import TRADES_CLOSED, TRADES_TAIL
from ingest.stored_trades import ids_in
from ingest.tail import tail_lock

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
MICROSECONDS_PER_HOUR = 3_600_000_000
READ_FROM_TAIL = timedelta(days=2)  # no build is that old; an hour further before W is read from closed alone
WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class Hours:
    """The files of one symbol's hours."""

    root: Path
    symbol: str
    source: str
    disk: Disk

    def tail(self, hour: datetime) -> Path:
        return partition_path(self.root, TRADES_TAIL, self._keys(hour))

    def closed(self, hour: datetime) -> Path:
        return partition_path(self.root, TRADES_CLOSED, self._keys(hour))

    def tail_ids(self, hour: datetime, wanted: range) -> Integers:
        return ids_in(self.disk.files(self.tail(hour), "*.parquet"), wanted, self.disk)

    def closed_ids(self, hour: datetime, wanted: range) -> Integers:
        return ids_in(closed_files(self.closed(hour), hour, self.disk), wanted, self.disk)

    def visible_ids(self, hour: datetime, wanted: range, boundary: datetime) -> Integers:
        """What a reader of this boundary sees in an hour and its neighbours: clocks of two answers may differ a bit."""
        return np.concatenate(
            [
                self.closed_ids(each, wanted) if each < boundary else self.tail_ids(each, wanted)
                for each in (hour - HOUR, hour, hour + HOUR)
            ]
        )

    def _keys(self, hour: datetime) -> dict[str, str]:
        return {"symbol": self.symbol, "source": self.source, "date": f"{hour:%Y-%m-%d}", "hour": str(hour.hour)}


async def insert(root: Path, rows: pa.Table, disk: Disk = LOCAL_DISK) -> int:
    """As `insert_now`, in a thread of its own, as soon as no compaction runs."""
    while True:
        try:
            return await asyncio.to_thread(insert_now, root, rows, disk)
        except BusyError as error:
            log.debug("%s", error)
            await asyncio.sleep(WAIT_SECONDS)


def insert_now(root: Path, rows: pa.Table, disk: Disk = LOCAL_DISK) -> int:
    """Put rows of one symbol and source on disk, in the order of their ids, each once; durable on return.

    Returns how many no reader saw before. Raises BusyError while a compaction runs. After a crash at any instant
    the same call completes what is missing, and adds nothing twice.
    """
    if not rows.num_rows:
        return 0
    hours = Hours(root, rows["symbol"][0].as_py(), rows["source"][0].as_py(), disk)
    with sole_compaction(root, disk):
        boundary = stored_boundary(root, disk)
        return sum(_place(hours, hour, part, boundary) for hour, part in _by_hour(rows))


def _place(hours: Hours, hour: datetime, rows: pa.Table, boundary: datetime) -> int:
    """The tail goes first: a row that is in closed alone would be taken for one that every build sees."""
    wanted = _span(rows)
    fresh = _without(rows, hours.visible_ids(hour, wanted, boundary))
    if hour >= boundary - READ_FROM_TAIL:
        lacking = _without(fresh, hours.tail_ids(hour, wanted)) if hour < boundary else fresh
        with hours.disk.exclusive(tail_lock(hours.root)):
            _write(lacking, hours.tail(hour), "late", hours.disk)
    if hour < boundary:
        _write(fresh, hours.closed(hour), f"{hour:%H}", hours.disk)
    return int(fresh.num_rows)


def _write(rows: pa.Table, folder: Path, prefix: str, disk: Disk) -> None:
    """Into a file that is not there yet: no other has the first of these ids."""
    if rows.num_rows:
        ids = _span(rows)
        write_table(rows, folder / f"{prefix}-{ids[0]}-{ids[-1]}.parquet", disk)


def _by_hour(rows: pa.Table) -> Iterator[tuple[datetime, pa.Table]]:
    """The rows of each hour by the exchange's clock, oldest first; of equal ids the first row, in their order."""
    ids = rows["trade_id"].to_numpy()
    ordered = rows if np.all(np.diff(ids) > 0) else rows.take(np.unique(ids, return_index=True)[1])
    hours = pc.cast(ordered["ts"], pa.int64()).to_numpy() // MICROSECONDS_PER_HOUR
    for hour in np.unique(hours):
        part = ordered.filter(pa.array(hours == hour)).combine_chunks()
        yield datetime.fromtimestamp(int(hour) * 3600, UTC), part


def _span(rows: pa.Table) -> range:
    """From the first id to the last of rows in their order."""
    ids = rows["trade_id"]
    return range(ids[0].as_py(), ids[-1].as_py() + 1)


def _without(rows: pa.Table, ids: Integers) -> pa.Table:
    """The rows with other ids."""
    return rows.filter(pa.array(~np.isin(rows["trade_id"].to_numpy(), ids))) if len(ids) else rows
