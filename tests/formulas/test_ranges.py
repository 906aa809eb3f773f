"""Range estimators and EWMA volatility by hand, and bars that cannot be."""

import math
from collections.abc import Callable

import duckdb
import pytest

from tests.formulas.small_bars import by_day, create_bars

Value = Callable[[str], object]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rogers_satchell_variance_of(1, exp(1), 1, 1)", 1),  # ln(H/C) ln(H/O) = 1, ln(L/C) = 0
        ("rogers_satchell_variance_of(1, exp(1), 1, exp(1))", 0),  # a bar that only rises has drift alone
        ("rogers_satchell_variance_of(1, 0.9, 0.8, 0.85)", None),  # high below open
        ("rogers_satchell_vol_of(0.01, 4)", 0.2),
        ("parkinson_vol_of(0.01, 4)", 0.2),
        ("yang_zhang_weight_of(2)", 0.34 / 4.34),
        ("yang_zhang_weight_of(1)", None),
        ("yang_zhang_vol_of(0.04, 0.01, 0.01, 2, 1)", math.sqrt(0.05)),  # both parts of the day weigh 1 together
        ("ewma_input_of(0.2, 0.75, true)", 0.04),
        ("ewma_input_of(0.2, 0.75, false)", 0.01),
        ("annual_root_of(-1, 252)", None),
        ("encloses(2, 3, 1, null)", True),
        ("encloses(4, 3, 1, null)", False),
        ("elapsed_bars_between('1h', timestamptz '2026-01-06 14:00Z', timestamptz '2026-01-05 20:00Z', 252 * 7)", 1),
        ("elapsed_bars_between('1h', timestamptz '2026-01-06 14:00Z', timestamptz '2026-01-05 20:00Z', 8760)", 18),
        ("elapsed_bars_between('1w', timestamptz '2026-01-12', timestamptz '2026-01-05', 52)", 1),
        ("periods_per_year(252, 390, '1h')", 252 * 7),  # the last bar of a session is half an hour
        ("periods_per_year(365, 1440, '5m')", 105_120),
    ],
)
def test_by_hand(value: Value, expression: str, expected: object) -> None:
    assert value(expression) == (pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_night_between_sessions_is_one_bar_wherever_it_is_asked(
    formulas: duckdb.DuckDBPyConnection, zone: str
) -> None:
    # In Tokyo both instants are of one day, 2026-01-06; there the day changes at 15:00 UTC.
    night = "timestamptz '2026-01-06 14:30Z', timestamptz '2026-01-05 20:59Z', 252 * 390"
    minutes = "timestamptz '2026-01-06 15:01Z', timestamptz '2026-01-06 14:58Z', 252 * 390"
    with formulas.cursor() as connection:
        connection.execute(f"set timezone = '{zone}'")
        asked = f"select elapsed_bars_between('1m', {night}), elapsed_bars_between('1m', {minutes})"
        assert connection.execute(asked).fetchone() == (1, 3)


def test_the_forecast_is_what_was_known_a_bar_before(formulas: duckdb.DuckDBPyConnection) -> None:
    # log returns 0.1, 0.2, none, 0.4 across the hole: variances 0.01, 0.025, none, 0.0925
    create_bars(formulas, "hole", {"h": [1.0, math.exp(0.1), math.exp(0.3), None, math.exp(0.7)]})
    vols = [None, math.sqrt(0.01), math.sqrt(0.025), None, math.sqrt(0.0925)]
    ours = by_day(formulas, "ewma_vol('hole', lam := 0.5, ppy := 1)")
    assert ours == [vol if vol is None else pytest.approx(vol, rel=1e-12) for vol in vols]
    forecast = by_day(formulas, "ewma_vol_forecast('hole', lam := 0.5, ppy := 1)")
    assert forecast == [None, None, pytest.approx(0.1, rel=1e-12), None, pytest.approx(math.sqrt(0.025), rel=1e-12)]


def test_returns_span_a_hole_and_begin_with_the_second_price(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "gap", {"g": [None, 100.0, None, 150.0, 0.0, 0.0]})
    assert by_day(formulas, "simple_return('gap')") == [None, None, None, 0.5, -1, None]
    assert by_day(formulas, "cumulative_return('gap')") == [None, None, None, 0.5, -1, -1]
    assert by_day(formulas, "log_return('gap')") == [None, None, None, pytest.approx(math.log(1.5)), None, None]


@pytest.mark.parametrize("metric", ["parkinson_vol", "garman_klass_vol", "rogers_satchell_vol", "yang_zhang_vol"])
def test_an_impossible_bar_is_in_no_window(formulas: duckdb.DuckDBPyConnection, metric: str) -> None:
    create_bars(formulas, "narrow", {"p": [100.0 + day % 3 for day in range(12)]})
    wide, low = (
        "high + 1 as high, low - 1 as low",
        "case when day(ts) = 6 then low - 1 else high + 1 end as high, low - 1 as low",
    )
    formulas.execute(f"create or replace table possible as select * replace ({wide}) from narrow")
    formulas.execute(f"create or replace table flawed as select * replace ({low}) from narrow")
    whole = by_day(formulas, f"{metric}('possible', n := 3)")
    flawed = by_day(formulas, f"{metric}('flawed', n := 3)")
    assert [place for place, vol in enumerate(flawed) if vol is None and whole[place] is not None] == [5, 6, 7]
    assert flawed[8:] == whole[8:]


def test_constant_prices_have_no_volatility_of_any_kind(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "flat", {"f": [0.1] * 8})
    for metric in ("parkinson_vol", "garman_klass_vol", "rogers_satchell_vol", "yang_zhang_vol", "realized_vol"):
        assert by_day(formulas, f"{metric}('flat', n := 3)")[3:] == [0] * 5, metric
    assert by_day(formulas, "ewma_vol('flat')")[1:] == [0] * 7
