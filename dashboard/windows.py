"""Stretches of time that candles are drawn of: the newest so much of a series, or one that the visitor chose."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from dashboard import data, parts
from dashboard.data import Record

HOUR, DAY = 3600, 86400
BAR_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY, "1w": 7 * DAY}
STEP_NAMES = {
    **{60: "one-minute", 300: "five-minute", 900: "15-minute", HOUR: "hourly", 4 * HOUR: "four-hour"},
    **{DAY: "daily", 7 * DAY: "weekly", 28 * DAY: "four-week"},
}
LIVE_SECONDS = 2.1  # not at the same instant as the tiles, every second: that would be one large refresh
MOST_CANDLES = 366  # so that all marks of a chart stay below 2,000


@dataclass(frozen=True)
class Window:
    """Bars of `interval`, drawn as candles of `step` seconds: the newest `span` seconds, or a chosen stretch."""

    interval: str
    span: int
    step: int
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """A candle is one bar."""
        return self.step == BAR_SECONDS[self.interval]

    @property
    def is_newest(self) -> bool:
        """It ends with the newest bar, whichever that is."""
        return self.until is None

    @property
    def step_name(self) -> str:
        return STEP_NAMES[self.step]


RANGES = {
    "1m": {
        "1h": Window("1m", HOUR, 60),
        "3h": Window("1m", 3 * HOUR, 60),
        "6h": Window("1m", 6 * HOUR, 60),
        "1d": Window("1m", DAY, 300),
        "3d": Window("1m", 3 * DAY, 900),
    },
    "5m": {"6h": Window("5m", 6 * HOUR, 300), "1d": Window("5m", DAY, 300)},
    "15m": {"1d": Window("15m", DAY, 900), "3d": Window("15m", 3 * DAY, 900)},
    "1h": {"3d": Window("1h", 3 * DAY, HOUR), "2w": Window("1h", 14 * DAY, HOUR)},
    "4h": {"2w": Window("4h", 14 * DAY, 4 * HOUR), "2M": Window("4h", 60 * DAY, 4 * HOUR)},
    "1d": {
        "3M": Window("1d", 92 * DAY, DAY),
        "1Y": Window("1d", 365 * DAY, DAY),
        "5Y": Window("1d", 5 * 365 * DAY, 7 * DAY),
    },
    "1w": {"1Y": Window("1w", 365 * DAY, 7 * DAY), "5Y": Window("1w", 5 * 365 * DAY, 7 * DAY)},
}
DEFAULT_RANGE = {"1m": "1h", "5m": "1d", "15m": "1d", "1h": "3d", "4h": "2w", "1d": "1Y", "1w": "1Y"}


def day_of(asset_class: str) -> str:
    """What a bar of a day holds, in words."""
    known = data.settings()
    if asset_class == "equity":
        return f"A day is a session of {known.equities.calendar}, {known.asset_classes.equity.timezone}."
    return "A day begins at 00:00 UTC."


def between(interval: str, since: datetime, until: datetime) -> Window:
    """A chosen stretch, in the finest candles of which it has no more than can be told apart."""
    span = max(int((until - since) / timedelta(seconds=1)), 1)
    steps = [step for step in STEP_NAMES if step >= BAR_SECONDS[interval]]
    step = next((step for step in steps if span <= step * MOST_CANDLES), steps[-1])
    return Window(interval, span, step, since, until)


def candles(series: Record, window: Window) -> pa.Table:
    """One row per candle, with moving average and Bollinger band where each is one bar."""
    asked = {
        "part": parts.of_bars(series["asset_class"], window.interval),
        "symbol": series["symbol"],
        "interval": window.interval,
        "span": window.span,
        "since": window.since,
        "until": window.until,
    }
    return data.table("bars", **asked) if window.is_plain else data.table("candles", **asked, step=window.step)


def refresh_seconds(series: Record, window: Window, count_metrics: int) -> float | None:
    """How often its candles can have changed: an open bar moves with each trade, the others with a build.

    A chart is sent whole, so that a long one, in which little moves, is sent less often. The price above it is live.
    """
    is_open = (series["asset_class"], window.interval) in {("crypto", "1m"), ("crypto", "1d"), ("equity", "1d")}
    if not (is_open and window.is_newest):
        return None
    if window.interval != "1m" or window.span > 3 * HOUR:
        return 60
    return LIVE_SECONDS if window.span <= HOUR and not count_metrics else 10
