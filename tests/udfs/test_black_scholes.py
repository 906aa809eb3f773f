"""Price and greeks against 50-digit values, printed values and the laws that hold for every option."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.samples import ANY_NUMBER, ARGUMENTS, OPTION, read_golden
from udfs.black_scholes import FloatArray, Greeks, greeks


def price_one(is_call: bool, *values: float) -> Greeks:
    """The greeks of one option, each an array of one."""
    return greeks(np.array([is_call]), *(np.array([value], dtype=float) for value in values))


def priced(grid: dict[str, FloatArray]) -> Greeks:
    return greeks(grid["is_call"] == 1, *(grid[name] for name in ARGUMENTS))


def test_price_is_right_to_the_last_digits_of_the_spot(grid: dict[str, FloatArray]) -> None:
    assert np.max(np.abs(priced(grid).price - grid["price"]) / grid["s"]) <= 1e-14


@pytest.mark.parametrize("name", Greeks._fields[1:])
def test_greek_equals_the_derivative_of_the_price(grid: dict[str, FloatArray], name: str) -> None:
    expected = grid[name]
    counts = np.abs(expected) > 1e-12
    assert counts.sum() > 100
    np.testing.assert_allclose(getattr(priced(grid), name)[counts], expected[counts], rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    "row", read_golden("options_published.csv"), ids=lambda row: f"{row['source']} {row['metric']}"
)
def test_printed_values_are_met_to_their_last_digit(row: dict[str, str]) -> None:
    result = price_one(row["is_call"] == "True", *(float(row[name]) for name in ARGUMENTS))
    value = getattr(result, row["metric"])[0]
    assert abs(value - float(row["published"])) <= float(row["half_unit"]) * (1 + 1e-9)


@given(OPTION)
def test_call_less_put_is_the_discounted_forward_less_strike(option: tuple[float, ...]) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = option
    values = (spot, spot * ratio, years, rate, sigma, dividend_yield)
    call, put = price_one(True, *values), price_one(False, *values)
    held, owed = spot * np.exp(-dividend_yield * years), spot * ratio * np.exp(-rate * years)
    assert abs(call.price[0] - put.price[0] - (held - owed)) <= 4e-15 * (held + owed)
    assert call.delta[0] - put.delta[0] == pytest.approx(np.exp(-dividend_yield * years), rel=1e-14)
    assert call.itm_prob[0] + put.itm_prob[0] == pytest.approx(1, rel=1e-14)
    for name in ("gamma", "vega", "vanna", "volga", "speed", "zomma", "color", "veta", "ultima"):
        assert getattr(call, name) == getattr(put, name)


@given(OPTION)
def test_a_call_is_a_put_with_spot_and_strike_and_their_rates_exchanged(option: tuple[float, ...]) -> None:
    """Source: McDonald and Schroder (1998), J. Computational Finance 1(3)."""
    spot, ratio, years, rate, sigma, dividend_yield = option
    call = price_one(True, spot, spot * ratio, years, rate, sigma, dividend_yield)
    put = price_one(False, spot * ratio, spot, years, dividend_yield, sigma, rate)
    held, owed = spot * np.exp(-dividend_yield * years), spot * ratio * np.exp(-rate * years)
    assert abs(call.price[0] - put.price[0]) <= 4e-15 * (held + owed)
    assert call.rho[0] == pytest.approx(put.dividend_rho[0], rel=1e-9, abs=4e-15 * years * (held + owed))


@given(OPTION, st.booleans(), st.floats(1.0001, 2))
def test_price_rises_with_volatility_and_moves_with_spot_and_strike(
    option: tuple[float, ...], is_call: bool, factor: float
) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = option
    strike, side = spot * ratio, 1 if is_call else -1
    price = price_one(is_call, spot, strike, years, rate, sigma, dividend_yield).price[0]
    livelier = price_one(is_call, spot, strike, years, rate, sigma * factor, dividend_yield).price[0]
    higher = price_one(is_call, spot * factor, strike, years, rate, sigma, dividend_yield).price[0]
    dearer = price_one(is_call, spot, strike * factor, years, rate, sigma, dividend_yield).price[0]
    held, owed = spot * factor * np.exp(-dividend_yield * years), strike * factor * np.exp(-rate * years)
    rounding = 4e-15 * (held + owed)
    assert livelier - price >= -rounding
    assert side * (higher - price) >= -rounding
    assert side * (dearer - price) <= rounding


@given(OPTION, st.booleans())
def test_price_and_greeks_stay_within_their_bounds(option: tuple[float, ...], is_call: bool) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = option
    result = price_one(is_call, spot, spot * ratio, years, rate, sigma, dividend_yield)
    held, owed = spot * np.exp(-dividend_yield * years), spot * ratio * np.exp(-rate * years)
    rounding = 4e-15 * (held + owed)
    floor = max(held - owed if is_call else owed - held, 0)
    assert floor - rounding <= result.price[0] <= (held if is_call else owed) + rounding
    assert 0 <= (1 if is_call else -1) * result.delta[0] <= np.exp(-dividend_yield * years) * (1 + 1e-15)
    assert result.gamma[0] >= 0 and result.vega[0] >= 0
    assert 0 <= result.itm_prob[0] <= 1


@given(OPTION, st.booleans())
def test_theta_balances_the_black_scholes_equation(option: tuple[float, ...], is_call: bool) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = option
    result = price_one(is_call, spot, spot * ratio, years, rate, sigma, dividend_yield)
    terms = (
        result.theta[0],
        0.5 * sigma**2 * spot**2 * result.gamma[0],
        (rate - dividend_yield) * spot * result.delta[0],
        -rate * result.price[0],
    )
    scale = sum(map(abs, terms)) + (abs(rate) + abs(dividend_yield)) * spot * (1 + ratio)
    assert abs(sum(terms)) <= 1e-12 * scale * np.exp(0.2 * years) + 1e-300  # below it lie the subnormals


@pytest.mark.parametrize(
    ("is_call", "years", "sigma", "expected"),
    [
        (True, 0.0, 0.2, 10.0),  # expired: intrinsic value, 110 - 100
        (True, -1.0, 0.2, 10.0),
        (False, 0.0, 0.2, 0.0),
        (True, 1.0, 0.0, 110 - 100 * np.exp(-0.05)),  # no volatility: what the forward brings, discounted
        (False, 1.0, 0.0, 0.0),
    ],
)
def test_without_time_or_volatility_only_the_price_is_known(
    is_call: bool, years: float, sigma: float, expected: float
) -> None:
    result = price_one(is_call, 110, 100, years, 0.05, sigma, 0)
    assert result.price[0] == pytest.approx(expected, rel=1e-15)
    assert all(np.isnan(derivative[0]) for derivative in result[1:])


@given(st.booleans(), st.tuples(*[ANY_NUMBER] * 6))
def test_every_input_has_an_answer(is_call: bool, values: tuple[float, ...]) -> None:
    result = price_one(is_call, *values)
    known = np.isfinite(values).all() and values[0] > 0 and values[1] > 0 and values[4] >= 0
    assert known or not any(np.isfinite(field[0]) for field in result)
    assert not known or not result.price[0] < 0


def test_an_empty_chain_is_no_error() -> None:
    result = greeks(np.array([], dtype=bool), *(np.array([]),) * 6)
    assert [len(field) for field in result] == [0] * len(Greeks._fields)
