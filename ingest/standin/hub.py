"""The stream side of the exchange: plays the tapes by the wall clock to every connection that listens."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from ingest.standin import klines
from ingest.standin.answer import MARK
from ingest.standin.clock import Clock
from ingest.standin.control import Subscriptions, control
from ingest.standin.messages import Json, Messages
from ingest.standin.tape import MINUTE_US, Tape, Trades

log = logging.getLogger(__name__)

KLINE_EVERY_US = 2_000_000
CONTROL_PER_SECOND = 5  # frames; a connection beyond it is closed, as the exchange does
BACKLOG = 50_000  # frames that a slow reader may be behind before it is cut off
LIFETIME_SECONDS = 24 * 3600


class Connection:
    """One socket: what it listens to, and the frames that wait to be sent."""

    def __init__(self, socket: WebSocket, combined: bool) -> None:
        self.socket = socket
        query = socket.query_params
        self.subscriptions = Subscriptions(combined, query.get("timeUnit", "").upper().startswith("MICROSECOND"))
        self.waiting: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)

    def put(self, frame: str) -> None:
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            log.warning("a stream reader is %s frames behind: it is cut off", BACKLOG)
            self.waiting.get_nowait()
            self.waiting.put_nowait(None)

    async def send(self) -> None:
        while (frame := await self.waiting.get()) is not None:
            await self.socket.send_text(frame)
        await self.socket.close(1008)

    async def listen(self) -> None:
        """Answer control frames until the client goes; too many in a second end the connection."""
        loop = asyncio.get_running_loop()
        second, count = 0, 0
        while True:
            frame = await self.socket.receive_text()
            second, count = int(loop.time()), (count + 1 if int(loop.time()) == second else 1)
            if count > CONTROL_PER_SECOND:
                await self.socket.close(1008)
                return
            self.put(msgspec.json.encode(control(self.subscriptions, frame)).decode())


class Hub:
    """Serves the sockets and plays each tape; nothing is encoded that nobody listens to."""

    def __init__(self, tapes: Mapping[str, Tape], clock: Clock) -> None:
        self._tapes = tapes
        self._clock = clock
        self._connections: set[Connection] = set()

    async def serve(self, socket: WebSocket) -> None:
        """The endpoint of /stream?streams=a/b and of /ws/a; both work without streams, for SUBSCRIBE."""
        is_combined = socket.url.path.startswith("/stream")
        named = socket.query_params.get("streams", "") if is_combined else socket.path_params.get("streams", "")
        connection = Connection(socket, is_combined)
        connection.subscriptions.streams.update(dict.fromkeys(filter(None, named.split("/"))))
        await socket.accept(headers=[(name.lower().encode(), value.encode()) for name, value in MARK.items()])
        self._connections.add(connection)
        work = [asyncio.create_task(part) for part in (connection.send(), connection.listen())]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED, timeout=LIFETIME_SECONDS)
        finally:
            self._connections.discard(connection)
            for task in work:
                task.cancel()
            for result in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                    log.info("a stream connection ended: %r", result)

    def announce_shutdown(self) -> None:
        """Since 2026 the exchange says so before it goes; clients reconnect at once."""
        event: Json = {"e": "serverShutdown", "E": self._clock() // 1000}
        for connection in self._connections:
            framed = {"stream": "!serverShutdown", "data": event} if connection.subscriptions.combined else event
            connection.put(msgspec.json.encode(framed).decode())

    async def play(self, tape: Tape) -> None:
        """Send each trade when its time has come, the open bars every two seconds, the closing ones at the minute."""
        after = self._clock()
        minute = after // MINUTE_US
        while True:
            trades = await asyncio.to_thread(tape.minute_trades, minute)
            for time_us, place in _agenda(trades, minute):
                if time_us <= after:
                    continue
                await self._until(time_us)
                if place is None:
                    self._send_klines(tape, minute, is_closing=False)
                else:
                    self._send_trade(tape, trades, place)
            await self._until((minute + 1) * MINUTE_US)
            # After the machine slept, the exchange has gone on without us.
            minute = max(minute + 1, self._clock() // MINUTE_US - 1)
            self._send_klines(tape, minute, is_closing=True)

    async def _until(self, time_us: int) -> None:
        """Wait for the moment; when it has passed, let others run all the same."""
        await asyncio.sleep(0)
        while (wait := time_us - self._clock()) > 0:
            await asyncio.sleep(wait / 1e6)

    def _send_trade(self, tape: Tape, trades: Trades, place: int) -> None:
        text, name, now = Messages(tape.coin), tape.coin.symbol.lower(), self._clock()
        self._publish(f"{name}@trade", lambda micro: text.trade(trades, place, now, micro))
        self._publish(f"{name}@aggTrade", lambda micro: text.aggregate_trade(trades, place, now, micro))
        self._publish(f"{name}@bookTicker", lambda micro: text.book_ticker(trades, place))

    def _send_klines(self, tape: Tape, minute: int, is_closing: bool) -> None:
        """The open bars, or, at a minute's start, those that have just ended."""
        text, prefix, now = Messages(tape.coin), f"{tape.coin.symbol.lower()}@kline_", self._clock()
        for interval in klines.INTERVALS:
            start_ms = minute * klines.MINUTE_MS
            if not self._listeners(prefix + interval):
                continue
            if is_closing and klines.start_of(interval, start_ms) != start_ms:
                continue
            bar = klines.bar_before(tape, interval, start_ms, now) if is_closing else klines.bar_at(tape, interval, now)
            self._publish(prefix + interval, partial(text.kline, bar, interval, now, is_closing))

    def _listeners(self, stream: str) -> list[Connection]:
        return [connection for connection in self._connections if stream in connection.subscriptions.streams]

    def _publish(self, stream: str, payload: Callable[[bool], Json]) -> None:
        frames: dict[tuple[bool, bool], str] = {}
        for connection in self._listeners(stream):
            form = connection.subscriptions.combined, connection.subscriptions.micro
            if form not in frames:
                body: Any = payload(form[1])
                frames[form] = msgspec.json.encode({"stream": stream, "data": body} if form[0] else body).decode()
            connection.put(frames[form])


def _agenda(trades: Trades, minute: int) -> list[tuple[int, int | None]]:
    """Times of the minute with what is due: the place of a trade, or None for the bars' update."""
    ticks = minute * MINUTE_US + np.arange(KLINE_EVERY_US, MINUTE_US, KLINE_EVERY_US)
    due: list[tuple[int, int | None]] = [(time_us, place) for place, time_us in enumerate(trades.time_us.tolist())]
    return sorted([*due, *((time_us, None) for time_us in ticks.tolist())], key=lambda item: item[0])
