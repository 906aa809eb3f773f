"""The background filler: works through the open gaps of the ledger by REST, beside the recorder and in its own time."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ingest.binance_record import Trade, trades_table
from ingest.binance_rest import BinanceRest
from ingest.errors import RateLimitedError, SourceError
from ingest.gap_fill import Fates, Part, fill
from ingest.gap_ledger import open_gaps
from ingest.id_ranges import IdRanges, ranges_of
from ingest.insertion import insert
from ingest.runs import Gap, Run
from ingest.stored_trades import ids_on_disk, newest_recorded
from quant.status import MOST_FILLED

log = logging.getLogger(__name__)

TRADES_PER_STEP = 25_000  # then they go to disk, and the ledger says so: what a kill costs is one step
ARCHIVE = "import the exchange's archives of the days between with `quant ingest archive`"
FETCHED = "fetched in the background"
FOUND = "they are stored"


@dataclass
class Allowance:
    """REST as the filler may use it: so many trades a run, so much rest between two requests."""

    rest: BinanceRest
    trades_left: int
    pause_seconds: float
    problem: SourceError | None = None  # what the last request ended in
    _not_before: float = 0.0

    async def trades_from(self, symbol: str, first_id: int, count: int) -> list[Trade]:
        """As the REST client's; an answer without trades counts as one."""
        self.problem, loop = None, asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._not_before - loop.time()))
        self._not_before = loop.time() + self.pause_seconds
        try:
            page = await self.rest.trades_from(symbol, first_id, count)
        except SourceError as error:
            self.problem = error
            raise
        self.trades_left -= max(len(page), 1)
        return page


class Step:
    """What was found out about the next ids of one gap, and is not on disk yet."""

    def __init__(self, root: Path, run: Run, gap: Gap) -> None:
        self._root, self._run, self.gap = root, run, gap
        self.trades: list[Trade] = []
        self._fates = Fates(gap.symbol, gap.detected_at)

    def pieces(self, ids: range) -> list[tuple[range, bool]]:
        """`ids` as ranges, ascending, and whether they are stored."""
        run, known = self._run, IdRanges()
        stored = ranges_of(ids_on_disk(self._root, self.gap.symbol, run.source, ids, run.disk)) if ids else []
        for part in stored:
            known.add(part)
        pieces = [(part, True) for part in stored] + [(part, False) for part in known.lacking(ids)]
        return sorted(pieces, key=lambda piece: piece[0].start)

    def take(self, part: Part) -> None:
        if isinstance(part, list):
            self.trades += part
            part = range(part[0].trade_id, part[-1].trade_id + 1), "filled", FETCHED
        self._fates.add(*part)

    async def commit(self) -> None:
        """Trades first: an id is called filled when it is on disk."""
        trades, self.trades = self.trades, []
        written = await insert(self._root, trades_table(trades, self._run.source, self._run.run_id), self._run.disk)
        self._run.row_count += written
        self._run.count_duplicates += len(trades) - written
        fates = self._fates.gaps
        if fates and fates[-1].status == "open" and fates[-1].reason == self.gap.reason:
            fates.pop()  # as it was told before: each run would tell it anew
        await asyncio.to_thread(self._run.record_gaps, fates)
        for fate in fates:
            log.info("%s: %d to %d %s", fate.symbol, fate.first_trade_id, fate.last_trade_id, fate.status)
        self._fates = Fates(self.gap.symbol, self.gap.detected_at)


async def fill_open_gaps(
    root: Path, source: str, symbols: Sequence[str], rest: BinanceRest, run: Run, budget: int, pause: float = 0.0
) -> int:
    """Ask REST for the ids of all open gaps, the newest gap first; durable step by step. Returns how many stay open.

    At most about `budget` trades are asked for, with `pause` seconds between two requests. Raises RateLimitedError
    when the exchange wants to be left alone: what came before is on disk.
    """
    allowance = Allowance(rest, budget, pause)
    newest = {symbol: newest_recorded(root, symbol, source, run.disk) or 0 for symbol in symbols}
    given_up: set[str] = set()
    for gap in await asyncio.to_thread(open_gaps, root, source, symbols, run.disk):
        if gap.last_trade_id - gap.first_trade_id >= MOST_FILLED:
            log.warning("%s: %d to %d are too many: %s", gap.symbol, gap.first_trade_id, gap.last_trade_id, ARCHIVE)
            continue
        if allowance.trades_left > 0 and gap.symbol not in given_up:
            step = Step(root, run, gap)
            await _work_through(step, _ids_below(gap, newest[gap.symbol]), allowance)
            if isinstance(allowance.problem, RateLimitedError):
                raise allowance.problem
            if allowance.problem is not None:  # its other gaps would meet the same
                given_up.add(gap.symbol)
                allowance.problem = None
    left = await asyncio.to_thread(open_gaps, root, source, symbols, run.disk)
    return sum(gap.last_trade_id - gap.first_trade_id + 1 for gap in left)


async def _work_through(step: Step, ids: range, allowance: Allowance) -> None:
    """One gap, ascending, up to the end of the allowance or to a request that fails."""
    for part, is_stored in await asyncio.to_thread(step.pieces, ids):
        if is_stored:
            step.take((part, "filled", FOUND))
        elif allowance.trades_left > 0 and allowance.problem is None:
            await _ask_for(part, step, allowance)
        else:
            break
    await step.commit()


async def _ask_for(ids: range, step: Step, allowance: Allowance) -> None:
    async with aclosing(fill(cast(BinanceRest, allowance), ids, step.gap.symbol)) as parts:
        async for part in parts:
            if isinstance(part, tuple) and isinstance(allowance.problem, RateLimitedError):
                return  # how long to wait is nothing for the ledger
            step.take(part)
            if len(step.trades) >= TRADES_PER_STEP:
                await step.commit()
            if allowance.trades_left <= 0:
                return


def _ids_below(gap: Gap, newest: int) -> range:
    """The ids of a gap that lie below the newest one that the recorder has stored.

    Should it have died before it stored anything beyond the gap, it will begin with these ids itself.
    """
    return range(gap.first_trade_id, min(gap.last_trade_id + 1, newest))
