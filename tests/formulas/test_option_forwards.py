"""Rates, forwards and discounts of option chains: macros/formulas/93_forwards.sql."""

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.formulas.option_chains import give, opened, quote, rows, value

FORWARD, DISCOUNT = 101.0, 0.98  # by hand: call minus put is 0.98 (101 - K)


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        yield connection


def pairs(strikes: list[float], **others: Any) -> list[dict[str, Any]]:
    """Calls and puts whose difference lies on the line; the put is worth 3."""
    return [
        row
        for strike in strikes
        for row in (
            quote(strike, True, 10 + DISCOUNT * (FORWARD - strike), **others),
            quote(strike, False, 10.0, **others),
        )
    ]


def implied(market: duckdb.DuckDBPyConnection, quotes: list[dict[str, Any]]) -> dict[str, Any]:
    give(market, quotes)
    [found] = rows(market, "from forwards('quotes')")
    return found


def test_a_line_through_calls_minus_puts_gives_forward_and_discount(market: duckdb.DuckDBPyConnection) -> None:
    found = implied(market, pairs([92, 95, 100, 104, 108], days=365))
    assert (found["forward_method"], found["n_pairs"]) == ("regression", 5)
    assert found["forward"] == pytest.approx(FORWARD, rel=1e-13)
    assert found["discount"] == pytest.approx(DISCOUNT, rel=1e-12)
    assert found["rate"] == found["implied_rate"] == pytest.approx(-math.log(0.98), rel=1e-11)
    assert found["implied_dividend_yield"] == pytest.approx(-math.log(0.98) - math.log(1.01), rel=1e-10)
    assert found["implied_borrow"] == pytest.approx(-math.log(0.98) - math.log(1.01) - 0.01, rel=1e-9)
    assert found["parity_error"] < 1e-6


@pytest.mark.parametrize("others", [{"days": 91.25}, {"days": 365, "is_american": True}])
def test_short_or_american_options_discount_at_the_given_rate(
    market: duckdb.DuckDBPyConnection, others: dict[str, Any]
) -> None:
    found = implied(market, pairs([92, 95, 100, 104, 108], **others))
    assert found["forward"] == pytest.approx(FORWARD, rel=1e-13)
    assert found["rate"] == 0.04
    assert found["discount"] == pytest.approx(math.exp(-0.04 * found["years"]), rel=1e-15)


def test_strikes_far_from_the_spot_are_left_out(market: duckdb.DuckDBPyConnection) -> None:
    """110 is within a tenth of 100, 110.5 is not."""
    far = [quote(110.5, True, 50.0), quote(110.5, False, 1.0), *pairs([90, 100, 110])]
    assert implied(market, far)["n_pairs"] == 3
    assert implied(market, far)["forward"] == pytest.approx(FORWARD, rel=1e-13)


def test_of_two_pairs_the_one_at_the_money_counts(market: duckdb.DuckDBPyConnection) -> None:
    """By hand: at 100 the call is worth 0.98 more, so F = 100 + 0.98 exp(0.04 x 30 / 365)."""
    found = implied(market, pairs([95, 100]))
    assert found["forward_method"] == "nearest_strike"
    assert found["forward"] == pytest.approx(100 + 0.98 * math.exp(0.04 * 30 / 365), rel=1e-14)
    assert found["implied_rate"] is None and found["parity_error"] is None


@pytest.mark.parametrize(("strikes", "nearest"), [([95, 100, 110], 100), ([105, 95, 115], 95), ([90, 95, 110], 95)])
def test_of_pairs_that_are_as_far_apart_the_one_next_to_the_spot_counts_in_any_order(
    market: duckdb.DuckDBPyConnection, strikes: list[float], nearest: float
) -> None:
    """Calls and puts at one price at every strike: F is that strike, of two as near the lower one."""
    rows = [quote(strike, is_call, 9.0) for strike in strikes for is_call in (True, False)]
    for quotes in (rows, rows[::-1]):
        found = implied(market, quotes)
        assert (found["forward_method"], found["forward"]) == ("nearest_strike", nearest)


@pytest.mark.parametrize("quotes", [[quote(100, True, 5.0)], [quote(100, True, 5.0), quote(100, False)]])
def test_without_a_pair_the_forward_is_the_configured_one(
    market: duckdb.DuckDBPyConnection, quotes: list[dict[str, Any]]
) -> None:
    found = implied(market, quotes)
    assert found["forward_method"] == "configured" and found["implied_borrow"] is None
    assert found["forward"] == pytest.approx(100 * math.exp(0.03 * 30 / 365), rel=1e-15)
    assert value(market, "select value from implied_forward('quotes')") is None


def test_after_expiry_the_forward_is_the_spot(market: duckdb.DuckDBPyConnection) -> None:
    found = implied(market, pairs([95, 100, 105], days=-1))
    assert (found["forward"], found["discount"], found["forward_method"]) == (100, 1, "configured")


def test_prices_that_rise_with_the_strike_are_no_regression(market: duckdb.DuckDBPyConnection) -> None:
    rising = [row for k in (95, 100, 105) for row in (quote(k, True, float(k) - 90), quote(k, False, 9.0))]
    assert implied(market, rising)["forward_method"] == "nearest_strike"


def test_a_bill_pays_its_discount_over_its_price(market: duckdb.DuckDBPyConnection) -> None:
    """By hand: 91 days at 4 % discount cost 1 - 0.04 x 91 / 360 = 0.98988...; the continuous rate is 365 days'."""
    expected = -math.log(1 - 0.04 * 91 / 360) * 365 / 91
    assert value(market, "select bill_rate_of(4.0::double, 91)") == pytest.approx(expected, rel=1e-13)
    assert value(market, "select bill_rate_of(4.0::double, 0)") is None
    assert value(market, "select bill_rate_of(500.0::double, 91)") is None


def test_a_curve_is_linear_between_its_points_and_flat_outside(market: duckdb.DuckDBPyConnection) -> None:
    rates = market.execute(
        "with wanted as (select unnest([0, 30, 45, 60, 999]) as days), "
        "curve(days, rate) as (values (30, 0.02::double), (60, 0.04::double), (90, null)) "
        "from rates_at('wanted', 'curve') order by days"
    ).fetchall()
    assert rates == [(0, 0.02), (30, 0.02), (45, pytest.approx(0.03)), (60, 0.04), (999, 0.04)]
