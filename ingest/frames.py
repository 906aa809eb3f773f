"""A WebSocket connection that hands over everything that arrived at once, for a fraction of the cost per frame.

The library does what is difficult: TLS, proxies, the handshake, pings, the closing, every frame out of the ordinary.
Only whole unmasked text frames below 64 KiB, which is what an exchange sends, are cut out here.
"""

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

TEXT = 0x81  # final, not compressed
CONTROL = {0x89, 0x8A}  # ping, pong
LONGEST_CONTROL = 125
TWO_BYTE_SIZE = 126
LONGEST_ANSWER = 65_536  # bytes of headers; what is longer the library refuses
MOST_FRAMES = 16_384  # beyond this we stop reading, and the exchange feels it


class BatchConnection(ClientConnection):
    """`connect(url, create_connection=BatchConnection, compression=None)`; then `batch()` instead of `recv()`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._arrived: list[bytes] = []
        self._news = asyncio.Event()
        self._begun = b""  # a frame, or the handshake's answer, that has not come to its end yet
        self._fragments = b""
        self._is_answered = False
        self._is_ordinary = True  # false: the library reads this connection from here on

    async def batch(self) -> list[bytes]:
        """What arrived since the last call, at least one frame. Raises ConnectionClosed after the last one."""
        await self._news.wait()
        if not self._arrived:
            await self.recv()  # raises what the library has to say about the end
        arrived, self._arrived = self._arrived, []
        if self.protocol.state is not State.CLOSED:
            self._news.clear()
            self.transport.resume_reading()
        return arrived

    def data_received(self, data: bytes) -> None:
        data = self._begun + data if self._begun else data
        self._begun = b""
        if not self._is_answered:
            data = self._pass_answer(data)
        at = self._cut(data) if self._is_ordinary else 0
        if at < len(data):
            if self._is_ordinary:
                self._begun = data[at:]
            else:
                super().data_received(data[at:])
        if self._arrived:
            self._news.set()
            if len(self._arrived) >= MOST_FRAMES:
                self.transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._news.set()

    def process_event(self, event: Event) -> None:
        """What the library read: data frames join the others, the rest is the library's own business."""
        if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            super().process_event(event)
            return
        self._fragments += event.data
        if event.fin:
            self._arrived.append(self._fragments)
            self._fragments = b""

    def _pass_answer(self, data: bytes) -> bytes:
        """Give the library the answer to the handshake, and nothing of what follows it. Returns what does."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end and len(data) < LONGEST_ANSWER:
            self._begun = data
            return b""
        self._is_answered = True
        super().data_received(head + end)
        self._is_ordinary = self.protocol.state is State.OPEN  # else a refusal, whose body is the library's too
        return rest

    def _cut(self, data: bytes) -> int:
        """Cut whole ordinary frames out of `data`. Returns where the first other or unfinished one begins."""
        arrived, at, end = self._arrived, 0, len(data)
        while end - at >= 2:
            kind, size = data[at], data[at + 1]
            body = at + 2
            if size == TWO_BYTE_SIZE and kind == TEXT:
                if end - at < 4:
                    return at
                size = data[at + 2] << 8 | data[at + 3]
                body = at + 4
            elif size > LONGEST_CONTROL or (kind != TEXT and kind not in CONTROL):
                self._is_ordinary = False
                return at
            stop = body + size
            if stop > end:
                return at
            if kind == TEXT:
                arrived.append(data[body:stop])
            else:
                super().data_received(data[at:stop])
            at = stop
        return at
