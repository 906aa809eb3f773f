"""Which trade ids lie on disk, by the footers of the files: only those that may hold them are read; and which lack."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow.parquet as pq

from ingest.disk import LOCAL_DISK, Disk
from ingest.gap_ledger import fates
from ingest.id_ranges import IdRanges, distinct, ranges_of
from ingest.parquet import Integers, partition_path, read_ids
from ingest.record import TRADES_CLOSED, TRADES_TAIL, Dataset
from ingest.runs import Run
from ingest.tail import MINUTES

DOOMSDAY = datetime.max
NO_IDS: Integers = np.empty(0, np.int64)
OTHERS = "late-*.parquet"  # what other writers than the recorder put into the tail
Found = TypeVar("Found")
FILES_OF_A_DAY = {TRADES_CLOSED: "*.parquet", TRADES_TAIL: "hour=*/*.parquet"}


def bounds(path: Path, column: str, disk: Disk = LOCAL_DISK) -> range:
    """From the least to the greatest value of an int64 column (a timestamp: microseconds), by the footer alone."""
    with disk.open(path) as opened:
        file = pq.ParquetFile(opened)
        position = file.schema_arrow.get_field_index(column)
        groups = [file.metadata.row_group(number).column(position) for number in range(file.metadata.num_row_groups)]
        known = [group.statistics for group in groups if group.statistics and group.statistics.has_min_max]
    if not known:
        return range(0)
    return range(min(each.min_raw for each in known), max(each.max_raw for each in known) + 1)


def stored_ranges(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> list[range]:
    """All ids on disk as ranges, in no order; by the footers alone where a file has all ids between its ends.

    The newest files are read first: a file that grows meanwhile has what was there before them.
    """
    found: list[range] = []
    for dataset in (TRADES_TAIL, TRADES_CLOSED):
        for day in _days(root, dataset, symbol, source, disk):
            for path in sorted(disk.files(day, FILES_OF_A_DAY[dataset]), reverse=True):
                found += _ranges_in(path, disk)
    return found


def _ranges_in(path: Path, disk: Disk) -> list[range]:
    with disk.open(path) as file:
        rows = pq.read_metadata(file).num_rows
    ids = bounds(path, "trade_id", disk)
    if len(ids) == rows:
        return [ids] if rows else []
    return ranges_of(distinct(read_ids(path, disk=disk)))


def ids_in(files: Iterable[Path], wanted: range, disk: Disk = LOCAL_DISK) -> Integers:
    """Those of the `wanted` ids that some of the files hold, ascending, each once."""
    found = [NO_IDS]
    for path in files:
        if _overlap(bounds(path, "trade_id", disk), wanted):
            ids = read_ids(path, disk=disk)
            found.append(ids[(ids >= wanted.start) & (ids < wanted.stop)])
    return distinct(np.concatenate(found))


def ids_on_disk(
    root: Path, symbol: str, source: str, wanted: range, disk: Disk = LOCAL_DISK, until: datetime = DOOMSDAY
) -> Integers:
    """Those of the `wanted` ids that are stored, closed or in the tail, ascending.

    Days are looked at from that of `until` back, to one that ends before the first wanted id.
    """
    newest = f"date={until:%Y-%m-%d}"

    def find() -> Integers:
        found = [
            _ids_of_days(
                [day for day in _days(root, dataset, symbol, source, disk) if day.name <= newest], pattern, wanted, disk
            )
            for dataset, pattern in FILES_OF_A_DAY.items()
        ]
        return distinct(np.concatenate(found))

    return once_listed(find)


def newest_recorded(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> int | None:
    """The greatest id on disk, without what other writers than the recorder put into the tail."""
    return max(_newest_of_each(root, symbol, source, MINUTES, disk), default=None)


def newest_of_others(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> int | None:
    """The greatest id in the tail that another writer than the recorder put there."""
    return once_listed(lambda: _newest(_days(root, TRADES_TAIL, symbol, source, disk), f"hour=*/{OTHERS}", disk))


def newest_stored(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> int | None:
    """The greatest id on disk, whoever wrote it."""
    return max(_newest_of_each(root, symbol, source, "*.parquet", disk), default=None)


def _newest_of_each(root: Path, symbol: str, source: str, tail_names: str, disk: Disk) -> list[int]:
    patterns = {**FILES_OF_A_DAY, TRADES_TAIL: f"hour=*/{tail_names}"}

    def find() -> list[int]:
        found = (_newest(_days(root, each, symbol, source, disk), pattern, disk) for each, pattern in patterns.items())
        return [newest for newest in found if newest is not None]

    return once_listed(find)


def once_listed(find: Callable[[], Found]) -> Found:
    """What `find` finds when no file that it has listed is gone before it opens it.

    A compaction deletes tail files whose rows are in closed; then it looks again.
    """
    while True:
        try:
            return find()
        except FileNotFoundError:
            continue


def _newest(days: Sequence[Path], pattern: str, disk: Disk) -> int | None:
    for day in days:
        if ends := [ids[-1] for path in disk.files(day, pattern) if (ids := bounds(path, "trade_id", disk))]:
            return max(ends)
    return None


def _ids_of_days(days: Iterable[Path], pattern: str, wanted: range, disk: Disk) -> Integers:
    found = [NO_IDS]
    for day in days:
        files = disk.files(day, pattern)
        ends = [ids[-1] for path in files if (ids := bounds(path, "trade_id", disk))]
        found.append(ids_in(files, wanted, disk))
        if ends and max(ends) < wanted.start:
            break
    return distinct(np.concatenate(found))


def _days(root: Path, dataset: Dataset, symbol: str, source: str, disk: Disk) -> list[Path]:
    """The folders of a symbol's days, the newest first."""
    newest = partition_path(root, dataset, {"symbol": symbol, "source": source, "date": "", "hour": ""})
    return list(reversed(disk.files(newest.parents[len(dataset.keys) - 3], "date=*")))


def _overlap(some: range, others: range) -> bool:
    return some.start < others.stop and others.start < some.stop


def newest_known(run: Run, symbol: str, recorded: int | None) -> int | None:
    """The id behind which the stream goes on: ours, an archive's, or that before a hole told before any trade."""
    others = newest_of_others(run.root, symbol, run.source, run.disk)
    if known := [each for each in (recorded, others) if each is not None]:
        return max(known)
    told = fates(run.root, run.source, symbol, run.disk)
    return told[0].first_trade_id - 1 if told else None


def untold(run: Run, symbol: str, holes: Sequence[range]) -> list[range]:
    """Those ids of `holes` that nobody has stored and the ledger knows nothing of, for others may fill the latter."""
    lacking = IdRanges()
    for gap in fates(run.root, run.source, symbol, run.disk):
        lacking.add(range(gap.first_trade_id, gap.last_trade_id + 1))
    for hole in holes:
        for part in ranges_of(ids_on_disk(run.root, symbol, run.source, hole, run.disk)):
            lacking.add(part)
    return [part for hole in holes for part in lacking.lacking(hole)]
