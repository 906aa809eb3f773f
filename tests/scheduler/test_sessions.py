"""When daily bars become final. Expected instants: nyse.com, holidays and trading hours of 2026."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.sessions import CloseWatch, MarketHours, closes_of, newest_final_close

DELAY = timedelta(minutes=20)


@pytest.mark.parametrize(
    ("now", "close"),
    [
        ("2026-11-20T21:19:59", "2026-11-19T21:00"),  # Friday, not yet 20 minutes after 16:00 New York
        ("2026-11-20T21:20:01", "2026-11-20T21:00"),
        ("2026-11-22T13:00:00", "2026-11-20T21:00"),  # Sunday
        ("2026-11-26T22:00:00", "2026-11-25T21:00"),  # Thanksgiving: closed
        ("2026-11-27T18:21:00", "2026-11-27T18:00"),  # the day after: closes at 13:00
        ("2026-07-15T20:21:00", "2026-07-15T20:00"),  # summer time
    ],
)
def test_bars_are_final_a_delay_after_the_close(now: str, close: str) -> None:
    instant, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, close))
    assert newest_final_close(closes_of("XNYS", instant), DELAY, instant) == expected


def test_the_watch_rings_once_per_session() -> None:
    now = [datetime(2026, 11, 20, 21, 0, tzinfo=UTC)]
    watch = CloseWatch("XNYS", DELAY, clock=lambda: now[0])
    rings = []
    for _ in range(7 * 24 * 2):  # a week in half hours, with Thanksgiving
        now[0] += timedelta(minutes=30)
        if watch.rings():
            rings.append(f"{now[0]:%a %H:%M}")
    assert rings == ["Fri 21:30", "Mon 21:30", "Tue 21:30", "Wed 21:30", "Fri 18:30"]


@pytest.mark.parametrize(
    ("now", "are_on"),
    [
        ("2026-11-20T14:44:59", False),  # Friday: opens at 9:30 New York
        ("2026-11-20T14:45:00", True),
        ("2026-11-20T21:05:00", True),  # closes at 16:00
        ("2026-11-20T21:05:01", False),
        ("2026-11-22T18:00:00", False),  # Sunday
        ("2026-11-26T18:00:00", False),  # Thanksgiving
        ("2026-11-27T18:04:00", True),  # the day after closes at 13:00
        ("2026-11-27T19:00:00", False),
        ("2026-07-15T13:46:00", True),  # summer time
        ("2026-07-15T20:30:00", False),
    ],
)
def test_market_hours_begin_a_delay_after_the_open_and_end_a_grace_after_the_close(now: str, are_on: bool) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    hours = MarketHours("XNYS", timedelta(minutes=15), timedelta(minutes=5), clock=lambda: instant)
    assert hours.are_on() == are_on
