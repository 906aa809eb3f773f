"""Shape, liquidity and seasons: values worked out by hand, and bars that have none."""

import math
from collections.abc import Callable

import duckdb
import pytest

from tests.formulas.small_bars import by_day, by_symbol, create_bars, earned

Value = Callable[[str], object]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("skewness_of(1, 2, 3)", 2),
        ("skewness_of(1, 2, 2)", None),
        ("excess_kurtosis_of(2, 8, 4)", -1),
        ("sample_skewness_of(1, 3)", math.sqrt(6)),  # sqrt(3 * 2) / 1
        ("sample_excess_kurtosis_of(0, 4)", 9),  # 3 / (2 * 1) * 6
        ("sample_excess_kurtosis_of(0, 3)", None),
        ("jarque_bera_of(1, 2, 6)", 2),  # 1 * (1 + 1)
        ("t_of(0.5, 2, 16)", 1),
        ("t_of(0.01, 1e-17, 12)", None),  # equal but for rounding
        ("price_impact_of(-0.1, 50, 4)", 0.0005),
        ("price_impact_of(0.1, 50, 0)", None),
        ("roll_spread_of(-0.0001)", 0.02),
        ("roll_spread_of(0.0001)", None),
        ("corwin_schultz_of(0)", 0),
        ("corwin_schultz_of(-1)", 0),
        ("corwin_schultz_of(null)", None),
        ("corwin_schultz_of(2 * atanh(0.01))", 0.02),
        ("overnight_gap_of(12, 11, 10)", -1),
        ("overnight_gap_of(12, 11, 14)", 2),
        ("overnight_gap_of(12, 11, 11.5)", 0),
        # two bars of range 1, both together no wider
        (
            "corwin_schultz_alpha_of(2, 1)",
            (2 - math.sqrt(2)) / (3 - 2 * math.sqrt(2)) - math.sqrt(1 / (3 - 2 * math.sqrt(2))),
        ),
    ],
)
def test_by_hand(value: Value, expression: str, expected: float | None) -> None:
    assert value(expression) == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-15))


def test_moments_of_returns_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    symmetric, leaning = [0.5, -0.5, 0.5, -0.5], [0.5, 0.0, 0.0, 0.0]
    create_bars(formulas, "shapes", {"s": earned(symmetric), "l": earned(leaning), "c": earned([0.25] * 4)})
    # leaning: m2 = 3/64, m3 = 3/256, m4 = 21/4096; 2/sqrt(3) and 7/3 - 3
    assert by_symbol(formulas, "skewness('shapes')") == {
        "s": pytest.approx(0, abs=1e-15), "l": pytest.approx(2 / math.sqrt(3)), "c": None
    }  # fmt: skip
    assert by_symbol(formulas, "excess_kurtosis('shapes')") == {
        "s": pytest.approx(-2), "l": pytest.approx(7 / 3 - 3), "c": None
    }  # fmt: skip


def test_illiquidity_is_the_mean_impact_of_full_windows(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "traded", {"t": [100.0, 110.0, 99.0]})  # 100 shares a day
    expected = (0.1 / 11_000 + 0.1 / 9_900) / 2
    assert by_day(formulas, "amihud_illiquidity('traded', n := 2)") == [None, None, pytest.approx(expected)]


def test_spreads_wait_for_full_windows(formulas: duckdb.DuckDBPyConnection) -> None:
    prices = [100.0, 101.0, 100.0, 101.0, 100.0]
    create_bars(formulas, "bounce", {"b": prices})
    r = math.log(1.01)
    # pairs (-r, r), (r, -r), (-r, r): covariance -(4/3) r^2
    spreads = by_day(formulas, "roll_spread('bounce', n := 3)")
    assert spreads == [None] * 4 + [pytest.approx(2 * r * math.sqrt(4 / 3))]
    assert by_day(formulas, "corwin_schultz_spread('bounce', n := 2)")[:2] == [None, None]


def test_seasons_count_each_return_once_a_period(formulas: duckdb.DuckDBPyConnection) -> None:
    # Daily from Monday, 1 January 2024: 31 bars have 30 returns, the first on a Tuesday.
    create_bars(formulas, "january", {"j": earned([0.01, -0.01] * 15)})
    rows = formulas.execute(
        "select period, period_value, n_obs, win_rate from seasonality('january') order by period, period_value"
    ).fetchall()
    assert rows[0] == ("month", 1, 30, 0.5)
    assert [(value, count) for _, value, count, _ in rows[1:]] == [
        (1, 4),
        (2, 5),
        (3, 5),
        (4, 4),
        (5, 4),
        (6, 4),
        (7, 4),
    ]


def test_the_cone_ends_in_the_newest_volatility(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "wave", {"w": [100 + 5 * math.sin(day * day) for day in range(40)]})
    cone = formulas.execute(
        'select "window", "last", "max" from volatility_cone(\'wave\', windows := [5, 10, 50]) order by 1'
    ).fetchall()
    for window, last, most in cone[:2]:
        vols = by_day(formulas, f"realized_vol('wave', n := {window})")
        assert last == vols[-1]
        assert most == max(vol for vol in vols if vol is not None)
    assert cone[2] == (50, None, None)
