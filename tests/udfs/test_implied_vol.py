"""Implied volatility: exact wherever the price carries it, and a reason everywhere else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.samples import ANY_NUMBER, ARGUMENTS, OPTION
from udfs.black_scholes import FloatArray, greeks
from udfs.implied_vol import OK, STATUSES, implied_vol


def implied_one(price: float, is_call: bool, *values: float) -> tuple[float, str]:
    """Volatility and status of one quote; values are spot, strike, years, rate, dividend yield."""
    arrays = (np.array([value], dtype=float) for value in values)
    iv, status = implied_vol(np.array([price], dtype=float), np.array([is_call]), *arrays)
    return float(iv[0]), STATUSES[status[0]]


def test_volatility_is_recovered_wherever_the_price_carries_it(grid: dict[str, FloatArray]) -> None:
    """The golden price is the nearest double to a 50-digit value; sigma is what it was computed from."""
    spot, strike, years, rate, sigma, dividend_yield = (grid[name] for name in ARGUMENTS)
    iv, status = implied_vol(grid["price"], grid["is_call"] == 1, spot, strike, years, rate, dividend_yield)
    with np.errstate(divide="ignore"):
        condition = np.spacing(grid["price"]) / grid["vega"]
    carried = (condition < 1e-10 * sigma) & (grid["price"] > 1e-12 * spot)
    assert 200 < carried.sum() < len(sigma)
    np.testing.assert_array_equal(status == OK, carried)
    np.testing.assert_allclose(iv[carried], sigma[carried], rtol=0, atol=1e-8)
    assert np.isnan(iv[~carried]).all()


def test_printed_volatility_is_met() -> None:
    """Hull, Options, Futures and Other Derivatives, 8th ed., section 14.11: a call at 1.875 has 23.5 %."""
    iv, status = implied_one(1.875, True, 21, 20, 0.25, 0.1, 0)
    assert status == "ok"
    assert iv == pytest.approx(0.235, abs=0.0005)


@given(OPTION, st.booleans())
def test_price_at_the_implied_volatility_is_the_price(option: tuple[float, ...], is_call: bool) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = (np.array([value]) for value in option)
    side, strike = np.array([is_call]), spot * ratio
    price = greeks(side, spot, strike, years, rate, sigma, dividend_yield).price
    iv, status = implied_vol(price, side, spot, strike, years, rate, dividend_yield)
    if status[0] == OK:
        again = greeks(side, spot, strike, years, rate, iv, dividend_yield).price
        largest = max(spot[0] * np.exp(-dividend_yield[0] * years[0]), strike[0] * np.exp(-rate[0] * years[0]))
        assert abs(again[0] - price[0]) <= 1e-9 * price[0] + 1e-13 * largest


@given(OPTION, st.booleans(), st.floats(1e-4, 1), st.floats(1.0001, 1.5))
def test_a_dearer_quote_has_the_higher_volatility(
    option: tuple[float, ...], is_call: bool, share: float, factor: float
) -> None:
    """From intrinsic value to the dearest price there is: below, between, beyond, and never two answers."""
    spot, ratio, years, rate, _, dividend_yield = option
    values = (spot, spot * ratio, years, rate, dividend_yield)
    held, owed = spot * np.exp(-dividend_yield * years), spot * ratio * np.exp(-rate * years)
    floor = max(held - owed if is_call else owed - held, 0.0)
    dearest = held if is_call else owed
    quotes = [floor + (dearest - floor) * portion for portion in (share / factor, share)]
    (cheap, first), (dear, second) = (implied_one(price, is_call, *values) for price in quotes)
    assert {first, second} <= {"ok", "ill_conditioned", "no_time_value", "above_max"}
    assert not (first == second == "ok") or cheap < dear
    assert implied_one(dearest * 1.001, is_call, *values)[1] == "above_max"


@given(OPTION, st.booleans())
def test_a_call_has_the_volatility_of_the_put_with_spot_and_strike_exchanged(
    option: tuple[float, ...], is_call: bool
) -> None:
    spot, ratio, years, rate, sigma, dividend_yield = (np.array([value]) for value in option)
    side, strike = np.array([is_call]), spot * ratio
    price = greeks(side, spot, strike, years, rate, sigma, dividend_yield).price
    iv, status = implied_vol(price, side, spot, strike, years, rate, dividend_yield)
    again, status_again = implied_vol(price, ~side, strike, spot, years, dividend_yield, rate)
    if status[0] == status_again[0] == OK:
        assert iv[0] == pytest.approx(again[0], rel=1e-8)


@given(ANY_NUMBER, st.booleans(), st.tuples(*[ANY_NUMBER] * 5))
def test_every_input_has_a_volatility_or_a_reason(price: float, is_call: bool, values: tuple[float, ...]) -> None:
    iv, status = implied_one(price, is_call, *values)
    assert (status == "ok") == bool(np.isfinite(iv))
    assert status != "ok" or iv > 0
    assert (status == "null_input") == (not math.isfinite(sum([price, *values])))


@pytest.mark.parametrize(
    ("status", "price", "is_call", "values"),
    [  # spot, strike, years, rate, dividend yield
        ("ok", 10.0, True, (100, 100, 1, 0.05, 0.0)),
        ("null_input", np.nan, True, (100, 100, 1, 0.05, 0.0)),
        ("null_input", 10.0, True, (np.inf, 100, 1, 0.05, 0.0)),
        ("expired", 10.0, True, (100, 100, 0, 0.05, 0.0)),
        ("expired", 10.0, True, (100, 100, -1, 0.05, 0.0)),
        ("bad_input", 10.0, True, (0, 100, 1, 0.05, 0.0)),
        ("bad_input", 10.0, True, (100, -5, 1, 0.05, 0.0)),
        ("bad_input", 10.0, True, (100, 100, 1, 1e4, 0.0)),  # exp(10000) is no number
        ("below_intrinsic", 9.0, True, (110, 100, 1, 0.0, 0.0)),  # intrinsic value 10
        ("below_intrinsic", 9.0, False, (90, 100, 1, 0.0, 0.0)),
        ("below_intrinsic", -1.0, True, (100, 100, 1, 0.0, 0.0)),
        ("no_time_value", 10.0, True, (110, 100, 1, 0.0, 0.0)),
        ("no_time_value", 0.0, False, (110, 100, 1, 0.0, 0.0)),
        ("above_max", 100.0, True, (100, 90, 1, 0.0, 0.0)),  # a call is worth at most the spot
        ("above_max", 120.0, False, (100, 110, 1, 0.0, 0.0)),  # a put at most the discounted strike
        ("ill_conditioned", 1e-11, True, (100, 200, 1, 0.0, 0.0)),  # below 1e-12 of the spot
        ("ill_conditioned", 10.0 + 1e-12, True, (110, 100, 1 / 365, 0.0, 0.0)),  # a time value of rounding only
    ],
)
def test_status_names_the_reason(status: str, price: float, is_call: bool, values: tuple[float, ...]) -> None:
    assert implied_one(price, is_call, *values)[1] == status


def test_at_the_money_the_smallest_prices_are_still_inverted() -> None:
    """At the money a price of 1e-9 is sigma sqrt(T / 2 pi) S to 20 digits; by hand from that expansion."""
    iv, status = implied_one(1e-9, True, 1, 1, 1, 0, 0)
    assert status == "ok"
    assert iv == pytest.approx(1e-9 * np.sqrt(2 * np.pi), rel=1e-12)


def test_an_empty_chain_is_no_error() -> None:
    iv, status = implied_vol(np.array([]), np.array([], dtype=bool), *(np.array([]),) * 5)
    assert len(iv) == len(status) == 0
