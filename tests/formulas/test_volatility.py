"""Volatility: laws, and degenerate windows. Values: test_golden_values.py."""

import math
from collections.abc import Callable

import duckdb
import pytest

from tests.formulas.small_bars import create_bars

Value = Callable[[str], object]

# A group and a window sum in different orders: they agree to rounding.
TOLERANCE = 1e-10


@pytest.mark.parametrize(
    ("whole", "trailing"),
    [
        ("realized_vol(log_return, 252)", "roll_realized_vol(log_return, 399, 252, 1, i)"),
        ("parkinson_vol(high, low, 252)", "roll_parkinson_vol(high, low, 400, 252, 1, i)"),
        (
            "garman_klass_vol(open, high, low, close, 252)",
            "roll_garman_klass_vol(open, high, low, close, 400, 252, 1, i)",
        ),
    ],
)
def test_group_and_trailing_forms_are_one_formula(value: Value, whole: str, trailing: str) -> None:
    last = value(f"last(x order by i) from (select i, {trailing} as x from returns)")
    assert value(f"{whole} from returns") == pytest.approx(last, rel=TOLERANCE)


@pytest.mark.parametrize("scale", [1e-8, 1e6])
def test_volatility_does_not_depend_on_the_price_scale(value: Value, scale: float) -> None:
    scaled = value(f"parkinson_vol(high * {scale}, low * {scale}, 252) from returns")
    assert scaled == pytest.approx(value("parkinson_vol(high, low, 252) from returns"), rel=1e-9)


def test_constant_prices_have_exactly_no_volatility(value: Value) -> None:
    assert value("realized_vol(x, 252) from (select 0.1 as x from range(50))") == 0
    rolled = "roll_realized_vol(x, 20, 252, 1, i)"
    assert (
        value(f"last(v order by i) from (select i, {rolled} as v from (select i, 0.1 as x from range(50) t(i)))") == 0
    )


def test_one_return_has_no_volatility(value: Value) -> None:
    assert value("realized_vol(0.1, 252)") is None
    assert value("count(v) from (select roll_realized_vol(0.1, 1, 252, 1, i) as v from range(3) t(i))") == 0


def test_a_null_in_the_window_gives_null_and_nothing_after_it(value: Value) -> None:
    series = "(select i, case when i <> 5 then sin(i) end as x from range(12) t(i))"
    known = value(f"list(v is not null order by i) from (select i, roll_std(x, 3, 1, i) as v from {series})")
    assert known == [False, False, True, True, True, False, False, False, True, True, True, True]


@pytest.mark.parametrize("bar", ["1.0, 2.0", "2.0, 0.0", "2.0, -1.0", "null, 1.0"])
def test_an_impossible_range_has_no_variance(value: Value, bar: str) -> None:
    assert value(f"parkinson_variance_of({bar})") is None


def test_a_negative_mean_variance_gives_null(value: Value) -> None:
    # A bar that only has a body: (1/2 - 2 ln 2 + 1) ln(2)^2 < 0 would need high = low = open; here by hand.
    assert value("garman_klass_vol_of(-0.01, 252)") is None
    assert value("garman_klass_vol_of(0.01, 4)") == pytest.approx(math.sqrt(0.04), rel=1e-15)


def within_the_day(absent: str) -> str:
    """A trailing expression's input: a minute, a return of 0.1, and the minutes since the bar before."""
    return f"(select i, 0.1 as r, elapsed_bars_of('1m', t, lag(t) over (order by t), t + interval 1 minute) as e from (\
        select i, timestamptz '2026-01-01' + to_minutes(i) as t from range(11) m(i) where i not in ({absent})))"


@pytest.mark.parametrize(("absent", "expected"), [("99", 0.1 * math.sqrt(1000)), ("9", 3), ("8, 9", None)])
def test_volatility_within_the_day_counts_time_and_wants_nine_bars_of_ten(
    value: Value, absent: str, expected: float | None
) -> None:
    # by hand: nine squares of 0.1 in nine, ten or eleven thousandths of a year
    rolled = f"select i, roll_intraday_vol(r, e, 9, 1000, 1, i) as v from {within_the_day(absent)}"
    if absent == "8, 9":
        rolled = rolled.replace(", 9, 1000", ", 8, 1000")  # ten minutes, eight returns
    assert value(f"last(v order by i) from ({rolled})") == (None if expected is None else pytest.approx(expected))


def test_a_daily_bar_is_one_bar_whatever_the_weekend(value: Value) -> None:
    day = "timestamptz '2026-01-05', timestamptz '2026-01-02', timestamptz '2026-01-06'"
    assert value(f"elapsed_bars_of('1d', {day})") == 1
    assert value("elapsed_bars_of('1d', timestamptz '2026-01-05', null, timestamptz '2026-01-06')") is None
    daily, plain = "roll_interval_vol(r, 1, '1d', 5, 252, 1, i)", "roll_realized_vol(r, 5, 252, 1, i)"
    series = "(select i, sin(i) as r from range(9) t(i))"
    assert value(f"count(*) from (select {daily} as a, {plain} as b from {series}) where a is distinct from b") == 0


def test_a_window_named_twice_counts_once(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "waves", {"w": [100 + 5 * math.sin(day * day) for day in range(70)]})
    for twice, once in (
        ("volatility_cone('waves', windows := [5, 9, 5])", "volatility_cone('waves', windows := [5, 9])"),
        ("hurst_rs('waves', windows := [8, 8, 16])", "hurst_rs('waves', windows := [8, 16])"),
    ):
        found = formulas.execute(f"select * from {twice} order by all").fetchall()
        expected = formulas.execute(f"select * from {once} order by all").fetchall()
        for row, other in zip(found, expected, strict=True):  # runs sum in any order: last digits differ
            assert all(a == b or math.isclose(a, b, rel_tol=1e-11) for a, b in zip(row, other, strict=True))
        assert found[0][-1] is not None
