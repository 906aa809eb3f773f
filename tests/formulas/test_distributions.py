"""Distributions against SciPy 1.17.1 (scipy.special.ndtri, scipy.stats.chi2.sf), frozen here."""

from collections.abc import Callable

import duckdb
import pytest

Value = Callable[[str], object]

QUANTILES = {
    "1e-300": -37.0470962993612,
    "1e-20": -9.262340089798409,
    "1e-6": -4.753424308822899,
    "0.005": -2.575829303548901,
    "0.01": -2.3263478740408408,
    "0.05": -1.6448536269514729,
    "0.074": -1.4466320671589785,  # either side of the change of formula at 0.075
    "0.076": -1.4325027208258116,
    "0.3": -0.5244005127080409,
    "0.500000001": 2.5066282037387115e-09,
    "0.95": 1.6448536269514722,
    "0.975": 1.959963984540054,
    "0.999999": 4.753424308817087,
}
TAILS = {
    (1e-06, 1): 0.9992021155721779,
    (3.84, 1): 0.05004352124870519,
    (25, 1): 5.733031437583875e-07,
    (100, 1): 1.5239706048320995e-23,
    (5.99, 2): 0.05003662708658629,
    (100, 2): 1.9287498479639183e-22,
    (0.1, 3): 0.9918374237318764,
    (2, 5): 0.8491450360846096,
    (18.3, 10): 0.050109061411462506,
    (100, 10): 5.4497019829205215e-17,
    (40, 41): 0.5149516203003768,
    (400, 399): 0.4764888981006025,
    (900, 1000): 0.9892827619087102,
    (2000, 700): 2.206353591461808e-125,
}


def test_normal_quantile_equals_scipy(formulas: duckdb.DuckDBPyConnection) -> None:
    asked = ", ".join(f"normal_quantile({p})" for p in QUANTILES)
    assert formulas.execute(f"select {asked}").fetchone() == pytest.approx(tuple(QUANTILES.values()), rel=1e-14)


def test_normal_quantile_is_odd_and_inverts_the_distribution(value: Value) -> None:
    grid = "(select i / 1000 as p from range(1, 1000) t(i))"
    assert value(f"max(abs(normal_cdf(normal_quantile(p)) - p)) from {grid}") < 1e-15  # type: ignore[operator]
    assert value(f"max(abs(normal_quantile(p) + normal_quantile(1 - p))) from {grid}") < 1e-13  # type: ignore[operator]
    assert value("normal_quantile(0.5)") == 0


@pytest.mark.parametrize("p", ["0", "1", "-0.1", "95", "null", "'nan'::double"])
def test_no_quantile_outside_zero_and_one(value: Value, p: str) -> None:
    assert value(f"normal_quantile({p})") is None


def test_chi_squared_tail_equals_scipy(formulas: duckdb.DuckDBPyConnection) -> None:
    asked = ", ".join(f"chi_squared_sf({x}, {df})" for x, df in TAILS)
    assert formulas.execute(f"select {asked}").fetchone() == pytest.approx(tuple(TAILS.values()), rel=1e-12)


def test_a_statistic_of_zero_or_of_rounding_below_it_has_the_whole_tail(value: Value) -> None:
    assert value("chi_squared_sf(0, 3)") == 1
    assert value("chi_squared_sf(-1e-17, 2)") == 1


@pytest.mark.parametrize("arguments", ["null, 1", "1, null", "1, 0", "1, 1.5", "'nan'::double, 2"])
def test_no_tail_without_a_statistic_or_whole_degrees_of_freedom(value: Value, arguments: str) -> None:
    assert value(f"chi_squared_sf({arguments})") is None
