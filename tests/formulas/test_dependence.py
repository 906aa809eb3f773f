"""Autocorrelation, memory and stationarity: values worked out by hand, laws, and series that have none of it."""

import math
from collections.abc import Callable

import duckdb
import pytest

from tests.formulas.small_bars import Prices, by_symbol, create_bars

Value = Callable[[str], object]

LISTS: dict[str, Prices] = {
    "still": [100.0] * 40,
    "steady": [100.0 * 1.001**day for day in range(40)],  # returns are equal but for rounding
    "short": [100.0, 101.0],
    "one": [100.0],
    "none": [None] * 5,
    "moving": [100.0 + 5 * math.sin(day * day) for day in range(300)],
}
SCALARS = (
    "autocorrelation('{0}', lags := 1)",
    "partial_autocorrelation('{0}', lags := 1)",
    "ljung_box_stat('{0}', lags := 1)",
    "ljung_box_pvalue('{0}', lags := 1)",
    "durbin_watson('{0}')",
    "variance_ratio('{0}', k := 2)",
    "variance_ratio_z('{0}', k := 2)",
    "variance_ratio_pvalue('{0}', k := 2)",
    "hurst_lagged_std('{0}')",
    "hurst_lagged_std('{0}', lags := 4)",
    "hurst_rs('{0}')",
    "hurst_rs_corrected('{0}')",
)
TESTS = ("kpss_stat('{0}')", "kpss_pvalue('{0}')", "phillips_perron_stat('{0}')", "phillips_perron_pvalue('{0}')")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("autocorrelation_of([-1, 1, -1, 1], 1)", -0.75),  # -3 of 4
        ("autocorrelation_of([-1, 1, -1, 1], 2)", 0.5),
        ("autocorrelation_of([-1, 1, -1, 1], 4)", None),
        ("autocorrelation_of([1e-16, -1e-16], 1)", None),  # rounding is no movement
        ("partial_autocorrelation_of([0.5, 0.25, 0.125], 1)", 0.5),
        ("partial_autocorrelation_of([0.5, 0.25, 0.125], 3)", 0),  # one lag explains 0.5^k
        ("partial_autocorrelation_of([0.5, 0.5], 2)", 1 / 3),  # (0.5 - 0.25) / (1 - 0.25)
        ("partial_autocorrelation_of([0.5, null], 2)", None),
        ("len(autocorrelations_of([-1, 1, -1, 1], 2))", 2),
        ("len(autocorrelations_of([-1, 1, -1, 1], 0))", 0),
        ("len(autocorrelations_of([]::double[], -1))", 0),  # as many lags as values less one, where there is none
        ("autocorrelations_of([-1, 1, -1, 1], null)", None),
        ("autocorrelation_bound_of(400, 0.95)", 1.959963984540054 / 20),  # the normal quantile of 97.5 %, by any table
        ("autocorrelation_bound_of(0, 0.95)", None),
        ("ljung_box_of([0.5, 0.0], 10)", 10 * 12 * 0.25 / 9),
        ("ljung_box_of([0.5, null], 10)", None),
        ("durbin_watson_of([1, -1, 1, -1], 0)", 3),  # 3 steps of 2, squared, over 4
        ("variance_ratio_of(squared_steps([0, 1, 0, 1, 0], 2), squared_steps([0, 1, 0, 1, 0], 1), 2, 4)", 0),
        ("variance_ratio_of(6, 4, 2, 4)", 1.5),  # 6 / (2 * 3 * 0.5) over 4 / 3
        ("variance_ratio_of(6, 4, 4, 4)", None),
        ("variance_ratio_z_of(1.5, [1, 1, 1, 1], 2)", 0.5 / math.sqrt(3 / 16)),  # weight 1, lagged product 3 of 4^2
        ("variance_ratio_z_of(1.5, [1, 1, 1, 1], 1)", None),
        ("long_run_variance_of([1, -1, 1, -1], 1)", 0.25),  # (4 - 3) / 4
        ("long_run_variance_of([1, -1], 2)", None),
        ("schwert_lags(100)", 12),
        ("schwert_lags(1600)", 24),
        ("half_life_of(-0.5)", 1),
        ("half_life_of(0.1)", None),
        ("half_life_of(-1.5)", None),
        (
            "anis_lloyd_of(2)",
            math.sqrt(1 / math.pi) * math.gamma(0.5),
        ),  # = 1: the range of two values is their deviation
        ("kpss_pvalue_of(0.463, kpss_critical('c'))", 0.05),  # the paper's table 1
        ("kpss_pvalue_of(0.405, kpss_critical('c'))", 0.075),
        ("kpss_pvalue_of(0.01, kpss_critical('ct'))", 0.1),
        ("kpss_pvalue_of(9, kpss_critical('ct'))", 0.01),
    ],
)
def test_by_hand(value: Value, expression: str, expected: float | None) -> None:
    assert value(expression) == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-12))


