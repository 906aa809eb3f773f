"""Risk: laws, and degenerate samples. Values: test_golden_values.py."""

from collections.abc import Callable

import pytest

Value = Callable[[str], object]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100, 50, 60], [0, -0.5, -0.4]),  # a loss on the first return counts
        ([1, 2, 1, 3], [0, 0, -0.5, 0]),
        ([5], [0]),
    ],
)
def test_drawdown_by_hand(value: Value, prices: list[float], expected: list[float]) -> None:
    series = f"(select unnest({prices}) as x, unnest(range({len(prices)})) as i)"
    assert value(f"list(d order by i) from (select i, drawdown(x, 1, i) as d from {series})") == pytest.approx(expected)


def test_rounding_at_an_exact_recovery_is_no_drawdown(value: Value) -> None:
    assert value("drawdown_of(1.0 - 1e-16, 1.0)") == 0
    assert value("drawdown_of(1 - 1e-9::double, 1.0)") == pytest.approx(-1e-9, rel=1e-6)


def test_wealth_zero_stays_a_total_loss(value: Value) -> None:
    assert value("drawdown_of(0.0, 2.0)") == -1


@pytest.mark.parametrize("metric", ["beta(r, b)", "jensen_alpha(r, b, 252)", "correlation(r, b)"])
def test_a_constant_benchmark_gives_null(value: Value, metric: str) -> None:
    assert value(f"{metric} from (select sin(i) as r, 0.1 as b from range(9) t(i))") is None


@pytest.mark.parametrize("metric", ["skewness_sample(r)", "excess_kurtosis_sample(r)"])
def test_a_constant_sample_has_no_shape(value: Value, metric: str) -> None:
    assert value(f"{metric} from (select 0.1 as r from range(9))") is None
    assert value(f"{metric} from (select unnest([0.1, 0.2]) as r)") is None


def test_expected_shortfall_is_never_better_than_value_at_risk(value: Value) -> None:
    shortfall = "select es_historical(r, v) from returns, (select var_historical(r, {0}) as v from returns)"
    for confidence in (0.9, 0.95, 0.99):
        tail = value(f"({shortfall.format(confidence)}) <= (select var_historical(r, {confidence}) from returns)")
        assert tail is True


def test_value_at_risk_grows_with_confidence(value: Value) -> None:
    assert value("var_historical(r, 0.99) < var_historical(r, 0.95) from returns") is True


def test_a_series_has_beta_one_and_no_alpha_to_itself(value: Value) -> None:
    assert value("beta(r, r) from returns") == pytest.approx(1, rel=1e-12)
    assert value("jensen_alpha(r, r, 252) from returns") == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("form", ["roll_corr(y, x, 4, 1, i)", "roll_slope(y, x, 4, 1, i)"])
def test_dependence_too_small_for_a_double_is_not_known(value: Value, form: str) -> None:
    series = "(select i, sin(i) * 1e-170 as x, cos(i) * 1e-170 as y from range(8) t(i))"
    assert value(f"count(v) from (select {form} as v from {series})") == 0
    assert value(f"correlation(y, x) from {series}") is None
    assert value(f"beta(y, x) from {series}") is None
