"""What a person reads on a phone: a title, and a few lines of plain text. Only formats, computes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

MOST_CHARACTERS = 1000  # of a digest's body: what every service takes in one piece
DEMO = "[DEMO] "


@dataclass(frozen=True)
class Message:
    title: str
    body: str


@dataclass(frozen=True)
class Alert:
    """One row of serving.recent_signals, as it was when first seen. `past_*` is the rule's record before it."""

    signal_id: str
    rule: str
    end_ts: datetime
    kind: str = "market"
    source: str | None = None
    symbol: str | None = None
    asset_class: str | None = None
    interval: str | None = None
    direction: str | None = None
    close: float | None = None
    value: float | None = None
    threshold: float | None = None
    explanation: str | None = None
    past_events: int | None = None
    past_hit_rate: float | None = None
    past_mean_return: float | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row with more or fewer columns; what lasts (a gap, say) has no end and counts from its start."""
        known = {name: _one_line(row[name]) for name in cls.__dataclass_fields__ if row.get(name) is not None}
        ended = row.get("end_ts") or row["ts"]
        return cls(**{**known, "end_ts": ended})

    def as_record(self) -> dict[str, Any]:
        return asdict(self) | {"end_ts": self.end_ts.isoformat()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        return cls(**{**record, "end_ts": datetime.fromisoformat(record["end_ts"])})

    @property
    def name(self) -> str:
        """BTCUSDT sma cross up; data are never up or down."""
        way = self.direction if self.kind != "data" else None
        return " ".join(word for word in (self.symbol, self.rule.replace("_", " "), way) if word)


def _one_line(value: Any) -> Any:
    """Text without line breaks and other control characters: it stands in titles, which are headers of a mail."""
    if not isinstance(value, str):
        return value
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())


def compose(alerts: Sequence[Alert], most: int, zones: Mapping[str, str], *, demo: bool) -> Message:
    """All of `alerts`, newest first: in full up to `most`, else a line for each as far as there is room.

    `zones` names the time zone of an asset class.
    """
    newest = sorted(alerts, key=lambda alert: (alert.end_ts, alert.signal_id), reverse=True)
    mark = DEMO if demo else ""
    if len(newest) == 1:
        return Message(f"{mark}{title_of(newest[0])}", full_text(newest[0], zones))
    if len(newest) <= most:
        texts = [f"{title_of(alert)}\n{full_text(alert, zones)}" for alert in newest]
        return Message(f"{mark}{len(newest)} alerts: {symbols_of(newest)}", "\n\n".join(texts))
    return Message(f"{mark}{len(newest)} alerts: {symbols_of(newest)}", digest(newest))


def count_of(alerts: Sequence[Alert] | int) -> str:
    """1 alert, 2 alerts."""
    count = alerts if isinstance(alerts, int) else len(alerts)
    return f"{count} alert{'' if count == 1 else 's'}"


def title_of(alert: Alert) -> str:
    return f"{alert.name}, {alert.interval}" if alert.interval else alert.name


def symbols_of(alerts: Sequence[Alert]) -> str:
    """The first three, and how many more."""
    names = list(dict.fromkeys(alert.symbol or alert.source or alert.rule for alert in alerts))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def full_text(alert: Alert, zones: Mapping[str, str]) -> str:
    lines = [alert.explanation, when(alert, zones), numbers(alert), record(alert)]
    return "\n".join(line for line in lines if line)


def when(alert: Alert, zones: Mapping[str, str]) -> str:
    """2026-11-20 21:00 UTC (16:00 New York); the local date too where it is another."""
    at = alert.end_ts.astimezone(UTC)
    said = f"{at:%Y-%m-%d %H:%M} UTC"
    zone = zones.get(alert.asset_class or "", "UTC")
    if zone == "UTC":
        return said
    local = at.astimezone(ZoneInfo(zone))
    day = "" if local.date() == at.date() else f"{local:%Y-%m-%d} "
    return f"{said} ({day}{local:%H:%M} {zone.rsplit('/')[-1].replace('_', ' ')})"


def numbers(alert: Alert) -> str:
    """Value 71.2 against 70, close 512.34."""
    value = f"value {number(alert.value)}" if alert.value is not None else ""
    against = f" against {number(alert.threshold)}" if value and alert.threshold is not None else ""
    close = f"close {number(alert.close)}" if alert.close is not None else ""
    text = ", ".join(part for part in (value + against, close) if part)
    return text[:1].upper() + text[1:]


def record(alert: Alert) -> str:
    """The rule's record before this event: 12 earlier, 58 % went its way, mean next day +0.4 %."""
    if not alert.past_events:
        return "No earlier event of this rule here." if alert.past_events == 0 else ""
    after = {"1d": "day", "1w": "week"}.get(alert.interval or "", "bar")
    hit, mean = alert.past_hit_rate, alert.past_mean_return
    parts = [
        f"{alert.past_events} earlier",
        f"{hit:.0%} went its way".replace("%", " %") if hit is not None else "",
        f"mean next {after} {mean:+.1%}".replace("%", " %") if mean is not None else "",
    ]
    return ", ".join(part for part in parts if part) + "."


def number(value: float) -> str:
    """Six digits, never 1e+05."""
    digits = f"{value:.6g}"
    return digits if "e" not in digits else f"{value:,.0f}" if abs(value) >= 1 else f"{value:.8f}".rstrip("0")


def digest(alerts: Sequence[Alert]) -> str:
    """How often each rule fired, then a line for each alert as far as there is room."""
    counts = Counter(alert.rule.replace("_", " ") for alert in alerts)
    lines = [", ".join(f"{count} {rule}" for rule, count in counts.most_common(8))]
    room = MOST_CHARACTERS - len(lines[0])
    for index, alert in enumerate(alerts):
        line = brief(alert)
        if room < len(line) + len("\nand 99999 more"):
            lines.append(f"and {len(alerts) - index} more")
            break
        lines.append(line)
        room -= len(line) + 1
    return "\n".join(lines)


def brief(alert: Alert) -> str:
    """20 Nov 21:00 UTC SPY sma cross up, 1d: value 510.123 against threshold 509.9."""
    value = f": value {number(alert.value)}" if alert.value is not None else ""
    against = f" against threshold {number(alert.threshold)}" if value and alert.threshold is not None else ""
    return f"{alert.end_ts.astimezone(UTC):%d %b %H:%M} UTC {title_of(alert)}{value}{against}"
