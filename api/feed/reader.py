"""Looks at the newest build: what one statement says is shared by all channels that look at the same time."""

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from api import queries
from api.feed.channel import EPOCH, Channel, Look, Row, instant_of
from api.feed.position import Position
from quant.warehouse import Reading, Warehouse

Series = tuple[str, str]  # source, symbol
MORE_BARS = 8  # further back than the first that asks, for others whose newest bar is older


@dataclass(frozen=True)
class Shared:
    """Rows of several symbols, newest first; kept for a moment."""

    build_id: str
    read_at: float
    since: datetime
    symbols: frozenset[str]
    rows: dict[Series, list[Row]]


@dataclass(eq=False)
class Reader:
    """Blocks, and is for one thread. Raises NoBuildError and duckdb.Error."""

    warehouse: Warehouse
    limit: int  # bars and alerts of one client that comes back
    seconds: float  # how long rows are shared
    channels: Collection[Channel]  # those that are listened to
    _shared: dict[str, Shared] = field(default_factory=dict)

    def look(self, channel: Channel, position: Position | None, before: Look | None, is_due: bool) -> Look:
        """The price; bars if it moved; alerts, which cost more, and bars of a quiet market if `is_due`."""
        if position is None or before is None:
            return self.first(channel)
        with self.warehouse.reading() as reading:
            old = before if before.build_id == reading.build_id else None
            price = next(iter(self._rows(reading, "price", channel, EPOCH)), None)
            is_still = old is not None and not is_due and price == old.price
            bars_since = channel.start(max(0, position.bars.oldest - MORE_BARS))
            alerts_since = instant_of(position.alerts.before)
            return Look(
                reading.build_id,
                price,
                old.bars if old and is_still else self._rows(reading, "bars", channel, bars_since),
                old.alerts if old and not is_due else self._rows(reading, "alerts", channel, alerts_since),
                old.metrics if old else self._metrics(reading, channel),
            )

    def first(self, channel: Channel) -> Look:
        with self.warehouse.reading() as reading:
            price = reading.rows(queries.prices.LATEST_PRICE.format(relation=channel.prices), channel.series)
            told = self._missed(reading, channel, EPOCH, EPOCH)
            metrics = self._metrics(reading, channel)
            return Look(reading.build_id, price[0] if price else None, told.bars, told.alerts, metrics)

    def since(self, channel: Channel, position: Position) -> Look:
        """What a client that comes back may have missed."""
        with self.warehouse.reading() as reading:
            bars, alerts = channel.start(position.bars.oldest), instant_of(position.alerts.before)
            return self._missed(reading, channel, bars, alerts)

    def _missed(self, reading: Reading, channel: Channel, bars: datetime, alerts: datetime) -> Look:
        asked = {**channel.series, "limit": self.limit}
        bars_of_one = queries.stream.BARS_OF_ONE.format(relation=channel.bars)
        found = reading.rows(bars_of_one, {**asked, "interval": channel.interval, "since": bars})
        told = reading.rows(queries.stream.ALERTS_OF_ONE, {**asked, "since": alerts})
        return Look(reading.build_id, None, found, told, [])

    def _metrics(self, reading: Reading, channel: Channel) -> list[Row]:
        return reading.rows(queries.prices.LATEST_METRICS, {**channel.series, "interval": channel.interval})

    def _rows(self, reading: Reading, kind: str, channel: Channel, since: datetime) -> list[Row]:
        """Of one channel: its price, alerts or bars."""
        place = {"price": channel.prices, "bars": f"{channel.bars} {channel.interval}"}.get(kind, kind)
        known = self._shared.get(place)
        if (
            known is None
            or known.build_id != reading.build_id
            or known.since > since
            or channel.symbol not in known.symbols
            or time.monotonic() - known.read_at > self.seconds
        ):
            if kind == "alerts" and known is not None and known.build_id == reading.build_id:
                since = min(since, known.since)  # their horizons differ for good: the furthest is everybody's
            known = self._shared[place] = self._read(reading, kind, channel, since)
        return known.rows.get((channel.source, channel.symbol), [])

    def _read(self, reading: Reading, kind: str, channel: Channel, since: datetime) -> Shared:
        symbols = frozenset((channel.symbol, *(each.symbol for each in tuple(self.channels))))
        asked = {"symbols": sorted(symbols)}
        if kind == "price":
            found = reading.rows(queries.stream.PRICES.format(relation=channel.prices), asked)
        elif kind == "alerts":
            found = reading.rows(queries.stream.ALERTS, {**asked, "since": since})
        else:
            bars = queries.stream.BARS.format(relation=channel.bars)
            found = reading.rows(bars, {**asked, "since": since, "interval": channel.interval})
        grouped: dict[Series, list[Row]] = defaultdict(list)
        for row in found:
            grouped[row.pop("source"), row.pop("symbol")].append(row)
        return Shared(reading.build_id, time.monotonic(), since, symbols, grouped)
