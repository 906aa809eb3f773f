"""When an exchange is open: sessions, holidays and half days."""

import warnings
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd

from quant.calendars import refuse_unknown_calendar

EARLIEST = "1990-01-01"
YEARS_AHEAD = 5  # listed options reach further than the calendar's own default of one year
OPTIONS_OPEN, OPTIONS_CLOSE = time(9, 30), time(16, 0)
OPTIONS_ZONE = ZoneInfo("America/New_York")


@cache
def calendar_of(name: str) -> exchange_calendars.ExchangeCalendar:
    """The calendar by its name (XNYS, say), from 1990 to five years ahead. Takes a second; raises ConfigError."""
    refuse_unknown_calendar(name)
    end = datetime.now(UTC).date() + timedelta(days=366 * YEARS_AHEAD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # how the library uses pandas is not our affair
        return exchange_calendars.get_calendar(name, start=EARLIEST, end=str(end))


def session_of(calendar: exchange_calendars.ExchangeCalendar, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Open and close (UTC) of the session of a day at an exchange in `zone`.

    Midnight to midnight there if it is no session, or if the calendar is that of an exchange in another zone.
    """
    stamp = pd.Timestamp(day)
    if _has_session(calendar, stamp) and _same_clock(day, zone, calendar.tz):
        return _utc(calendar.session_open(stamp)), _utc(calendar.session_close(stamp))
    midnight = datetime.combine(day, time(), zone)
    return midnight.astimezone(UTC), datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def expiry_of(calendar: exchange_calendars.ExchangeCalendar, day: date, at_open: bool = False) -> datetime:
    """The instant (UTC) at which options of an expiry day expire: its close, earlier on half days.

    `at_open`: its open, for contracts whose settlement price is made of the day's first trades. Where the day is no
    session: 16:00 or 09:30 in New York.
    """
    stamp = pd.Timestamp(day)
    if _has_session(calendar, stamp):
        return _utc(calendar.session_open(stamp) if at_open else calendar.session_close(stamp))
    return datetime.combine(day, OPTIONS_OPEN if at_open else OPTIONS_CLOSE, OPTIONS_ZONE).astimezone(UTC)


def _has_session(calendar: exchange_calendars.ExchangeCalendar, stamp: pd.Timestamp) -> bool:
    return bool(calendar.first_session <= stamp <= calendar.last_session and calendar.is_session(stamp))


def _same_clock(day: date, zone: tzinfo, other: tzinfo) -> bool:
    """Whether two zones, whatever their names, show the same time that day."""
    return datetime.combine(day, time(12), zone).utcoffset() == datetime.combine(day, time(12), other).utcoffset()


def _utc(stamp: pd.Timestamp) -> datetime:
    return stamp.to_pydatetime().astimezone(UTC)
