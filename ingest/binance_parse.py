"""Bytes from Binance -> records: pure functions, exact decimals, nothing dropped without a name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import msgspec

from ingest.binance_record import Kline, Trade, bar_end, instant
from ingest.digits import PLACES, amount, positive

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
IdOrNone = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]  # the exchange says -1 for an empty bar
Millis = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame of a kind that we did not ask for, or an acknowledgement."""

    kind: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The server is about to go: reconnect now."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What should have been a record but is not."""

    reason: str


Parsed = Trade | Kline | Ignored | Shutdown | DeadLetter


class TradeEvent(msgspec.Struct, tag_field="e", tag="trade", gc=False):
    """The fields of a trade that we keep, under the exchange's names."""

    s: str
    t: Id
    p: str
    q: str
    T: Millis
    m: bool


class KlineFields(msgspec.Struct, gc=False):
    """The bar inside a kline event, under the exchange's names."""

    t: Millis
    T: Millis
    i: str
    f: IdOrNone
    L: IdOrNone
    o: str
    c: str
    h: str
    l: str  # noqa: E741 - the exchange's name
    v: str
    n: Id
    x: bool
    q: str
    V: str


class KlineEvent(msgspec.Struct, tag_field="e", tag="kline", gc=False):
    s: str
    k: KlineFields


class ShutdownEvent(msgspec.Struct, tag_field="e", tag="serverShutdown"):
    pass


Event = TradeEvent | KlineEvent | ShutdownEvent


class Envelope(msgspec.Struct, gc=False):
    """What a combined stream wraps each event in."""

    data: Event


KNOWN_EVENTS = ("trade", "kline", "serverShutdown")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_combined = msgspec.json.Decoder(Envelope)
_many = msgspec.json.Decoder(list[Envelope])
_bare = msgspec.json.Decoder(Event)
_anything = msgspec.json.Decoder()


def parse(frame: bytes, symbols: Collection[str], fetched_at: int) -> Parsed:
    """What one WebSocket frame says. `fetched_at`: microseconds, taken when the frame arrived."""
    try:
        event = _combined.decode(frame).data
    except UNREADABLE:
        return _parse_unusual(frame, symbols, fetched_at)
    return _to_record(event, symbols, fetched_at)


def parse_many(frames: Sequence[bytes]) -> list[Event] | None:
    """The events of many frames, at a third of the cost; None if one of them is out of the ordinary."""
    try:
        envelopes = _many.decode(b"[" + b",".join(frames) + b"]")
    except UNREADABLE:
        return None
    return [envelope.data for envelope in envelopes] if len(envelopes) == len(frames) else None


def open_days(events: Sequence[Event], fetched_at: int) -> list[Kline]:
    """What `events` say of days that are not over. Raises ValueError when a field cannot be."""
    days = (event for event in events if isinstance(event, KlineEvent) and event.k.i == "1d" and not event.k.x)
    return [_stream_bar(event, fetched_at) for event in days]


def _parse_unusual(frame: bytes, symbols: Collection[str], fetched_at: int) -> Parsed:
    """The slow path: bare events, kinds that we did not ask for, acknowledgements, nonsense."""
    try:
        value = _anything.decode(frame)
    except UNREADABLE as error:
        return DeadLetter(f"not JSON: {error}")
    if not isinstance(value, dict):
        return DeadLetter("not a JSON object")
    data = value.get("data", value)
    kind = _kind(value, data)
    if kind is None:
        return DeadLetter("neither an event nor an answer")
    if kind not in KNOWN_EVENTS:
        return Ignored(kind)
    try:
        return _to_record(_bare.decode(msgspec.json.encode(data)), symbols, fetched_at)
    except UNREADABLE as error:
        return DeadLetter(str(error))


def _kind(value: dict[str, object], data: object) -> str | None:
    """The kind of an event, else "answer" or "error" for what answers a request; None for nonsense."""
    stream = value.get("stream")
    if isinstance(data, dict) and isinstance(data.get("e"), str):
        return str(data["e"])
    if isinstance(stream, str) and isinstance(data, dict) and data:
        kind = stream.rpartition("@")[2]  # bookTicker carries no event name
        return None if kind in KNOWN_EVENTS else kind
    if "result" in value:
        return "answer"
    return "error" if "code" in value or "error" in value else None


def _to_record(event: Event, symbols: Collection[str], fetched_at: int) -> Parsed:
    if isinstance(event, ShutdownEvent):
        return Shutdown()
    if event.s not in symbols:
        return DeadLetter(f"symbol {event.s!r} was not asked for")
    try:
        return _trade(event, fetched_at) if isinstance(event, TradeEvent) else _stream_bar(event, fetched_at)
    except ValueError as error:
        return DeadLetter(str(error))


def _trade(event: TradeEvent, fetched_at: int) -> Trade:
    ts = instant(event.T, fetched_at)
    return Trade(event.s, event.t, ts, positive(event.p), positive(event.q), event.m, "stream", fetched_at)


def _stream_bar(event: KlineEvent, fetched_at: int) -> Kline:
    bar = event.k
    return Kline(
        symbol=event.s,
        interval=bar.i,
        ts=instant(bar.t, fetched_at),
        end_ts=bar_end(bar.T, fetched_at),
        open=price_of(bar.o),
        high=price_of(bar.h),
        low=price_of(bar.l),
        close=price_of(bar.c),
        volume=amount(bar.v),
        quote_volume=amount(bar.q),
        trade_count=bar.n,
        taker_buy_volume=amount(bar.V),
        first_trade_id=bar.f if bar.n else None,
        last_trade_id=bar.L if bar.n else None,
        is_final=bar.x,
        fetched_at=fetched_at,
    )


def price_of(text: str) -> Decimal:
    """A price above 0; bars are few, so theirs stay decimals."""
    return Decimal(positive(text)).scaleb(-PLACES)
