"""The recorder: every trade of the stream on disk once, holes filled on the way, bars beside them."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.binance_parse import DeadLetter, Ignored, Shutdown, parse
from ingest.binance_record import Kline, Trade
from ingest.binance_rest import BinanceRest
from ingest.gap_fill import fill
from ingest.klines import StreamKlines
from ingest.late_rows import LateRows, late_hours
from ingest.runs import Gap, Run
from ingest.tail import Tail, stored_ids
from quant.settings import Settings

log = logging.getLogger(__name__)

MOST_PENDING = 20_000  # trades in memory; beyond this we stop reading until the disk has caught up


class Recorder:
    """Takes frames in, in the order of their arrival, and puts records on disk with `flush`."""

    def __init__(self, settings: Settings, trades: Run, klines: Run, rest: BinanceRest) -> None:
        self._symbols = frozenset(settings.crypto.symbols)
        self._most_backfilled = settings.crypto.max_backfill_trades
        self._trades_run, self._klines_run, self._rest = trades, klines, rest
        self._tail = Tail(trades.root, trades.source, trades.run_id, len(self._symbols), trades.disk)
        self._bars_on_disk = StreamKlines(klines, len(self._symbols))
        stored = {symbol: stored_ids(trades.root, symbol, trades.source, trades.disk) for symbol in self._symbols}
        self._last = {symbol: ids.last for symbol, ids in stored.items()}
        self._holes = {symbol: ids.holes for symbol, ids in stored.items() if ids.holes}
        self._pending: list[Trade] = []
        self._bars: list[Kline] = []
        self._gaps: list[Gap] = []
        self._flushing = asyncio.Lock()
        self._flushes: set[asyncio.Task[None]] = set()  # the event loop alone would forget them
        self._late_rows = LateRows(trades.root, trades.disk)
        self._filling = False
        self.count_open = 0

    async def take_frame(self, frame: bytes, fetched_at: int) -> bool:
        """Take one frame in; False when the server asks us to connect anew."""
        record = parse(frame, self._symbols, fetched_at)
        match record:
            case Trade():
                await self.take(record)
            case Kline(is_final=True):
                self._bars.append(record)
            case Kline():
                pass  # the open bar, resent every two seconds: ours is computed from the trades
            case Ignored(kind):
                self._ignore(kind, frame)
            case DeadLetter(reason):
                self._trades_run.reject(frame, reason, datetime.fromtimestamp(fetched_at / 1e6, UTC))
            case Shutdown():
                return False
        return True

    async def take(self, trade: Trade) -> None:
        """Take one trade in, after whatever is missing before it. Waits while the disk is behind."""
        for hole in self._holes.pop(trade.symbol, ()):
            await self._fill(hole, trade.symbol)
        last = self._last[trade.symbol]
        if last is not None and trade.trade_id <= last:
            self._trades_run.count_duplicates += 1
            return
        if last is not None and trade.trade_id > last + 1:
            await self._fill(range(last + 1, trade.trade_id), trade.symbol)
        await self._append([trade])

    async def flush(self) -> None:
        """Put on disk what is pending; durable on return. A cancelled call leaves the writing thread to its end,
        and the next one waits for it: two at once would overwrite each other's files.
        """
        flush = asyncio.ensure_future(self._flush())
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)
        await asyncio.shield(flush)

    async def close(self) -> None:
        """The last flush; then whatever was filled into hours before the boundary is made visible."""
        await self.flush()
        await self._late_rows.settle()

    async def _flush(self) -> None:
        async with self._flushing:
            trades, self._pending = self._pending, []
            bars, self._bars = self._bars, []
            gaps, self._gaps = self._gaps, []
            try:
                if trades or bars or gaps:
                    written = await asyncio.to_thread(self._write, trades, bars, gaps)
                    self._trades_run.row_count += written[0]
                    self._trades_run.count_duplicates += len(trades) - written[0]
                    self._klines_run.row_count += written[1]
            except BaseException:
                self._pending, self._bars, self._gaps = trades + self._pending, bars + self._bars, gaps + self._gaps
                raise  # the next flush tries them again; what reached the disk is not written twice
            if not self._filling:  # else each page would get a closed file of its own
                self._late_rows.start()

    def _write(self, trades: Sequence[Trade], bars: Sequence[Kline], gaps: Sequence[Gap]) -> tuple[int, int]:
        """Runs in a thread of its own. Returns how many trades and bars were new.

        Trades go first: a gap is called filled when it is.
        """
        written = self._tail.write(trades), self._bars_on_disk.write(bars)
        self._late_rows.add(late_hours(self._trades_run.root, trades, self._trades_run.disk))
        self._trades_run.record_gaps(gaps)
        return written

    async def _fill(self, hole: range, symbol: str) -> None:
        self._filling = True
        try:
            gaps = await fill(self._rest, hole, symbol, self._append, self._most_backfilled, self._trades_run.clock)
        finally:
            self._filling = False
        for gap in gaps:
            level = logging.WARNING if gap.status == "open" else logging.INFO
            log.log(level, "%s: %d to %d %s", symbol, gap.first_trade_id, gap.last_trade_id, gap.status)
        self.count_open += sum(gap.status == "open" for gap in gaps)
        self._gaps += gaps

    async def _append(self, trades: Sequence[Trade]) -> None:
        for trade in trades:
            self._last[trade.symbol] = max(trade.trade_id, self._last[trade.symbol] or 0)
        self._pending += trades
        if len(self._pending) >= MOST_PENDING:
            await self.flush()

    def _ignore(self, kind: str, frame: bytes) -> None:
        self._trades_run.ignored[kind] += 1
        if kind == "error":
            log.warning("the exchange complains: %s", frame[:300].decode(errors="replace"))
