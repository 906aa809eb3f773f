"""Bytes on the wire, HTTP and WebSocket, made by hand, so that they can also be made badly."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from urllib.parse import parse_qs, urlsplit

HANDSHAKE_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
GOING_AWAY = (1001).to_bytes(2, "big")


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request on a connection; None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    url = urlsplit(head[0].split(" ")[1])
    pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return Request(url.path, {key: values[0] for key, values in parse_qs(url.query).items()}, headers)


def response(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """An HTTP answer with its true length."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Refused"
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def welcome(request: Request) -> bytes:
    """The answer that turns a connection into a WebSocket."""
    key = request.headers.get("sec-websocket-key", "") + HANDSHAKE_SUFFIX
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()


def frame(payload: bytes, opcode: int = TEXT, is_last: bool = True) -> bytes:
    """One unmasked frame, as servers send them."""
    first = (0x80 if is_last else 0) | opcode
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 65536:
        return bytes([first, 126]) + size.to_bytes(2, "big") + payload
    return bytes([first, 127]) + size.to_bytes(8, "big") + payload


def fragments(payload: bytes, opcode: int, chance: Random) -> bytes:
    """The message in two to five frames, some of them empty, with a ping among them now and then."""
    cuts = sorted(chance.randint(0, len(payload)) for _ in range(chance.randint(1, 4)))
    parts = [payload[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    sent = b""
    for number, part in enumerate(parts):
        sent += frame(part, CONTINUATION if number else opcode, number == len(parts) - 1)
        if number < len(parts) - 1 and chance.random() < 0.3:
            sent += frame(b"are you there", PING)
    return sent


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and payload of one frame of the client, unmasked."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    mask = await reader.readexactly(4) if second & 0x80 else bytes(4)
    masked = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked))
