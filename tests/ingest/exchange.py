"""A small exchange on 127.0.0.1 that speaks Binance's protocols and does what a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

Row = dict[str, object]
DEADLINE_SECONDS = 60.0  # on a machine that does ten other things


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return as soon as `condition` holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS:g} s in vain for {what}"
        time.sleep(0.01)


def trade_row(trade_id: int, milliseconds: int, price: str = "100.50000000", size: str = "0.25000000") -> Row:
    """One trade as REST gives it."""
    return {
        "id": trade_id,
        "price": price,
        "qty": size,
        "quoteQty": "1",
        "time": milliseconds,
        "isBuyerMaker": True,
        "isBestMatch": True,
    }


def trade_frame(symbol: str, row: Row) -> bytes:
    """The same trade as the combined stream gives it."""
    event = {
        "e": "trade",
        "E": row["time"],
        "s": symbol,
        "t": row["id"],
        "p": row["price"],
        "q": row["qty"],
        "T": row["time"],
        "m": row["isBuyerMaker"],
        "M": True,
    }
    return json.dumps({"stream": f"{symbol.lower()}@trade", "data": event}).encode()


@dataclass
class Exchange:
    """What REST knows, who listens, and how the server misbehaves."""

    trades: dict[str, list[Row]] = field(default_factory=dict)
    klines: dict[tuple[str, str], list[list[object]]] = field(default_factory=dict)
    refuse_streams: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # of the next handshakes
    greeting: bytes | None = None  # all that a stream says before it hangs up
    refuse_requests: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # of the next REST requests
    refuse_symbols: dict[str, int] = field(default_factory=dict)  # the status of every REST request for a symbol
    short_pages: int = 0  # so many of the next historicalTrades answers are empty
    requests: list[str] = field(default_factory=list)
    count_streams: int = 0
    listeners: list[ServerConnection] = field(default_factory=list)
    server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def send(self, frames: Sequence[bytes]) -> None:
        """Send text frames to everyone who listens now; who is about to leave may miss them."""
        for listener in list(self.listeners):
            with suppress(ConnectionClosed):
                for frame in frames:
                    listener.send(frame, text=True)

    def drop(self) -> None:
        """End every stream without a word."""
        for listener in list(self.listeners):
            listener.socket.shutdown(2)

    def wait_for_streams(self, count: int) -> None:
        wait_until(lambda: self.count_streams >= count and self.listeners, f"stream number {count}")

    def handle_stream(self, connection: ServerConnection) -> None:
        if self.greeting is not None:
            connection.send(self.greeting, text=True)
            return
        self.listeners.append(connection)
        self.count_streams += 1
        try:
            for _ in connection:
                pass
        except ConnectionClosed:
            pass  # a client may leave without a word
        finally:
            self.listeners.remove(connection)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A REST answer, a refusal, or None to go on with the WebSocket handshake."""
        self.requests.append(request.path)
        url = urlsplit(request.path)
        if url.path == "/stream":
            if not self.refuse_streams:
                return None
            status, headers = self.refuse_streams.pop(0)
            return _response(status, "refused", headers)
        if self.refuse_requests:
            status, headers = self.refuse_requests.pop(0)
            return _response(status, '{"code":-1003,"msg":"refused"}', headers)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if query.get("symbol") in self.refuse_symbols:
            return _response(self.refuse_symbols[query["symbol"]], '{"code":-1121,"msg":"Invalid symbol."}')
        rows = self._rows(url.path, query)
        return _response(404, "{}") if rows is None else _response(200, json.dumps(rows))

    def _rows(self, path: str, query: dict[str, str]) -> Sequence[object] | None:
        limit = int(query.get("limit", 500))
        symbol = query.get("symbol", "")
        if path == "/api/v3/trades":
            return self.trades.get(symbol, [])[-limit:]
        if path == "/api/v3/historicalTrades":
            if self.short_pages:
                self.short_pages -= 1
                return []
            return [row for row in self.trades.get(symbol, []) if int(str(row["id"])) >= int(query["fromId"])][:limit]
        if path == "/api/v3/klines":
            bars = self.klines.get((symbol, query["interval"]), [])
            return [bar for bar in bars if int(str(bar[0])) >= int(query["startTime"])][:limit]
        return None


@contextmanager
def running_exchange(port: int = 0) -> Iterator[Exchange]:
    """An exchange that listens on `port` (0: a free one) until the end of the block."""
    exchange = Exchange()
    with serve(exchange.handle_stream, "127.0.0.1", port, process_request=exchange.answer, compression=None) as server:
        exchange.server = server
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield exchange
        finally:
            server.shutdown()
            exchange.drop()
            thread.join()


def _response(status: int, body: str, headers: dict[str, str] | None = None) -> Response:
    fields = Headers({"Content-Type": "application/json", "Content-Length": str(len(body.encode())), **(headers or {})})
    fields["Connection"] = "close"
    return Response(status, HTTPStatus(status).phrase, fields, body.encode())
