"""What is new since a position: final bars and alerts, each once, in the order in which they were knowable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from api.feed.channel import Channel, Look, Row, instant_of, key_of
from api.feed.position import Key, Position


@dataclass(frozen=True)
class News:
    """One event: its name, what it tells, and the position once it is told."""

    name: str
    row: Row
    position: Position
    slot: int | None = None  # of a final bar
    key: Key | None = None  # of an alert

    def is_known_at(self, position: Position) -> bool:
        if self.slot is not None:
            return position.bars.has(self.slot)
        return self.key is not None and position.alerts.has(self.key)


def news(channel: Channel, position: Position, look: Look, most: int, until: Position | None = None) -> Iterator[News]:
    """Bars and alerts that `position` does not know, and `until` does; the newest `most`, after a gap if need be."""
    bars = {channel.slot(row): row for row in look.bars if row["is_final"]}
    alerts = {key_of(row): row for row in look.alerts}
    slots = [slot for slot in sorted(bars) if not position.bars.has(slot) and (not until or until.bars.has(slot))]
    keys = [key for key in sorted(alerts) if not position.alerts.has(key) and (not until or until.alerts.has(key))]
    if len(slots) > most:
        gap = bar_gap(channel, position, bars[slots[-most]]["ts"])
        position = replace(position, bars=position.bars.skipped(slots[-most]))
        yield News("gap", gap, position)
    if len(keys) > most:
        gap = alert_gap(channel, position, alerts[keys[-most]]["end_ts"])
        position = replace(position, alerts=position.alerts.skipped(keys[-most]))
        yield News("gap", gap, position)
    yield from told(position, {slot: bars[slot] for slot in slots[-most:]}, {key: alerts[key] for key in keys[-most:]})


def told(position: Position, bars: dict[int, Row], alerts: dict[Key, Row]) -> Iterator[News]:
    """One by one, a bar before the alerts that became knowable with it."""
    found: list[tuple[datetime, int, Any]] = [(row["end_ts"], 0, slot) for slot, row in bars.items()]
    found += [(row["end_ts"], 1, key) for key, row in alerts.items()]
    for _, is_alert, name in sorted(found):
        if is_alert:
            position = replace(position, alerts=position.alerts.after(name))
            yield News("alert", alerts[name], position, key=name)
        else:
            position = replace(position, bars=position.bars.after(name))
            yield News("bar", bars[name], position, slot=name)


def bar_gap(channel: Channel, position: Position, until: datetime) -> Row:
    """What to ask /bars for; from the oldest bar that may have been missed, so some may be known already."""
    since = channel.start(position.bars.oldest)
    query = {"source": channel.source, "interval": channel.interval, "from": iso(since), "to": iso(until)}
    return {"of": "bar", "from": since, "to": until, "fetch": f"/bars/{channel.symbol}?{urlencode(query)}"}


def alert_gap(channel: Channel, position: Position, until: datetime) -> Row:
    since = instant_of(position.alerts.before)
    query = {**channel.series, "since": iso(since)}
    return {"of": "alert", "from": since, "to": until, "fetch": f"/signals?{urlencode(query)}"}


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
