"""The tail: the newest trades, one file per symbol and minute, and what is on disk when a recorder starts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.binance_record import Trade
from ingest.disk import LOCAL_DISK, Disk
from ingest.growing_file import GrowingFiles
from ingest.parquet import Integers, greatest, partition_path, read_ids
from ingest.record import TRADES_CLOSED, TRADES_TAIL
from ingest.trade_block import TradeBlock, blocks_of, joined

MICROSECONDS_PER_MINUTE = 60_000_000
MINUTES_HELD_PER_SYMBOL = 2
MINUTES = "[0-5][0-9].parquet"  # what is filled in later lies in files of other names
NEWEST_MINUTES = 2  # a crash can only have left the newest minutes of a symbol without some row


class Tail:
    """Writes trades to `trades/tail/symbol=/source=/date=/hour=/MM.parquet`, by the exchange's clock."""

    def __init__(self, root: Path, source: str, run_id: str, symbols: int, disk: Disk = LOCAL_DISK) -> None:
        self._root, self._source, self._run_id = root, source, run_id
        self._disk = disk
        self._minutes = GrowingFiles("trade_id", max(symbols, 1) * MINUTES_HELD_PER_SYMBOL, disk)

    def write(self, trades: Sequence[Trade]) -> int:
        """Put `trades` on disk, older minutes first; durable on return. Returns how many were not there yet."""
        minutes = by_minute(blocks_of(trades), self._source, self._run_id)
        return sum(self.write_minute(*key, minutes[key]) for key in sorted(minutes))

    def write_minute(self, minute: int, symbol: str, rows: pa.Table) -> int:
        """The same for rows of one symbol and minute, counted from 1970 UTC."""
        path = minute_path(self._root, symbol, self._source, minute)
        with self._disk.exclusive(tail_lock(self._root)):  # else compaction may delete the file meanwhile
            return self._minutes.add(path, rows)


def by_minute(blocks: Sequence[TradeBlock], source: str, run_id: str) -> dict[tuple[int, str], pa.Table]:
    """The rows to store by minute (counted from 1970 UTC, by the exchange's clock) and symbol."""
    symbols: defaultdict[str, list[TradeBlock]] = defaultdict(list)
    for block in blocks:
        symbols[block.symbol].append(block)
    return {
        (minute, symbol): rows
        for symbol, group in symbols.items()
        for minute, rows in _minutes_of(joined(group, source, run_id))
    }


def _minutes_of(rows: pa.Table) -> list[tuple[int, pa.Table]]:
    minutes = rows.column("ts").cast(pa.int64()).to_numpy() // MICROSECONDS_PER_MINUTE
    if minutes.min() == minutes.max():  # nearly always
        return [(int(minutes[0]), rows)]
    return [(int(minute), rows.filter(pa.array(minutes == minute))) for minute in np.unique(minutes)]


def tail_lock(root: Path) -> Path:
    """Held while a tail file is rewritten, and while an hour of the tail is deleted."""
    return root / "trades" / "tail.lock"


def minute_path(root: Path, symbol: str, source: str, minute: int) -> Path:
    """The file of one minute, counted from 1970 UTC: .../date=2026-11-22/hour=7/05.parquet."""
    at = datetime.fromtimestamp(minute * 60, UTC)
    keys = {"symbol": symbol, "source": source, "date": f"{at:%Y-%m-%d}", "hour": str(at.hour)}
    return partition_path(root, TRADES_TAIL, keys) / f"{at:%M}.parquet"


@dataclass(frozen=True)
class Stored:
    """What a starting recorder needs to know: the greatest id on disk, and ids missing in the newest minutes."""

    last: int | None
    holes: tuple[range, ...]


def stored_ids(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> Stored:
    """Read the newest files of a symbol; they are the only state. `last` is None when there are none.

    A crash between the files of two minutes leaves a hole if ids and clock disagree at the turn of the minute. At the
    turn of an hour it lies in closed by now, if a compaction was faster than the next start.
    """
    files = _newest_minutes(root, symbol, source, disk)
    tail = _joined(read_ids(path, disk=disk) for path in files)
    closed = _newest_closed(root, symbol, source, disk)
    ids = closed if len(closed) and (not len(tail) or closed[-1] >= tail[-1]) else tail
    if not len(ids):
        return Stored(None, ())
    before_holes = np.flatnonzero(np.diff(ids) > 1)
    return Stored(int(ids[-1]), tuple(range(int(ids[i]) + 1, int(ids[i + 1])) for i in before_holes))


def least_of_newest_minutes(root: Path, symbol: str, source: str, disk: Disk = LOCAL_DISK) -> int | None:
    """The least id of the files in which a starting recorder looks for holes; None when there are none."""
    ids = [read_ids(path, disk=disk) for path in _newest_minutes(root, symbol, source, disk)]
    return min((int(each.min()) for each in ids if len(each)), default=None)


def _newest_minutes(root: Path, symbol: str, source: str, disk: Disk) -> list[Path]:
    below = partition_path(
        root, TRADES_TAIL, {"symbol": symbol, "source": source, "date": "", "hour": ""}
    ).parent.parent
    newest: list[Path] = []
    for date in reversed(disk.files(below, "date=*")):
        for hour in sorted(disk.files(date, "hour=*"), key=_hour, reverse=True):
            newest += reversed(disk.files(hour, MINUTES))
            if len(newest) >= NEWEST_MINUTES:
                return newest[:NEWEST_MINUTES]
    return newest


def _newest_closed(root: Path, symbol: str, source: str, disk: Disk) -> Integers:
    """The ids of the newest closed day that has any, and the greatest of the day before: a hole may lie in between."""
    below = partition_path(root, TRADES_CLOSED, {"symbol": symbol, "source": source, "date": ""}).parent
    ids = _joined([])
    for date in reversed(disk.files(below, "date=*")):
        files = disk.files(date, "*.parquet")
        if not len(ids):
            ids = _joined(read_ids(path, disk=disk) for path in files)
        elif ends := [end for path in files if (end := greatest(path, "trade_id", disk)) is not None]:
            return _joined([ids, np.array([max(ends)])])
    return ids


def _joined(parts: Iterable[Integers]) -> Integers:
    """Ascending, each once."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *parts]))


def _instants(path: Path, disk: Disk) -> Integers:
    instants: Integers = read_ids(path, "ts", disk).astype(np.int64)
    return instants


def _hour(folder: Path) -> int:
    return int(folder.name.partition("=")[2])
