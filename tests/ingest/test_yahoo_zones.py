"""The machine's own time zone decides nothing: sessions, expiries and what is final are the exchange's."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.ingest.test_yahoo_chains import HALF_DAY, NO_SESSION, chain_body
from tests.ingest.test_yahoo_pull import THANKSGIVING
from tests.ingest.yahoo_pulls import Pulls, seconds
from tests.ingest.yahoo_server import Body, YahooServer, chart

ZONES = ("UTC", "America/New_York", "Asia/Tokyo")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def tokyo() -> Body:
    """Two sessions in Tokyo; the first begins on a Thursday in New York."""
    body = chart(
        "7203.T",
        [
            (seconds(2026, 10, 30, 0), [10.0, 12.0, 9.0, 11.0, 11.0], 1000),
            (seconds(2026, 11, 2, 0), [11.0, 13.0, 10.0, 12.0, 12.0], 500),
        ],
    )
    meta = {"exchangeTimezoneName": "Asia/Tokyo", "timezone": "JST", "gmtoffset": 32400, "currency": "JPY"}
    body["chart"]["result"][0]["meta"] |= meta
    return body


def test_sessions_are_dated_by_their_exchange(zone: str, pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts = {"NVDA": THANKSGIVING, "7203.T": tokyo()}
    assert pulls.pull("equities", "NVDA", "7203.T") == 0
    rows = [row for row in pulls.rows("equities") if row["currency"]]
    assert _core(rows, "7203.T") == [
        (date(2026, 10, 30), utc(2026, 10, 29, 15), utc(2026, 10, 30, 15), True),
        (date(2026, 11, 2), utc(2026, 11, 1, 15), utc(2026, 11, 2, 15), True),
    ]
    assert _core(rows, "NVDA") == [
        (
            date(2025, 11, 26),
            *(datetime(2025, 11, 26, 14, 30, tzinfo=UTC), datetime(2025, 11, 26, 21, tzinfo=UTC)),
            True,
        ),
        (
            date(2025, 11, 28),
            *(datetime(2025, 11, 28, 14, 30, tzinfo=UTC), datetime(2025, 11, 28, 18, tzinfo=UTC)),
            True,
        ),
        (date(2025, 12, 1), *(datetime(2025, 12, 1, 14, 30, tzinfo=UTC), datetime(2025, 12, 1, 21, tzinfo=UTC)), False),
    ]
    assert [(row["dividend"], row["split_ratio"]) for row in rows[-3:]] == [(0.25, 0), (0, 4), (0, 0)]
    assert {row["fetched_at"].utcoffset() for row in rows} == {timedelta()}
    assert all(datetime.now(UTC) - row["fetched_at"] < timedelta(minutes=5) for row in rows)


def test_expiries_and_quote_times_are_the_exchange_s(zone: str, pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.chains["SPY"] = chain_body
    assert pulls.pull("options", "SPY") == 0
    assert {(row["expiry_on"], row["expires_at"], row["quoted_at"], row["spot"]) for row in pulls.rows("options")} == {
        (day, utc(day.year, day.month, day.day, hour), utc(2026, 11, 20, 21), 601.25)
        for day, hour in ((HALF_DAY, 18), (NO_SESSION, 21))
    }


def utc(*at: int) -> datetime:
    return datetime(*at, tzinfo=UTC)  # type: ignore[misc,arg-type]


def _core(rows: list[dict[str, Any]], symbol: str) -> list[tuple[object, ...]]:
    names = ("session_date", "ts", "end_ts", "is_final")
    return [tuple(row[name] for name in names) for row in rows if row["symbol"] == symbol]
