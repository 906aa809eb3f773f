"""Filling a hole in the trade ids from REST, and telling what became of every id in it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.binance_record import Trade
from ingest.binance_rest import PAGE, BinanceRest
from ingest.errors import SourceError
from ingest.runs import Gap, GapStatus

ASK_AGAIN_SECONDS = (0.2, 0.5, 1.0)  # REST may lag behind the stream, or leave rows out: one answer proves nothing
ABSENT = "the exchange's REST answers go on behind them"
FILLED = "they did not come by the stream"
NOT_YET = "the exchange's REST answers end before them"

Part = list[Trade] | tuple[range, GapStatus, str]  # trades in the order of their ids, or ids with their fate and reason


@dataclass
class Fates:
    """What became of a hole, range by range; together one batch of the ledger."""

    symbol: str
    detected_at: datetime
    gaps: list[Gap] = field(default_factory=list)

    def add(self, ids: range, status: GapStatus, reason: str) -> Gap:
        """The next ids and their fate; filled pages grow together."""
        gap = Gap(self.symbol, ids[0], ids[-1], status, reason, self.detected_at)
        if self.gaps and self.gaps[-1].status == status == "filled":
            gap = replace(gap, first_trade_id=self.gaps.pop().first_trade_id)
        self.gaps.append(gap)
        return gap


async def fill(rest: BinanceRest, hole: range, symbol: str, seconds: float | None = None) -> AsyncGenerator[Part, None]:
    """The trades with ids in `hole`, page by page, and between them the ids that are not to be had; ascending.

    After `seconds` the rest of the hole is left open. Every id of the hole is told of exactly once.
    """
    wanted = hole[0]
    deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
    try:
        async for part in _pages(rest, hole, symbol, deadline):
            wanted = part[-1].trade_id + 1 if isinstance(part, list) else part[0][-1] + 1
            yield part
    except SourceError as error:
        yield range(wanted, hole[-1] + 1), "open", str(error)
    except TimeoutError:
        yield range(wanted, hole[-1] + 1), "open", f"REST took longer than {seconds:g} s: live trades come first"


async def _pages(rest: BinanceRest, hole: range, symbol: str, deadline: float | None) -> AsyncGenerator[Part, None]:
    wanted, patience = hole[0], list(ASK_AGAIN_SECONDS)
    known: dict[int, Trade] = {}  # of all answers since the last progress: one may lack what another had
    while wanted <= hole[-1]:
        async with asyncio.timeout_at(deadline):  # not around the yield: the taker's time is not ours
            page = await rest.trades_from(symbol, wanted, min(PAGE, hole[-1] - wanted + 2))  # one more proves the end
        known.update((trade.trade_id, trade) for trade in page)
        if trades := _consecutive(known, wanted, hole[-1]):
            wanted, patience = trades[-1].trade_id + 1, list(ASK_AGAIN_SECONDS)
            yield trades
        elif patience:
            async with asyncio.timeout_at(deadline):
                await asyncio.sleep(patience.pop(0))
        elif not known:
            yield range(wanted, hole[-1] + 1), "open", NOT_YET
            return
        else:
            absent = range(wanted, min(min(known), hole[-1] + 1))
            wanted, patience = absent[-1] + 1, list(ASK_AGAIN_SECONDS)
            yield absent, "absent_upstream", ABSENT


def _consecutive(known: dict[int, Trade], first: int, last: int) -> list[Trade]:
    """The trades from `first` on, one by one, up to the first that is not known; taken out of `known`."""
    trades: list[Trade] = []
    while first <= last and first in known:
        trades.append(known.pop(first))
        first += 1
    return trades
