"""Sessions of the stock exchange, as plain numbers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np

from ingest.standin.rows import IntArray

ORIGIN = date(2019, 1, 2)
NEW_YORK = ZoneInfo("America/New_York")


class Sessions:
    """Opens and closes in seconds since 1970, from the origin to the end of the year after next."""

    def __init__(self, calendar: str) -> None:
        end = date(datetime.now(UTC).year + 2, 12, 31)
        schedule = exchange_calendars.get_calendar(calendar, start=str(ORIGIN), end=str(end)).schedule
        self.open_s: IntArray = schedule["open"].dt.tz_convert(None).to_numpy().astype("M8[s]").astype(np.int64)
        self.close_s: IntArray = schedule["close"].dt.tz_convert(None).to_numpy().astype("M8[s]").astype(np.int64)
        self.dates: list[date] = [stamp.date() for stamp in schedule.index]
        self._place = {day: place for place, day in enumerate(self.dates)}

    def newest(self, now_s: int) -> int:
        """The place of the last session that has opened."""
        return int(np.searchsorted(self.open_s, now_s, side="right")) - 1

    def is_open(self, now_s: int) -> bool:
        return now_s < int(self.close_s[self.newest(now_s)])

    def on_or_before(self, day: date) -> int:
        while day not in self._place:
            day -= timedelta(days=1)
        return self._place[day]

    def on_or_after(self, day: date) -> int:
        while day not in self._place:
            day += timedelta(days=1)
        return self._place[day]


def new_york_offset(time_s: int) -> tuple[int, str]:
    """Seconds east of UTC, and the zone's short name."""
    moment = datetime.fromtimestamp(time_s, NEW_YORK)
    return int((moment.utcoffset() or timedelta()).total_seconds()), moment.tzname() or ""
