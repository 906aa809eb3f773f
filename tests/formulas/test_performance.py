"""Performance: laws, and degenerate samples. Values: test_golden_values.py."""

from collections.abc import Callable

import pytest

Value = Callable[[str], object]

OF_ONE_RETURN = (
    "total_return(r)",
    "cagr(r, 252)",
    "annual_vol(r, 252)",
    "sharpe(r, 252)",
    "sharpe_se(r, 252)",
    "downside_deviation(r, 252)",
    "sortino(r, 252)",
)


def sample(values: str) -> str:
    return f"(select unnest([{values}]) as r)"


@pytest.mark.parametrize("metric", ["sharpe(r, 252)", "sharpe_se(r, 252)", "sortino(r, 252)"])
def test_equal_returns_have_no_ratio(value: Value, metric: str) -> None:
    assert value(f"{metric} from (select 0.001 as r from range(50))") is None


@pytest.mark.parametrize("metric", OF_ONE_RETURN)
def test_no_return_gives_null(value: Value, metric: str) -> None:
    assert value(f"{metric} from (select null::double as r)") is None


def test_returns_that_differ_by_rounding_alone_have_no_ratio(value: Value) -> None:
    neighbours = "(select unnest([0.001::double, nextafter(0.001::double, 1::double)]) as r)"
    assert value(f"max(r) > min(r) from {neighbours}") is True
    assert value(f"sharpe(r, 252) from {neighbours}") is None
    assert value("sharpe_of(0, 0.01, 252)") == 0
    assert value("sortino_of(1, 1e-16, 1)") is None
    assert value("calmar_of(1, -1e-16)") is None
    assert value("calmar_of(1, -0.5)") == 2


@pytest.mark.parametrize("arguments", ["0.02, 10, 525600", "-1.2, 10, 252", "'inf'::double, 10, 252", "0.1, 0, 252"])
def test_growth_that_is_no_finite_number_is_not_known(value: Value, arguments: str) -> None:
    assert value(f"cagr_of({arguments})") is None


def test_a_total_loss_is_a_loss_of_everything_per_year(value: Value) -> None:
    assert value("cagr_of(-1, 10, 252)") == -1


def test_no_losing_bar_gives_no_sortino_but_a_win_rate(value: Value) -> None:
    assert value(f"sortino(r, 252) from {sample('0.01, 0.02')}") is None
    assert value(f"win_rate(r) from {sample('0.01, 0.02, 0.0')}") == 1


def test_bars_that_do_not_move_have_no_win_rate(value: Value) -> None:
    assert value(f"win_rate(r) from {sample('0.0, 0.0')}") is None


def test_a_missing_return_does_not_dilute_the_downside(value: Value) -> None:
    with_null = value(f"downside_deviation(r, 252) from {sample('-0.01, 0.02, null')}")
    assert with_null == value(f"downside_deviation(r, 252) from {sample('-0.01, 0.02')}")


def test_a_total_loss_is_a_growth_rate_of_minus_one(value: Value) -> None:
    assert value(f"cagr(r, 252) from {sample('0.1, -1.0, 0.1')}") == -1


def test_sharpe_is_the_same_on_borrowed_money(value: Value) -> None:
    assert value("sharpe(3 * excess, 252) from returns") == pytest.approx(
        value("sharpe(excess, 252) from returns"), rel=1e-12
    )


def test_annualisation_follows_the_periods(value: Value) -> None:
    ratio = value("sharpe(excess, 365) / sharpe(excess, 252) from returns")
    assert ratio == pytest.approx((365 / 252) ** 0.5, rel=1e-12)
