"""What a stream is about, one series at one interval, and what one look at the newest build says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from api.feed.position import Key, Position, alert_key, stream_of
from api.queries.parts import bars_of, prices_of

Row = dict[str, Any]
MINUTES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440, "1w": 10080}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Channel:
    source: str
    symbol: str
    asset_class: str | None
    interval: str

    @cached_property
    def stream(self) -> int:
        return stream_of(self.source, self.symbol, self.interval)

    @property
    def series(self) -> dict[str, str]:
        return {"source": self.source, "symbol": self.symbol}

    @property
    def bars(self) -> str:
        """Where its bars are found."""
        return bars_of(self.asset_class, self.interval)

    @property
    def prices(self) -> str:
        return prices_of(self.asset_class)

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=MINUTES[self.interval])

    def slot(self, bar: Row) -> int:
        """Each bar has a slot of its own, also sessions, whose start moves with summer time."""
        return int((bar["ts"] - EPOCH) // self.length)

    def start(self, slot: int) -> datetime:
        return EPOCH + slot * self.length


def key_of(alert: Row) -> Key:
    return alert_key((alert["end_ts"] - EPOCH) // timedelta(milliseconds=1), alert["signal_id"])


def instant_of(key: Key) -> datetime:
    return EPOCH + timedelta(milliseconds=key[0])


@dataclass(frozen=True)
class Look:
    """Newest first: bars up to the open one, alerts. What did not have to be asked again is that of the look before."""

    build_id: str
    price: Row | None
    bars: list[Row]
    alerts: list[Row]
    metrics: list[Row]

    @property
    def bar(self) -> Row | None:
        return self.bars[0] if self.bars else None

    def position(self, channel: Channel) -> Position:
        """Where a stream stands that begins with this look."""
        slots = (channel.slot(bar) for bar in self.bars if bar["is_final"])
        return Position.of(slots, (key_of(alert) for alert in self.alerts))