# MacKinnon (2010), table 2: asymptotic critical values at 5 % for one variable.
@pytest.mark.parametrize(("trend", "critical"), [("n", -1.941), ("c", -2.86154), ("ct", -3.41049), ("ctt", -3.83239)])
def test_mackinnon_p_values_meet_his_critical_values(value: Value, trend: str, critical: float) -> None:
    p = value(f"mackinnon_pvalue_of({critical}, mackinnon_surface('{trend}'))")
    assert p == pytest.approx(0.05, abs=5e-4)
    assert value(f"mackinnon_pvalue_of(-30, mackinnon_surface('{trend}'))") == 0


def test_a_kpss_statistic_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    # log prices 0, 1, 0, 1: residuals -0.5, 0.5, ...; running sums -0.5, 0, -0.5, 0; 0.5 / 16 / 0.25
    create_bars(formulas, "zigzag", {"z": [1.0, math.e, 1.0, math.e]})
    assert by_symbol(formulas, "kpss_stat('zigzag', lags := 0)") == {"z": pytest.approx(0.125, rel=1e-12)}


def test_a_gap_that_halves_with_every_bar_has_a_half_life_of_one(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "halving", {"h": [math.exp(8 * 0.5**day) for day in range(8)]})
    assert by_symbol(formulas, "half_life('halving')") == {"h": pytest.approx(1, rel=1e-12)}


@pytest.fixture(scope="module")
def together(formulas: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    create_bars(formulas, "together", LISTS)
    create_bars(formulas, "alone", {"moving": LISTS["moving"]})
    return formulas


@pytest.mark.parametrize("metric", [*SCALARS, *TESTS])
def test_a_series_that_has_no_value_does_not_touch_the_others(together: duckdb.DuckDBPyConnection, metric: str) -> None:
    ours = by_symbol(together, metric.format("together"))
    assert set(ours) == set(LISTS)
    assert ours["moving"] == pytest.approx(by_symbol(together, metric.format("alone"))["moving"], rel=1e-12)
    silent = {"still", "one", "none"} | ({"steady", "short"} if metric in SCALARS else set())
    assert {name: ours[name] for name in silent} == dict.fromkeys(silent)


def test_a_slope_through_one_point_is_not_known(together: duckdb.DuckDBPyConnection) -> None:
    for lags in (1, 2):
        assert by_symbol(together, f"hurst_lagged_std('alone', lags := {lags})") == {"moving": None}


@pytest.mark.parametrize(
    "metric",
    [
        "kpss_stat('alone', trend := 'ctt')",
        "kpss_pvalue('alone', trend := 'ctt')",
        "phillips_perron_stat('alone', trend := 'x')",
        "phillips_perron_pvalue('alone', trend := 'x')",
    ],
)
def test_an_unknown_trend_is_refused(together: duckdb.DuckDBPyConnection, metric: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="trend must be one of"):
        by_symbol(together, metric)


def test_a_vector_has_a_row_for_each_lag_and_holding_period(together: duckdb.DuckDBPyConnection) -> None:
    lags = together.execute("select list(k order by k) from autocorrelation('alone', lags := 3)").fetchall()
    periods = together.execute("select list(k order by k) from variance_ratio('alone')").fetchall()
    assert (lags, periods) == ([([1, 2, 3],)], [([2, 4, 8, 16],)])
