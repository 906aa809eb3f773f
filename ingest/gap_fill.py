"""Filling a hole in the trade ids from REST, and telling what became of every id in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

from ingest.binance_record import Trade
from ingest.binance_rest import PAGE, BinanceRest
from ingest.errors import SourceError
from ingest.runs import Clock, Gap, GapStatus

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = (0.2, 0.5, 1.0, 2.0)  # REST may lag behind the stream: a short answer is not believed at once
ABSENT = "the exchange's REST answer does not have them"
Take = Callable[[Sequence[Trade]], Awaitable[None]]


async def fill(rest: BinanceRest, hole: range, symbol: str, take: Take, most: int, clock: Clock) -> list[Gap]:
    """Hand the trades with ids in `hole` to `take`, ascending. Returns one gap per range of equal fate."""
    detected_at = clock()
    if len(hole) > most:
        reason = f"{len(hole)} trades are more than max_backfill_trades = {most}"
        return [Gap(symbol, hole[0], hole[-1], "open", reason, detected_at)]
    log.info("%s: filling %d missing trades from %d on", symbol, len(hole), hole[0])
    filled: list[int] = []
    problem = None
    try:
        await _fetch(rest, hole, symbol, filled, take)
    except SourceError as error:
        problem = str(error)
    parts = _parts(hole, filled, problem)
    return [Gap(symbol, part[0], part[-1], status, reason, detected_at) for part, status, reason in parts]


async def _fetch(rest: BinanceRest, hole: range, symbol: str, filled: list[int], take: Take) -> None:
    """Page through `hole`; what was handed on is in `filled`, even when this ends in a SourceError."""
    patience = list(ASK_AGAIN_SECONDS)
    wanted = hole[0]
    while wanted <= hole[-1]:
        page = await rest.trades_from(symbol, wanted, min(PAGE, hole[-1] - wanted + 1))
        inside = [trade for trade in page if wanted <= trade.trade_id <= hole[-1]]
        await take(inside)
        filled += (trade.trade_id for trade in inside)
        if page and page[-1].trade_id >= hole[-1]:
            return
        if inside:
            wanted = inside[-1].trade_id + 1
            patience = list(ASK_AGAIN_SECONDS)
        elif patience:
            await asyncio.sleep(patience.pop(0))
        else:
            return


def _parts(hole: range, filled: Sequence[int], problem: str | None) -> list[tuple[range, GapStatus, str]]:
    """`hole` cut into ranges: filled, absent at the exchange, and (after `problem`) still open."""
    parts: list[tuple[range, GapStatus, str]] = []
    expected = hole[0]
    for _, pairs in groupby(enumerate(filled), key=lambda pair: pair[1] - pair[0]):  # runs of consecutive ids
        run = [trade_id for _, trade_id in pairs]
        if run[0] > expected:
            parts.append((range(expected, run[0]), "absent_upstream", ABSENT))
        expected = run[-1] + 1
        parts.append((range(run[0], expected), "filled", "the stream skipped them"))
    if expected <= hole[-1]:
        rest = range(expected, hole[-1] + 1)
        parts.append((rest, "open", problem) if problem else (rest, "absent_upstream", ABSENT))
    return parts
