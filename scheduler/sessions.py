"""When the daily bars of an exchange become final: some minutes after each session's close."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from exchange_calendars import get_calendar


def newest_final_close(calendar: str, delay: timedelta, now: datetime) -> datetime:
    """The newest session close (UTC) that lies at least `delay` back; half days and holidays count."""
    close: datetime = get_calendar(calendar).previous_close(now - delay).to_pydatetime()
    return close


class CloseWatch:
    """Says once per session that its bars have become final."""

    def __init__(
        self, calendar: str, delay: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._calendar, self._delay, self._clock = calendar, delay, clock
        self._seen = self._newest()

    def rings(self) -> bool:
        """True the first time that a newer session is final; the start-up pulls have fetched the one before."""
        newest = self._newest()
        rang, self._seen = newest > self._seen, newest
        return rang

    def _newest(self) -> datetime:
        return newest_final_close(self._calendar, self._delay, self._clock())
