"""What waits to be written, and the order in which it comes to disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ingest.binance_record import Kline, Trade
from ingest.compaction import settled_before, stored_boundary
from ingest.klines import StreamKlines
from ingest.late_rows import LateRows, hour_of
from ingest.open_days import OpenDays
from ingest.runs import Gap, Run
from ingest.same_folder import SameFolder
from ingest.tail import Tail, by_minute
from ingest.trade_block import TradeBlock, blocks_of


@dataclass
class Pending:
    """Records in the order of their arrival."""

    trades: list[Trade] = field(default_factory=list)  # one by one
    blocks: list[TradeBlock] = field(default_factory=list)  # many at once
    count_in_blocks: int = 0  # kept, because it is asked for with every batch
    minutes: dict[tuple[int, str], pa.Table] = field(default_factory=dict)  # left by a writing that failed
    bars: list[Kline] = field(default_factory=list)
    open_days: dict[str, Kline] = field(default_factory=dict)  # by symbol; who waits longest comes first
    warnings: list[Gap] = field(default_factory=list)  # ranges that are not to be had: told before what lies behind
    fates: list[list[Gap]] = field(default_factory=list)  # whole holes, told when their trades are on disk

    def __len__(self) -> int:
        left = sum(rows.num_rows for rows in self.minutes.values())
        return len(self.trades) + self.count_in_blocks + int(left)

    def __bool__(self) -> bool:
        records = self.trades or self.blocks or self.minutes or self.bars or self.open_days
        return bool(records or self.warnings or self.fates)

    def add(self, block: TradeBlock) -> None:
        self.blocks.append(block)
        self.count_in_blocks += len(block)

    def followed_by(self, later: "Pending") -> "Pending":
        return Pending(
            self.trades + later.trades,
            self.blocks + later.blocks,
            self.count_in_blocks + later.count_in_blocks,
            self.minutes,  # nobody has tried to write the later ones
            self.bars + later.bars,
            self.open_days | later.open_days,
            self.warnings + later.warnings,
            self.fates + later.fates,
        )


class Writer:
    """Puts what is pending on disk, in the one order that a crash at any instant cannot turn into an untold hole."""

    def __init__(self, trades: Run, klines: Run, symbols: int) -> None:
        self._trades_run, self._klines_run = trades, klines
        self._tail = Tail(trades.root, trades.source, trades.run_id, symbols, trades.disk)
        self._bars = StreamKlines(klines, symbols)
        self._open_days = OpenDays(klines)
        self._folder = SameFolder(trades.root, trades.run_id, trades.disk).mark()
        self.late_rows = LateRows(trades.root, trades.disk)

    def write(self, pending: Pending) -> None:
        """Runs in a thread of its own. What is on disk is taken out of `pending`, also when an OSError ends this."""
        self._folder.check()
        try:
            self._write(pending)
        except FileNotFoundError:
            self._folder.check()  # it may have vanished meanwhile: then that is what we say
            raise

    def _write(self, pending: Pending) -> None:
        while pending.warnings:
            self._trades_run.record_gaps(pending.warnings[:1])
            del pending.warnings[0]
        self._write_trades(pending)
        self._klines_run.row_count += self._bars.write(pending.bars)
        pending.bars = []
        self._open_days.write_next(pending.open_days)
        while pending.fates:
            self._trades_run.record_gaps(_with_a_filled_one(pending.fates[0]))
            del pending.fates[0]
        self._trades_run.save_dead_letters()
        self._klines_run.save_dead_letters()

    def _write_trades(self, pending: Pending) -> None:
        """Minute by minute, the oldest first: a crash in between leaves a beginning, not a patchwork.

        A compaction may be moving the boundary just now, and have passed the hour before we wrote: so what could be
        late by the clock counts as late.
        """
        run, boundary = self._trades_run, stored_boundary(self._trades_run.root, self._trades_run.disk)
        self._part(pending)
        for minute, symbol in sorted(pending.minutes):
            rows = pending.minutes[minute, symbol]
            written = self._tail.write_minute(minute, symbol, rows)
            del pending.minutes[minute, symbol]
            run.row_count += written
            run.count_duplicates += rows.num_rows - written
            if (hour := hour_of(minute)) < max(boundary, settled_before(run.clock())):
                self.late_rows.add({hour})

    def _part(self, pending: Pending) -> None:
        """All trades by minute and symbol."""
        blocks = pending.blocks + blocks_of(pending.trades)
        for key, rows in by_minute(blocks, self._trades_run.source, self._trades_run.run_id).items():
            before = pending.minutes.get(key)
            pending.minutes[key] = rows if before is None else pa.concat_tables([before, rows])
        pending.blocks, pending.count_in_blocks, pending.trades = [], 0, []


def _with_a_filled_one(fates: Sequence[Gap]) -> Sequence[Gap]:
    """Nothing to add to the warnings unless some ids were filled."""
    return fates if any(gap.status == "filled" for gap in fates) else ()
