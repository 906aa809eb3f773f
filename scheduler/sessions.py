"""When an exchange is open, and when its daily bars become final: some minutes after each session's close."""

import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from quant.calendars import refuse_unknown_calendar

BEHIND, AHEAD = timedelta(days=60), timedelta(days=366 * 5)  # how far the closes reach from the scheduler's start


def closes_of(name: str, now: datetime) -> list[datetime]:
    """Closes (UTC, ascending) of an exchange (XNYS, say): two months back, five years ahead. Raises ConfigError."""
    return [close for _, close in sessions_of(name, now)]


def sessions_of(name: str, now: datetime) -> list[tuple[datetime, datetime]]:
    """Opens and closes, as `closes_of`."""
    refuse_unknown_calendar(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # how the library uses pandas is not our affair
        import exchange_calendars  # a second, which `python -m scheduler` does not need before its first pull

        calendar = exchange_calendars.get_calendar(
            name, start=f"{now - BEHIND:%Y-%m-%d}", end=f"{now + AHEAD:%Y-%m-%d}"
        )
        return [
            (opens.to_pydatetime().astimezone(UTC), closes.to_pydatetime().astimezone(UTC))
            for opens, closes in zip(calendar.opens, calendar.closes, strict=True)
        ]


def newest_final_close(closes: Sequence[datetime], delay: timedelta, now: datetime) -> datetime:
    """The newest close that lies at least `delay` back."""
    return closes[bisect_right(closes, now - delay) - 1]


def utc_now() -> datetime:
    return datetime.now(UTC)


class CloseWatch:
    """Says once per session that its bars have become final."""

    def __init__(self, name: str, delay: timedelta, clock: Callable[[], datetime] = utc_now) -> None:
        self._delay, self._clock = delay, clock
        self._closes = closes_of(name, clock())
        self._seen = self._newest()

    def rings(self) -> bool:
        """True the first time that a newer session is final; the start-up pulls have fetched the one before."""
        newest = self._newest()
        rang, self._seen = newest > self._seen, newest
        return rang

    def _newest(self) -> datetime:
        return newest_final_close(self._closes, self._delay, self._clock())


class MarketHours:
    """Says whether a session is on: from `delay` after each open to `grace` after its close, both included."""

    def __init__(self, name: str, delay: timedelta, grace: timedelta, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        sessions = sessions_of(name, clock())
        self._begins = [opens + delay for opens, _ in sessions]
        self._ends = [closes + grace for _, closes in sessions]

    def are_on(self) -> bool:
        now = self._clock()
        newest = bisect_right(self._begins, now) - 1
        return newest >= 0 and now <= self._ends[newest]
