"""How values are written, beside what Python's own library writes."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from api.formats import Answer, body_of

INSTANTS = (
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "2026-11-20T21:00:00Z",
    "2026-11-20T21:00:00.500000Z",
    "9999-12-31T23:59:59.999999Z",
)


def written(table: pa.Table, key: str | None = None) -> Any:
    return json.loads(body_of(Answer({}, "rows", table, key), "json"))["rows"]


def test_instants_are_written_as_isoformat_writes_them() -> None:
    given = [datetime.fromisoformat(text) for text in INSTANTS]
    table = pa.table({"ts": pa.array([*given, None], pa.timestamp("us", "UTC"))})
    expected = [instant.astimezone(UTC).isoformat().replace("+00:00", "Z") for instant in given]
    assert [row["ts"] for row in written(table)] == [*expected, None] == [*INSTANTS, None]


def test_an_instant_without_a_zone_claims_none() -> None:
    table = pa.table({"ts": pa.array([datetime(2026, 11, 20, 21)], pa.timestamp("us"))})
    assert written(table) == [{"ts": "2026-11-20T21:00:00"}]


@pytest.mark.parametrize("year", [-1, 10_000])
def test_an_instant_beyond_four_digits_of_year_is_no_failure(year: int) -> None:
    microseconds = (year - 1970) * 365 * 86_400_000_000
    table = pa.table({"ts": pa.array([microseconds, None], pa.int64()).cast(pa.timestamp("us", "UTC"))})
    [row, _] = written(table)
    assert isinstance(row["ts"], str)


def test_days_numbers_and_absences_are_what_json_can_say() -> None:
    nan, infinite = float("nan"), float("inf")
    table = pa.table(
        {
            "day": [date(2026, 11, 20), None, date(1, 1, 1), date(9999, 12, 31)],
            "number": pa.array([0.1, None, nan, infinite], pa.float64()),
        }
    )
    days = ["2026-11-20", None, "0001-01-01", "9999-12-31"]
    assert written(table) == [
        {"day": day, "number": number} for day, number in zip(days, [0.1, None, None, None], strict=True)
    ]


def test_a_column_may_have_any_name() -> None:
    table = pa.table({"from": [1], "count(*)": [2], "": [3], "Ä": [4]})
    assert written(table) == [{"from": 1, "count(*)": 2, "": 3, "Ä": 4}]


def test_keyed_rows_are_found_by_their_key() -> None:
    table = pa.table({"metric": ["rsi", "sharpe"], "value": [50.0, 1.5]})
    assert written(table, "metric") == {"rsi": {"value": 50.0}, "sharpe": {"value": 1.5}}
