"""The recorder: every trade of the stream on disk once, holes filled on the way, bars beside them."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from ingest.binance_parse import DeadLetter, Ignored, Shutdown, open_days, parse, parse_many
from ingest.binance_record import Kline, Trade
from ingest.binance_rest import BinanceRest
from ingest.gap_fill import FILLED, Fates, Part, fill
from ingest.pending import Pending, Writer
from ingest.runs import Gap, Run
from ingest.stored_trades import newest_known, untold
from ingest.tail import stored_ids
from ingest.trade_block import columns_of
from quant.settings import Settings

log = logging.getLogger(__name__)

MOST_PENDING = 50_000  # trades in memory; beyond this we stop reading until the disk has caught up
MOST_REJECTED_BYTES = 16_000_000  # the same for frames that could not be read
FILL_SECONDS = 10.0  # for a hole before the live trades behind it; what is left is filled in the background
WRITE_AGAIN_SECONDS = 1.0
MOST_KINDS, LONGEST_KIND = 100, 40  # of events that we did not ask for; what has more names is counted as OTHERS
OTHERS = "others"


class Recorder:
    """Takes frames in, in the order of their arrival, and puts records on disk with `flush`."""

    def __init__(self, settings: Settings, trades: Run, klines: Run, rest: BinanceRest) -> None:
        self._symbols = frozenset(settings.crypto.symbols)
        self._most_backfilled = settings.crypto.max_backfill_trades
        self._run, self._rest = trades, rest
        self._writer = Writer(trades, klines, len(self._symbols))
        stored = {symbol: stored_ids(trades.root, symbol, trades.source, trades.disk) for symbol in self._symbols}
        self._last = {symbol: newest_known(trades, symbol, ids.last) for symbol, ids in stored.items()}
        self._expected: dict[str, int] = {}  # the next id of each symbol whose first trade has come
        self._holes = {symbol: untold(trades, symbol, ids.holes) for symbol, ids in stored.items() if ids.holes}
        self._doubtful: dict[str, tuple[Trade, bytes]] = {}  # far ahead of the one before it, until another confirms it
        self._days: dict[str, int] = {}  # when the newest day of each symbol began
        self._pending = Pending()
        self._flushing = asyncio.Lock()
        self._flushes: set[asyncio.Task[None]] = set()  # the event loop alone would forget them
        self._filling = False
        self.problem: str | None = None  # why nothing can be written
        self.outages: deque[str] = deque(maxlen=10)  # of the disk, the newest ones
        self.count_open = 0

    async def take_frames(self, frames: Sequence[bytes], fetched_at: int) -> bool:
        """Take in frames that came together; False when the server says that it is about to go."""
        goes_on = True
        if not self._take_ordinary(frames, fetched_at):
            for frame in frames:
                goes_on &= await self._take_frame(frame, fetched_at)
        await self._make_room()
        return goes_on

    def _take_ordinary(self, frames: Sequence[bytes], fetched_at: int) -> bool:
        """The fast way, for trades that follow each other one by one and bars that are still open; else nothing is
        taken, and False says that each frame wants a look of its own.
        """
        events = parse_many(frames) or ()
        columns = columns_of(events, self._symbols) if events else None
        if columns is None or not all(part.follow(self._expected.get(symbol)) for symbol, part in columns.items()):
            return False
        try:
            blocks = [part.block(symbol, fetched_at) for symbol, part in columns.items()]
            days = open_days(events, fetched_at)
        except ValueError:
            return False
        for block, part in zip(blocks, columns.values(), strict=True):
            self._pending.add(block)
            self._advance(block.symbol, part.ids[-1])
        for day in days:
            self._take_open_day(day)
        return True

    async def _take_frame(self, frame: bytes, fetched_at: int) -> bool:
        match record := parse(frame, self._symbols, fetched_at):
            case Trade():
                await self.take(record, frame)
            case Kline(is_final=True):
                self._pending.bars.append(record)
            case Kline(interval="1d"):
                self._take_open_day(record)
            case Kline():
                pass  # the open minute, resent every two seconds: ours is computed from the trades
            case Ignored(kind):
                self._ignore(kind, frame)
            case DeadLetter(reason):
                self._run.reject(frame, reason, datetime.fromtimestamp(fetched_at / 1e6, UTC))
            case Shutdown():
                return False
        return True

    def _take_open_day(self, bar: Kline) -> None:
        """Unless a later day has begun: an address may lag behind the one before it."""
        if bar.ts >= self._days.get(bar.symbol, bar.ts):
            self._days[bar.symbol] = bar.ts
            self._pending.open_days[bar.symbol] = bar

    async def take(self, trade: Trade, frame: bytes = b"") -> None:
        """Take one trade in, after whatever is missing before it. Waits while the disk is behind."""
        last = self._last[trade.symbol]
        for hole in self._holes.pop(trade.symbol, ()):
            await self._fill(hole, trade.symbol)
        if last is not None and trade.trade_id <= last:
            self._run.count_duplicates += 1
            return
        if last is not None and trade.trade_id - last > self._most_backfilled:
            doubtful = self._confirmed_by(trade, frame)
            if doubtful is None:
                return
            await self._take_new(doubtful)
        await self._take_new(trade)

    async def _take_new(self, trade: Trade) -> None:
        last = self._last[trade.symbol]
        if last is not None and trade.trade_id > last + 1:
            await self._fill(range(last + 1, trade.trade_id), trade.symbol)
        self._append(trade)
        await self._make_room()

    async def flush(self) -> None:
        """Put on disk what is pending, of open days the next that is due; durable on return.

        A cancelled call leaves the writing thread to its end, and the next one waits for it: two at once would
        overwrite each other's files.
        """
        flush = asyncio.ensure_future(self._flush())
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)
        await asyncio.shield(flush)

    async def flush_surely(self) -> None:
        """`flush`, as often as it takes: a disk that is full, read-only or away may come back. Said once, not lost."""
        while True:
            try:
                await self.flush()
            except OSError as error:
                if self.problem is None:
                    log.error("nothing can be written: %s; keeping %d trades, trying again", error, len(self._pending))
                    self.outages.append(
                        f"from {self._run.clock():%Y-%m-%d %H:%M:%S} UTC nothing could be written: {error}"
                    )
                self.problem = str(error)
                await asyncio.sleep(WRITE_AGAIN_SECONDS)
            else:
                if self.problem is not None:
                    log.info("writing again, nothing was lost")
                    self.outages[-1] += f" (until {self._run.clock():%H:%M:%S})"
                self.problem = None
                return

    async def close(self) -> None:
        """The last flush; then whatever was filled into hours before the boundary is made visible."""
        await self.flush()
        await self._writer.late_rows.settle()

    async def _flush(self) -> None:
        async with self._flushing:
            batch, self._pending = self._pending, Pending()
            try:
                if batch or self._run.bytes_held:
                    await asyncio.to_thread(self._writer.write, batch)
            finally:  # what is left, after a failure too: the next flush writes it, and nothing twice
                self._pending = batch.followed_by(self._pending)
            if not self._filling:  # else each page would get a closed file of its own
                self._writer.late_rows.start()

    async def _make_room(self) -> None:
        if len(self._pending) >= MOST_PENDING or self._run.bytes_held >= MOST_REJECTED_BYTES:
            await self.flush_surely()

    def _confirmed_by(self, trade: Trade, frame: bytes) -> Trade | None:
        """The trade far ahead that a second one follows. One alone is not believed: if its id were nonsense, we should
        drop all that come after it. It waits for the next one; where that never comes, nothing is lost but a frame.
        """
        doubtful, doubtful_frame = self._doubtful.pop(trade.symbol, (None, b""))
        if doubtful is not None and trade.trade_id == doubtful.trade_id:  # two connections bring it twice
            self._run.count_duplicates += 1
            self._doubtful[trade.symbol] = doubtful, doubtful_frame
            return None
        if doubtful is not None and 0 < trade.trade_id - doubtful.trade_id <= self._most_backfilled:
            return doubtful
        if doubtful is not None:
            self._run.reject(doubtful_frame, f"id {doubtful.trade_id} is far from all others", self._run.clock())
        self._doubtful[trade.symbol] = trade, frame
        return None

    async def _fill(self, hole: range, symbol: str) -> None:
        """Take in the trades of a hole; what is not to be had goes into the ledger before what lies behind it."""
        fates = Fates(symbol, self._run.clock())
        if len(hole) > self._most_backfilled:
            reason = f"{len(hole)} trades are more than max_backfill_trades = {self._most_backfilled}"
            self._tell(fates.add(hole, "open", reason))
            return
        log.info("%s: filling %d missing trades from %d on", symbol, len(hole), hole[0])
        self._filling = True
        try:
            async with aclosing(fill(self._rest, hole, symbol, FILL_SECONDS)) as parts:
                async for part in parts:
                    self._take_part(part, fates)
                    await self._make_room()
        finally:
            self._filling = False
        self._pending.fates.append(fates.gaps)

    def _take_part(self, part: Part, fates: Fates) -> None:
        if isinstance(part, list):
            for trade in part:
                self._append(trade)
            fates.add(range(part[0].trade_id, part[-1].trade_id + 1), "filled", FILLED)
        else:
            self._tell(fates.add(*part))

    def _tell(self, gap: Gap) -> None:
        level = logging.WARNING if gap.status == "open" else logging.INFO
        log.log(level, "%s: %d to %d %s: %s", gap.symbol, gap.first_trade_id, gap.last_trade_id, gap.status, gap.reason)
        self.count_open += gap.status == "open"
        self._pending.warnings.append(gap)
        self._advance(gap.symbol, gap.last_trade_id)

    def _append(self, trade: Trade) -> None:
        self._pending.trades.append(trade)
        self._advance(trade.symbol, trade.trade_id)

    def _advance(self, symbol: str, trade_id: int) -> None:
        last = self._last[symbol]
        if last is None or trade_id > last:
            self._last[symbol], self._expected[symbol] = trade_id, trade_id + 1

    def _ignore(self, kind: str, frame: bytes) -> None:
        ignored, name = self._run.ignored, kind[:LONGEST_KIND]
        ignored[name if name in ignored or len(ignored) < MOST_KINDS else OTHERS] += 1
        if kind == "error":
            log.warning("the exchange complains: %s", frame[:300].decode(errors="replace"))
