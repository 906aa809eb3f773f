"""How far a stream has got: which final bars and alerts it has told of. Travels as the id of every event.

The newest bars and alerts are known one by one, so that one that comes late, a minute that waited for a hole in its
trades say, is told of too; what is older than these counts as known.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

KNOWN_BARS = 128
KNOWN_ALERTS = 12
ALL_BARS = (1 << KNOWN_BARS) - 1
NOTHING = (0, 0)

Key = tuple[int, int]  # of an alert: milliseconds since 1970 when it was knowable, checksum of its id

VERSION = 1
HEAD = struct.Struct(">BIq16sqIB")  # version, stream, newest slot, known slots, last alert before the known ones, count
ENTRY = struct.Struct(">HII")  # milliseconds in six bytes
CHECKSUM = struct.Struct(">I")


class MalformedIdError(ValueError):
    """An id that is none of ours, or that of another stream."""


@dataclass(frozen=True)
class SeenBars:
    """A bar is known by its slot: the number of its interval since 1970. Bit k stands for `newest - k`."""

    newest: int = -1
    known: int = 0

    def has(self, slot: int) -> bool:
        back = self.newest - slot
        return back >= KNOWN_BARS or (back >= 0 and bool(self.known >> back & 1))

    def after(self, slot: int) -> Self:
        ahead = slot - self.newest
        if ahead <= 0:
            return type(self)(self.newest, self.known | 1 << -ahead) if -ahead < KNOWN_BARS else self
        moved = self.known << ahead & ALL_BARS if ahead < KNOWN_BARS else 0
        return type(self)(slot, moved | 1)

    def skipped(self, slot: int) -> Self:
        """Everything before `slot` counts as known."""
        return type(self)(slot - 1, ALL_BARS)

    @property
    def oldest(self) -> int:
        """The first slot that is known one by one; all earlier ones count as known."""
        return max(0, self.newest - KNOWN_BARS + 1)


@dataclass(frozen=True)
class SeenAlerts:
    """`known` are the newest, in order; every one up to `before` counts as known."""

    before: Key = NOTHING
    known: tuple[Key, ...] = ()

    def has(self, key: Key) -> bool:
        return key <= self.before or key in self.known

    def after(self, key: Key) -> Self:
        if self.has(key):
            return self
        known = sorted((*self.known, key))
        before = known.pop(0) if len(known) > KNOWN_ALERTS else self.before
        return type(self)(before, tuple(known))

    def skipped(self, key: Key) -> Self:
        """Everything before `key` counts as known."""
        at, checksum = key
        return type(self)((at, checksum - 1) if checksum else (at - 1, 0xFFFFFFFF))


@dataclass(frozen=True)
class Position:
    bars: SeenBars = SeenBars()
    alerts: SeenAlerts = SeenAlerts()

    @classmethod
    def of(cls, slots: Iterable[int], keys: Iterable[Key]) -> Self:
        """Of a stream that begins now: everything that there is already is known."""
        bars, alerts = SeenBars(), SeenAlerts()
        for slot in sorted(slots):
            bars = bars.after(slot)
        for key in sorted(keys):
            alerts = alerts.after(key)
        return cls(bars, alerts)

    def token(self, stream: int) -> str:
        """The id of an event; `stream` is the checksum of the series and interval that it belongs to."""
        bars, alerts = self.bars, self.alerts
        known = bars.known.to_bytes(KNOWN_BARS // 8, "big")
        head = HEAD.pack(VERSION, stream, bars.newest, known, *alerts.before, len(alerts.known))
        packed = head + b"".join(ENTRY.pack(at >> 32, at & 0xFFFFFFFF, checksum) for at, checksum in alerts.known)
        return base64.urlsafe_b64encode(packed + CHECKSUM.pack(zlib.crc32(packed))).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str, stream: int) -> Self:
        """Raises MalformedIdError for what is no id of this stream."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            packed, (checksum,) = raw[: -CHECKSUM.size], CHECKSUM.unpack(raw[-CHECKSUM.size :])
            version, origin, newest, known, at, name, count = HEAD.unpack(packed[: HEAD.size])
            entries = tuple((high << 32 | low, sum_) for high, low, sum_ in ENTRY.iter_unpack(packed[HEAD.size :]))
        except (ValueError, binascii.Error, struct.error) as error:
            raise MalformedIdError("is no id of an event of ours") from error
        if zlib.crc32(packed) != checksum or version != VERSION or len(entries) != count:
            raise MalformedIdError("is no id of an event of ours")
        if origin != stream:
            raise MalformedIdError("is the id of an event of another symbol, source or interval")
        return cls(SeenBars(newest, int.from_bytes(known, "big")), SeenAlerts((at, name), entries))


def stream_of(source: str, symbol: str, interval: str) -> int:
    return zlib.crc32("\0".join((source, symbol, interval)).encode())


def alert_key(milliseconds: int, signal_id: str) -> Key:
    return milliseconds, zlib.crc32(signal_id.encode())
