"""`python -m tests.chaos.exchange FOLDER`: an exchange on two addresses that does everything wrong that it can.

It writes FOLDER/exchange.json when it listens and FOLDER/garbage.jsonl as it sends. GET /chaos/{state, behave,
garbage, stop} is for whoever runs the campaign. What it does follows from the seed, in the order of events.
"""

import argparse
import asyncio
import json
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

from tests.chaos.bars import Bars
from tests.chaos.garbage import wrapped
from tests.chaos.market import MadeTrade, Market
from tests.chaos.rest import LOCKED_OUT, Rest
from tests.chaos.stream import Stream
from tests.chaos.wire import Request, read_request, response, welcome

TICK_SECONDS = 0.01
OPEN_BAR_SECONDS = 2.0
LAGS = (0.0, 0.05, 0.1, 0.1, 0.3, 1.0, 2.0, 5.0)
REFUSED_HANDSHAKES = (429, 418, 403, 451, 500, 503, 0, -1)  # 0: reset, -1: no answer for a while
Frame = tuple[float, dict[str, int]]


class Exchange:
    """The market, everyone who listens to it, and the mood it is in."""

    def __init__(self, market: Market, folder: Path, is_behaving: bool) -> None:
        self.market, self.counts = market, Counter[str]()
        self._bars = Bars()
        self._chance = Random(f"{market.seed}/exchange")
        self._garbage = (folder / "garbage.jsonl").open("w")
        self._began_at = time.monotonic()
        self._made = {symbol: market.last_id(symbol, 0) for symbol in market.symbols}
        self._known: deque[Frame] = deque([(self._began_at, dict(self._made))], maxlen=2000)  # for the lag of REST
        self._streams: list[Stream] = []
        self._count_streams = 0
        self._next_mood = self._next_open_bar = 0.0
        self.is_stopped = False
        self.rest = Rest(market, self._bars, self.made_before, self.counts)
        self.is_behaving = self.rest.is_behaving = is_behaving

    async def trade_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            if not self.is_behaving and now > self._next_mood:
                self._change_mood(now)
            self._streams = [stream for stream in self._streams if stream.is_open]
            if not self.is_stopped:
                self._trade(now)

    def made_before(self, seconds: float) -> dict[str, int]:
        """The newest id of each symbol as it was so many seconds ago."""
        before = time.monotonic() - seconds
        return next((made for at, made in reversed(self._known) if at <= before), self._known[0][1])

    async def serve(self, host: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, of either kind, to its end."""
        with suppress(ConnectionError):
            while request := await read_request(reader):
                if request.path == "/stream":
                    await self._serve_stream(request, host, reader, writer)
                    break
                if request.path.startswith("/chaos/"):
                    writer.write(response(200, json.dumps(self._obey(request.path)).encode()))
                elif not await self.rest.answer(request, host, writer):
                    break
                await writer.drain()
        writer.close()

    async def _serve_stream(
        self, request: Request, host: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        refused = None if self.is_behaving else self._refused(host)
        if refused is None:
            writer.write(welcome(request))
            self._count_streams += 1
            self.counts["streams opened"] += 1
            stream = Stream(self._count_streams, self.market.seed, writer, self.counts, self._note)
            stream.is_behaving = self.is_behaving
            self._streams.append(stream)
            await stream.listen(reader)
        elif refused > 0:
            writer.write(response(refused, LOCKED_OUT, {} if refused == 451 else {"Retry-After": "1"}))
        elif refused == 0:
            writer.transport.abort()
        else:
            await asyncio.sleep(self._chance.uniform(0.5, 3))

    def _refused(self, host: int) -> int | None:
        """The status of a refusal, or None to let the client in."""
        if host == self.rest.locked_host:
            return 451
        if self._chance.random() > 0.15:
            return None
        status = self._chance.choice(REFUSED_HANDSHAKES)
        self.counts[f"handshake {status}"] += 1
        return 503 if status == 451 and host else status  # at most one host locks us out

    def _trade(self, now: float) -> None:
        trades: list[MadeTrade] = []
        for symbol in self.market.symbols:
            last = self.market.last_id(symbol, now - self._began_at)
            trades += self.market.trades(symbol, self._made[symbol] + 1, last)
            self._made[symbol] = last
        self._known.append((now, dict(self._made)))
        for trade in trades:
            self._bars.add(trade)
        bars = self._bar_messages(now)
        for stream in self._streams:
            stream.offer(trades, bars)

    def _bar_messages(self, now: float) -> list[bytes]:
        market_ms = self.market.start_ms + int((now - self._began_at) * 1000)
        events = [(bar.symbol, bar.event(True, market_ms)) for bar in self._bars.newly_closed(market_ms)]
        if now > self._next_open_bar:
            self._next_open_bar = now + OPEN_BAR_SECONDS
            events += [(bar.symbol, bar.event(False, market_ms)) for bar in self._bars.open_ones()]
        return [wrapped(event, symbol, "kline_1m") for symbol, event in events]

    def _change_mood(self, now: float) -> None:
        """Every second or two: the lag of REST, which address locks us out, whether REST is down altogether."""
        self._next_mood = now + self._chance.uniform(0.5, 2.5)
        self.rest.lag_seconds = self._chance.choice(LAGS)
        self.rest.locked_host = self._chance.choice([0, 1, None, None, None, None, None, None])
        self.rest.is_down = self._chance.random() < 0.06

    def _obey(self, path: str) -> dict[str, object]:
        if path == "/chaos/behave":
            self.is_behaving = self.rest.is_behaving = True
            self.rest.lag_seconds, self.rest.locked_host, self.rest.is_down = 0.0, None, False
            for stream in self._streams:
                stream.behave()
        if path == "/chaos/garbage":
            for stream in self._streams:
                stream.send_garbage(self.market.trade("BTCUSDT", self._made["BTCUSDT"]))
        if path == "/chaos/stop":
            self.is_stopped = True
        streams = [stream.number for stream in self._streams if stream.is_open]
        made = {symbol: self.market.last_existing(symbol, last) for symbol, last in self._made.items()}
        return {"made": made, "streams": streams, "counts": dict(self.counts), "rest": list(self.rest.newest)}

    def _note(self, **line: object) -> None:
        self._garbage.write(json.dumps(line) + "\n")
        self._garbage.flush()


async def run(market: Market, folder: Path, is_behaving: bool) -> None:
    exchange = Exchange(market, folder, is_behaving)
    ports = []
    for host in (0, 1):
        server = await asyncio.start_server(partial(exchange.serve, host), "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
    written = folder / "exchange.part"
    written.write_text(json.dumps({"ports": ports, "market": market.fields()}))
    written.rename(folder / "exchange.json")
    await exchange.trade_for_ever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1000, help="trades per second, of all symbols")
    parser.add_argument("--start-ms", type=int, default=0, help="what the market's clock shows at the start")
    parser.add_argument("--behaving", action="store_true", help="do nothing wrong, from the start")
    given = parser.parse_args()
    market = Market(given.seed, given.start_ms or time.time_ns() // 10**6, given.rate)
    asyncio.run(run(market, given.folder, given.behaving))


if __name__ == "__main__":
    main()
