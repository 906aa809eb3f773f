"""One WebSocket connection of the adversarial exchange: what it makes of the trades that everybody should get."""

import asyncio
import base64
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random

from tests.chaos.garbage import Message, dead_letters, microsecond_message, trade_message, unasked
from tests.chaos.market import MadeTrade
from tests.chaos.wire import CLOSE, GOING_AWAY, PING, PONG, TEXT, fragments, frame, read_frame

MEAN_LIFE_SECONDS = 4.0
ENDS = ("close", "abort", "cut", "stall", "shutdown")
SLOW_READER_BYTES = 4_000_000  # an exchange lets go of a client that does not read

Note = Callable[..., None]


class Stream:
    """Distorts, delays and ends a connection.

    `note` takes down each message that must become a dead letter, with a serial number, and the client's word that
    it has read up to a number: the answer to a ping that follows the message.
    """

    def __init__(self, number: int, seed: int, writer: asyncio.StreamWriter, counts: Counter[str], note: Note):
        self.number, self._writer, self._counts, self._note = number, writer, counts, note
        self._chance = Random(f"{seed}/stream {number}")
        self._dies_at = time.monotonic() + self._chance.expovariate(1 / MEAN_LIFE_SECONDS)
        self._end = self._chance.choice(ENDS)
        self._held: list[tuple[int, MadeTrade]] = []  # trades to be sent later, after so many others
        self._sent: deque[MadeTrade] = deque(maxlen=2000)
        self._lose = 0
        self._rest = b""  # bytes that the last write kept back
        self._serial = 0
        self.is_behaving = self._is_silent = self._is_announced = self._is_ended = False

    @property
    def is_open(self) -> bool:
        return not self._writer.is_closing()

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Answer the client's pings until it goes."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._converse(reader)
        if not self._is_ended and not self._is_silent:
            self._counts["client gone without a word"] += 1

    async def _converse(self, reader: asyncio.StreamReader) -> None:
        while True:
            opcode, payload = await read_frame(reader)
            if self._is_silent:
                continue
            if opcode == PING:
                self._write(frame(payload, PONG))
            if opcode == PONG and payload.isdigit():
                self._note(stream=self.number, received=int(payload), at=time.time())
            if opcode == CLOSE:
                self._write(frame(payload, CLOSE))
                self._close()
                return

    def offer(self, trades: Iterable[MadeTrade], bars: Iterable[bytes]) -> None:
        """Send what happened since the last call, in this connection's manner."""
        if self._is_silent or not self.is_open:
            return
        messages = [(bar, TEXT) for bar in bars]
        if self.is_behaving:
            whole = [frame(trade_message(trade)) for trade in trades] + [frame(*message) for message in messages]
            self._write(self._release() + b"".join(whole))
            return
        for trade in trades:
            messages += self._distorted(trade)
        self._write_torn(b"".join(self._framed(message) for message in messages))
        if time.monotonic() > self._dies_at:
            self._die()

    def send_garbage(self, trade: MadeTrade) -> None:
        """One message of each kind, dead letters and others."""
        self._serial += 1
        letters = dead_letters(trade, self._serial, self._chance)
        for message in letters:
            self._note_letter(message)
        for message in [*letters, *unasked(trade, self._serial), self._ping()]:
            self._write(frame(*message))

    def abort(self) -> None:
        self._is_ended = True
        self._writer.transport.abort()

    def behave(self) -> None:
        self.is_behaving = True
        if self._is_silent:
            self.abort()

    def _distorted(self, trade: MadeTrade) -> list[Message]:
        """What is sent instead of one trade."""
        self._sent.append(trade)
        due = [late for left, late in self._held if left <= 0]
        self._held = [(left - 1, late) for left, late in self._held if left > 0]
        sent = [(trade_message(late), TEXT) for late in due]
        kind = self._kind()
        self._counts[kind] += 1
        if kind == "late":
            self._held.append((self._chance.randint(1, 40), trade))
        elif kind == "twice":
            sent += [(trade_message(trade), TEXT)] * 2
        elif kind == "again":
            sent += [(trade_message(trade), TEXT), (trade_message(self._chance.choice(self._sent)), TEXT)]
        elif kind == "microseconds":
            sent.append((microsecond_message(trade), TEXT))
        elif kind != "lost":
            sent.append((trade_message(trade), TEXT))
        return sent + self._nonsense(kind, trade)

    def _kind(self) -> str:
        if self._lose:
            self._lose -= 1
            return "lost"
        draw = self._chance.random()
        if draw < 0.0001:
            self._lose = self._chance.randint(5, 400)
        limits = {"lost": 0.0005, "late": 0.0025, "twice": 0.004, "again": 0.006, "microseconds": 0.02}
        limits |= {"garbage": 0.022, "unasked": 0.024}
        return next((kind for kind, limit in limits.items() if draw < limit), "as it is")

    def _nonsense(self, kind: str, trade: MadeTrade) -> list[Message]:
        if kind not in {"garbage", "unasked"}:
            return []
        self._serial += 1
        if kind == "unasked":
            return [self._chance.choice(unasked(trade, self._serial))]
        message = self._chance.choice(dead_letters(trade, self._serial, self._chance))
        self._note_letter(message)
        return [message, self._ping()]

    def _note_letter(self, message: Message) -> None:
        self._note(stream=self.number, serial=self._serial, frame=base64.b64encode(message[0]).decode())

    def _ping(self) -> Message:
        return str(self._serial).encode(), PING

    def _framed(self, message: Message) -> bytes:
        if message[1] != PING and self._chance.random() < 0.01:
            self._counts["fragmented"] += 1
            return fragments(*message, self._chance)
        return frame(*message)

    def _write_torn(self, sent: bytes) -> None:
        """Keep the end back until the next call now and then: the cut may go through the middle of a frame."""
        sent = self._release() + sent
        if sent and self._chance.random() < 0.3:
            self._counts["split"] += 1
            place = self._chance.randint(0, len(sent))
            sent, self._rest = sent[:place], sent[place:]
        self._write(sent)

    def _release(self) -> bytes:
        kept, self._rest = self._rest, b""
        return kept

    def _die(self) -> None:
        self._counts[self._end] += 1
        if self._end == "shutdown" and not self._is_announced:
            event: dict[str, object] = {"e": "serverShutdown", "E": time.time_ns() // 10**6}
            self._write(self._release() + frame(json.dumps({"stream": "!serverShutdown", "data": event}).encode()))
            self._is_announced, self._end = True, "close"
            self._dies_at = time.monotonic() + self._chance.uniform(0.2, 3)
        elif self._end == "stall":
            self._is_silent = True
        elif self._end == "abort":
            self.abort()
        else:
            self._write(self._release() + (frame(GOING_AWAY, CLOSE) if self._end == "close" else b"\x81\x7e\x01"))
            self._close()

    def _close(self) -> None:
        self._is_ended = True
        self._writer.close()

    def _write(self, sent: bytes) -> None:
        if not sent or not self.is_open:
            return
        self._writer.write(sent)
        if self._writer.transport.get_write_buffer_size() > SLOW_READER_BYTES:
            self._counts["let go of, for reading too slowly"] += 1
            self.abort()
