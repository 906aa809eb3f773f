"""A local exchange that cannot be the bottleneck: it writes frames that were encoded beforehand to a raw socket.

Only the client's reading holds it back (TCP backpressure). Its REST side has no bars and no trades to tell of.
"""

import base64
import hashlib
import json
import random
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ingest.standin.assets import coin_of
from ingest.standin.exchange_info import exchange_info

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
PRICES = {"BTCUSDT": 97_000.0, "ETHUSDT": 3_400.0, "SOLUSDT": 190.0}
FIRST_ID = 1_000_001
FRAMES_PER_WRITE = 256
HANDSHAKE_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455
TEXT, PING, PONG = 0x81, 0x89, 0x8A

Trade = tuple[str, int, str, str, int, bool]  # symbol, id, price, size, time in ms, buyer is maker


class Tape:
    """Consecutive trades of each symbol in turn; times ascend by `milliseconds` per trade."""

    def __init__(self, begin: int, milliseconds: float) -> None:
        self._begin, self._milliseconds = begin, milliseconds
        self._random = random.Random(20261122)
        self.count = 0

    def take(self, count: int) -> list[Trade]:
        """The next `count` trades."""
        numbers = range(self.count, self.count + count)
        self.count += count
        return [self._trade(number) for number in numbers]

    def _trade(self, number: int) -> Trade:
        symbol = SYMBOLS[number % len(SYMBOLS)]
        chance = self._random.random()
        price = f"{PRICES[symbol] * (0.999 + 0.002 * chance):.2f}000000"
        size = f"{0.00001 + 2 * chance * chance * chance:.5f}000"
        at = self._begin + int(number * self._milliseconds)
        return symbol, FIRST_ID + number // len(SYMBOLS), price, size, at, chance < 0.5


def trade_frame(trade: Trade) -> bytes:
    """The combined-stream event of a trade, as one WebSocket frame."""
    symbol, number, price, size, at, is_buyer_maker = trade
    return text_frame(
        f'{{"stream":"{symbol.lower()}@trade","data":{{"e":"trade","E":{at + 1},"s":"{symbol}","t":{number},'
        f'"p":"{price}","q":"{size}","T":{at},"m":{str(is_buyer_maker).lower()},"M":true}}}}'
    )


def aggregate_frame(trade: Trade) -> bytes:
    """The same trade as an aggregate of one: what cryptofeed subscribes to under the name of trades."""
    symbol, number, price, size, at, is_buyer_maker = trade
    return text_frame(
        f'{{"stream":"{symbol.lower()}@aggTrade","data":{{"e":"aggTrade","E":{at + 1},"s":"{symbol}","a":{number},'
        f'"p":"{price}","q":"{size}","f":{number},"l":{number},"T":{at},"m":{str(is_buyer_maker).lower()},"M":true}}}}'
    )


def text_frame(text: str) -> bytes:
    """An unmasked final frame of 126 to 65,535 bytes."""
    payload = text.encode()
    return struct.pack("!BBH", TEXT, 126, len(payload)) + payload


def writes(frames: Sequence[bytes]) -> list[bytes]:
    """Frames joined to what one write sends."""
    return [b"".join(frames[at : at + FRAMES_PER_WRITE]) for at in range(0, len(frames), FRAMES_PER_WRITE)]


class Listener:
    """One client after its handshake. `path` is what it asked for."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._file = connection.makefile("rb")
        self._sending = threading.Lock()  # a pong goes between two writes, never into one
        self.path = self._shake_hands()
        threading.Thread(target=self._answer_pings, daemon=True).start()

    def send(self, content: bytes) -> None:
        with self._sending:
            self._socket.sendall(content)

    def _shake_hands(self) -> str:
        path = self._file.readline().split()[1].decode()
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        accepted = base64.b64encode(hashlib.sha1(headers[b"sec-websocket-key"] + HANDSHAKE_GUID).digest())
        lines = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
        self.send(b"\r\n".join((*lines, b"Sec-WebSocket-Accept: " + accepted, b"", b"")))
        return path

    def _answer_pings(self) -> None:
        """Until the client goes. Its frames are masked and, being pings or a close, shorter than 126 bytes."""
        with suppress(OSError, ValueError):
            while head := self._file.read(2):
                mask, payload = self._file.read(4), self._file.read(head[1] & 0x7F)
                if head[0] == PING:
                    plain = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
                    self.send(bytes((PONG, len(plain))) + plain)


class Firehose:
    """Listens on two free ports of loopback, for streams and for REST."""

    def __init__(self, streams: socket.socket, rest_port: int) -> None:
        self._streams = streams
        self.stream_url = f"ws://127.0.0.1:{streams.getsockname()[1]}"
        self.rest_url = f"http://127.0.0.1:{rest_port}"

    def accept(self, client: subprocess.Popen[str], seconds: float) -> Listener:
        """The stream of a client that was just started; ends the measurement when it does not come."""
        self._streams.settimeout(1)
        deadline = time.monotonic() + seconds
        while True:
            try:
                connection, _ = self._streams.accept()
                break
            except TimeoutError:
                if client.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{client.args!r} did not connect: see its messages above") from None
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Listener(connection)


@contextmanager
def running_firehose() -> Iterator[Firehose]:
    with socket.create_server(("127.0.0.1", 0)) as streams, ThreadingHTTPServer(("127.0.0.1", 0), _Rest) as rest:
        thread = threading.Thread(target=rest.serve_forever)
        thread.start()
        try:
            yield Firehose(streams, rest.server_address[1])
        finally:
            rest.shutdown()
            thread.join()


class _Rest(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        info = exchange_info([coin_of(symbol) for symbol in SYMBOLS], 0)
        body = json.dumps(info if self.path.startswith("/api/v3/exchangeInfo") else []).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass  # one line per request would drown the figures
