"""The exchange's REST side: an httpx transport that answers late, in part, not at all, or with a lie."""

import asyncio
import json
from collections.abc import Callable

import httpx

from tests.simulation.exchange import Exchange
from tests.simulation.market import MINUTE_MS, Made, bar_row, trade_row

TIMEOUT_SECONDS = 10.0
LENGTH_MS = {"1m": MINUTE_MS, "1d": 24 * 60 * MINUTE_MS}
REFUSALS = (500, 502, 503, 504, 403, 451)
PAGE = 1000


class RestTransport(httpx.AsyncBaseTransport):
    """Answers requests from the books; notes which trades an answer denied."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange, random, faults = self._exchange, self._exchange.random, self._exchange.faults
        await asyncio.sleep(random.uniform(0.005, 0.2))
        exchange.trace.event("asked", request.url.path, request.url.query.decode())
        if random.random() < faults.timeout_share:
            if random.random() < 0.5:
                raise httpx.ConnectError("refused", request=request)
            await asyncio.sleep(TIMEOUT_SECONDS)
            raise httpx.ReadTimeout("silent", request=request)
        if random.random() < faults.limit_share:
            return self._limit()
        if random.random() < faults.refuse_request_share:
            return httpx.Response(random.choice(REFUSALS), content=b"<html>sorry</html>")
        if random.random() < faults.unreadable_share:
            return httpx.Response(200, content=random.choice((b"", b"<html>", b'{"a":', b'[{"id":1,"pri', b"{}")))
        return httpx.Response(200, content=json.dumps(self._rows(request)).encode())

    def _limit(self) -> httpx.Response:
        random = self._exchange.random
        status = random.choice((429, 429, 418))
        headers = {"Retry-After": str(random.randint(1, 40))} if random.random() < 0.8 else {}
        return httpx.Response(status, headers=headers, content=b'{"code":-1003}')

    def _rows(self, request: httpx.Request) -> list[object]:
        asked = dict(request.url.params)
        answers: dict[str, Callable[[dict[str, str]], list[object]]] = {
            "/api/v3/historicalTrades": self._historical,
            "/api/v3/trades": self._newest,
            "/api/v3/klines": self._bars,
        }
        return answers[request.url.path](asked)

    def _historical(self, asked: dict[str, str]) -> list[object]:
        """Trades from an id on. What lies in the answered span and is not given counts as denied."""
        random, faults = self._exchange.random, self._exchange.faults
        book, first = self._exchange.books[asked["symbol"]], int(asked["fromId"])
        limit = min(int(asked.get("limit", 500)), PAGE)
        known = book.rows(first, limit, self._exchange.loop.time())
        if random.random() < faults.empty_share:
            known = []
        if known and random.random() < faults.short_share:
            known = known[: random.randint(1, len(known))]
        given = [made for made in known if random.random() >= faults.omit_share]
        ids = {made.trade_id for made in given}
        book.deny(first, max(ids, default=first + limit - 1), ids)
        return [trade_row(made) for made in given]

    def _newest(self, asked: dict[str, str]) -> list[object]:
        book, time = self._exchange.books[asked["symbol"]], self._exchange.loop.time()
        limit = min(int(asked.get("limit", 500)), PAGE)
        return [trade_row(made) for made in book.trades[-limit:] if made.shown_at <= time]

    def _bars(self, asked: dict[str, str]) -> list[object]:
        """Bars since shortly before the simulation began, the open one too."""
        exchange, length = self._exchange, LENGTH_MS[asked["interval"]]
        book = exchange.books[asked["symbol"]]
        begin = max(int(asked["startTime"]), exchange.begin_ms - 2 * length)
        begins = range(-(-begin // length) * length, exchange.milliseconds() + 1, length)[:PAGE]
        return [bar_row(_between(book.trades, begin, begin + length), begin, length) for begin in begins]


def _between(trades: list[Made], begin_ms: int, end_ms: int) -> list[Made]:
    return [made for made in trades if begin_ms <= made.ms < end_ms]
