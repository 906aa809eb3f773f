"""REST answers of the adversarial exchange: what is true, how late it is known, and how it can go wrong."""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable
from random import Random

from tests.chaos.bars import Bars
from tests.chaos.garbage import trade_row
from tests.chaos.market import FIRST_IDS, Market
from tests.chaos.wire import Request, response

PAGE = 1000
TIMED_OUT_SECONDS = 12.0  # longer than any client of ours waits
LOCKED_OUT = b'{"code":0,"msg":"Service unavailable from a restricted location"}'
TROUBLES = {  # chance of each, per request
    "429": 0.02,
    "429 without a word": 0.01,
    "418": 0.005,
    "403": 0.005,
    "451": 0.02,
    "500": 0.02,
    "503": 0.02,
    "no answer": 0.003,
    "truncated": 0.02,
    "not JSON": 0.01,
    "not rows": 0.01,
    "reset": 0.01,
    "short": 0.04,
    "empty": 0.03,
    "dribbling": 0.03,
}


class Rest:
    """Answers of all hosts. `lag_seconds` is how far REST is behind the stream."""

    def __init__(self, market: Market, bars: Bars, made: Callable[[float], dict[str, int]], counts: Counter[str]):
        self._market, self._bars, self._made, self._counts = market, bars, made, counts
        self._chance = Random(f"{market.seed}/rest")
        self.lag_seconds = 0.0
        self.is_down = False
        self.locked_host: int | None = None  # answers 451 to everything
        self.is_behaving = False
        self.newest: deque[str] = deque(maxlen=20)  # for whoever wonders what happened

    async def answer(self, request: Request, host: int, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is to end."""
        trouble = "none" if self.is_behaving else self._trouble(host)
        self._counts[f"rest {trouble}"] += 1
        body = json.dumps(self._rows(request, trouble)).encode()
        self.newest.append(f"{request.path} {request.query}: {trouble}, {len(body)} bytes")
        if refused := _refusal(trouble):
            writer.write(refused)
        elif trouble == "no answer":
            await asyncio.sleep(TIMED_OUT_SECONDS)
        elif trouble == "reset":
            writer.transport.abort()
        elif trouble == "truncated":
            writer.write(response(200, body, {"Content-Length": str(len(body) + 10)})[: -len(body) // 2 or None])
        elif trouble == "dribbling":
            await _dribble(response(200, body), writer, self._chance)
        else:
            writer.write(response(200, body))
        return trouble not in {"no answer", "reset", "truncated"}

    def _trouble(self, host: int) -> str:
        if host == self.locked_host:
            return "451"
        if self.is_down:
            return "503"
        draw = self._chance.random()
        for trouble, chance in TROUBLES.items():
            draw -= chance
            if draw < 0:
                return "none" if trouble == "451" and host else trouble  # at most one host locks us out
        return "none"

    def _rows(self, request: Request, trouble: str) -> list[object]:
        symbol = request.query.get("symbol", "")
        limit = min(int(request.query.get("limit", "500")), PAGE)
        if trouble == "empty" or symbol not in FIRST_IDS or request.query.get("interval", "1m") != "1m":
            return []
        if request.path == "/api/v3/klines":
            return list(self._bars.rows(symbol, int(request.query.get("startTime", "0")), limit))
        known = self._made(self.lag_seconds)[symbol]
        first = int(request.query.get("fromId", known - limit + 1))
        rows: list[object] = []
        for trade in self._market.trades(symbol, first, known):
            rows.append(trade_row(trade))
            if len(rows) == limit:
                break
        return rows[: self._chance.randint(0, len(rows))] if trouble == "short" else rows


def _refusal(trouble: str) -> bytes | None:
    word = trouble.partition(" ")[0]
    if word in {"429", "418", "403"}:
        patience = {} if trouble.endswith("word") else {"Retry-After": "1"}
        return response(int(word), b'{"code":-1003,"msg":"Too many requests"}', patience)
    if word == "451":
        return response(451, LOCKED_OUT)
    if word in {"500", "503"}:
        return response(int(word), b"<html>sorry</html>")
    bodies = {"not JSON": b"<html>all is well</html>", "not rows": b'{"rows": []}'}
    return response(200, bodies[trouble]) if trouble in bodies else None


async def _dribble(answer: bytes, writer: asyncio.StreamWriter, chance: Random) -> None:
    """In pieces, with moments in between."""
    for _ in range(4):
        place = chance.randint(0, len(answer))
        writer.write(answer[:place])
        answer = answer[place:]
        await asyncio.sleep(0.03)
    writer.write(answer)
