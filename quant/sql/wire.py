"""How the sandbox and its parent speak: frames of one letter, a length and that many bytes."""

import json
import socket
import struct
from typing import Any

HEAD = struct.Struct("!cI")
PID, QUERY, COLUMNS, ROWS, END, REFUSED = b"P", b"Q", b"C", b"R", b"E", b"X"


def frame(kind: bytes, payload: bytes) -> bytes:
    return HEAD.pack(kind, len(payload)) + payload


def send(connection: socket.socket, kind: bytes, content: dict[str, Any] | bytes) -> None:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    connection.sendall(frame(kind, payload))


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """One frame; raises EOFError where the other side has gone."""
    kind, length = HEAD.unpack(_exactly(connection, HEAD.size))
    return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    chunks = []
    while length:
        chunk = connection.recv(min(length, 1 << 16))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)
