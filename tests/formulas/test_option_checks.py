"""What quotes may not do, and the SVI curve: macros/formulas/96a and 97."""

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.formulas.option_chains import chain_of, give, opened, quote, rows, value

STRIKES = [90.0, 95, 100, 105, 110]
VOGT = "-0.0410, 0.1331, 0.3060, 0.3586, 0.4153"  # a, b, rho, m, sigma: Gatheral and Jacquier (2014), example 3.1


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    """Expiries of 30 and 60 days at a volatility of 0.3, quoted 4 cents wide: nothing is wrong with them."""
    with opened() as connection:
        chain_of(connection, {30: 0.3, 60: 0.3}, STRIKES, spread=0.02)
        connection.execute("create table clean as from priced")
        yield connection


def violations(market: duckdb.DuckDBPyConnection, change: str, where: str) -> list[dict[str, Any]]:
    """Rules that are broken once the quotes that match have changed."""
    market.execute(f"create or replace table changed as from clean where not ({where})")
    market.execute(f"insert into changed by name select * replace ({change}) from clean where {where}")
    query = (
        "select rule, expires_at, strike, is_call, excess from arbitrage_violations('changed') order by rule, strike"
    )
    return rows(market, query)


def test_prices_of_one_model_break_no_rule(market: duckdb.DuckDBPyConnection) -> None:
    assert rows(market, "from arbitrage_violations('clean')") == []
    assert value(market, "select count(*) from strike_checks('clean') where butterfly_breach = 0") == 12


def test_a_middle_that_is_too_dear_is_a_butterfly(market: duckdb.DuckDBPyConnection) -> None:
    """What is left of its bid after half of either wing was bought."""
    query = (
        "select strike, bid, ask from clean where is_call and years < 0.1 and strike between 95 and 105 order by strike"
    )
    (_, _, lower), (_, bid, _), (_, _, higher) = market.execute(query).fetchall()
    found = violations(
        market, "bid + 2 as bid, ask + 2 as ask, mid + 2 as mid", "is_call and strike = 100 and years < 0.1"
    )
    [butterfly] = [row for row in found if row["rule"] == "butterfly"]
    assert (butterfly["strike"], butterfly["is_call"]) == (100, True)
    assert butterfly["excess"] == pytest.approx(bid + 2 - (lower + higher) / 2, rel=1e-12)
    [parity] = [row for row in found if row["rule"] == "parity"]
    assert parity["strike"] == 100 and parity["excess"] == pytest.approx(2 - 0.04, abs=1e-9)


def test_what_cannot_be_traded_is_no_violation(market: duckdb.DuckDBPyConnection) -> None:
    """The same mid with a spread as wide as the fault, and a quote that is not two-sided."""
    assert violations(market, "ask + 4 as ask, mid + 2 as mid", "is_call and strike = 100 and years < 0.1") == []
    assert violations(market, "bid + 2 as bid, null as mid", "is_call and strike = 100 and years < 0.1") == []


def test_an_option_that_has_expired_breaks_no_rule(market: duckdb.DuckDBPyConnection) -> None:
    """What is still listed after the last trade can be neither bought nor sold."""
    prices = {(100, True): 4.0, (105, True): 9.0, (110, True): 4.0, (100, False): 9.0}
    for days, rules in ((1, {"spread", "butterfly"}), (0, set())):
        give(market, [quote(strike, side, price, days) for (strike, side), price in prices.items()])
        market.execute("create or replace table priced as from priced('quotes')")
        assert {row["rule"] for row in rows(market, "from arbitrage_violations('priced')")} == rules
        parity = "select is_violation from parity_checks('quotes') where breach > 4.9"  # 4 - 9, and S = K
        assert value(market, parity) is (days > 0)


def test_a_call_that_is_dearer_than_one_at_a_lower_strike_is_a_spread(market: duckdb.DuckDBPyConnection) -> None:
    found = violations(
        market, "bid + 20 as bid, ask + 20 as ask, mid + 20 as mid", "is_call and strike = 110 and years < 0.1"
    )
    assert {(row["rule"], row["strike"]) for row in found} == {("parity", 110), ("spread", 105)}
    found = violations(market, "20.1 as bid, 20.2 as ask, 20.15 as mid", "not is_call and strike = 90 and years < 0.1")
    assert ("spread", 90, False) in {(row["rule"], row["strike"], row["is_call"]) for row in found}


def test_a_spread_is_worth_no_more_than_it_can_pay(market: duckdb.DuckDBPyConnection) -> None:
    """By hand: sold at 6.00 and bought back at 1.00, 5 for what pays 5 at most, and 30 days later."""
    give(market, [quote(100, True, bid=6.0, ask=6.02), quote(105, True, bid=0.98, ask=1.0)])
    discounted = 5 * math.exp(-0.04 * 30 / 365)
    assert value(market, "select max(spread_breach) from strike_checks('quotes')") == pytest.approx(5.0 - discounted)
    market.execute("update quotes set is_american = true")
    assert value(market, "select max(spread_breach) from strike_checks('quotes')") == 0
    # who waits is paid more than the distance where rates are negative
    give(market, [quote(100, True, bid=6.015, ask=6.02, rate=-0.04), quote(105, True, bid=0.98, ask=1.0, rate=-0.04)])
    for is_american in ("false", "true"):
        market.execute(f"update quotes set is_american = {is_american}")
        assert value(market, "select max(spread_breach) from strike_checks('quotes')") == 0  # below 5 exp(0.04 T)


def test_less_variance_later_is_a_calendar(market: duckdb.DuckDBPyConnection) -> None:
    chain_of(market, {30: 0.3, 60: 0.15}, STRIKES, spread=0.02)
    found = rows(market, "from calendar_checks('priced')")
    assert len(found) >= 3 and all(row["is_violation"] for row in found)
    assert all(row["total_variance"] < row["previous_variance"] for row in found)
    chain_of(market, {30: 0.3, 60: 0.2119}, STRIKES, spread=0.2)  # 0.00012 less, and the spread leaves more open
    found = rows(market, "from calendar_checks('priced')")
    assert found and not any(row["is_violation"] for row in found)
    assert all(row["total_variance"] < row["previous_variance"] for row in found)


@pytest.mark.parametrize(
    ("rate", "dividend_yield", "lower", "upper"),
    [
        (0.05, 0.0, 100 - 100, 100 - 100 * math.exp(-0.05)),
        (-0.02, 0.0, 100 - 100 * math.exp(0.02), 100 - 100),
        (0.05, 0.03, 100 * math.exp(-0.03) - 100, 100 - 100 * math.exp(-0.05)),
        (0.05, -0.01, 100 - 100, 100 * math.exp(0.01) - 100 * math.exp(-0.05)),
    ],
)
def test_american_options_have_bounds_whatever_the_rates(
    market: duckdb.DuckDBPyConnection, rate: float, dividend_yield: float, lower: float, upper: float
) -> None:
    contract = f"100, 100, 1, {rate}::double, {dividend_yield}::double"
    assert value(market, f"select parity_lower_bound({contract}, true)") == pytest.approx(lower, abs=1e-12)
    assert value(market, f"select parity_upper_bound({contract}, true)") == pytest.approx(upper, abs=1e-12)
    european = value(market, f"select parity_upper_bound({contract}, false)")
    assert european == value(market, f"select parity_lower_bound({contract}, false)")
    assert lower - 1e-12 <= european <= upper + 1e-12


def test_a_put_that_early_exercise_makes_dear_is_no_violation(market: duckdb.DuckDBPyConnection) -> None:
    """C - P of 100 - 110: -9.9 by exercise of the put today, -9.35 by European parity."""
    sides = [quote(110, True, 1.0, dividend_yield=0.0, days=90), quote(110, False, 10.9, dividend_yield=0.0, days=90)]
    give(market, sides)
    [check] = rows(market, "from parity_checks('quotes')")
    assert check["residual"] == pytest.approx(-9.9 - 100 + 110 * math.exp(-0.04 * 90 / 365), rel=1e-12)
    assert check["is_violation"] and check["breach"] == pytest.approx(-check["residual"], rel=1e-12)
    give(market, [side | {"is_american": True} for side in sides])
    assert value(market, "select is_violation from parity_checks('quotes')") is False
    assert value(market, "select value from put_call_parity_residual('quotes')") == check["residual"]


def test_derivatives_of_the_svi_curve_are_its_differences(market: duckdb.DuckDBPyConnection) -> None:
    def curve(k: float) -> float:
        return float(value(market, f"select svi_total_variance({k}::double, {VOGT})"))

    b, rho, m, sigma = "0.1331", "0.3060", "0.3586", "0.4153"
    for k in (-0.5, 0.1, 0.8):
        slope = value(market, f"select svi_slope({k}::double, {b}, {rho}, {m}, {sigma})")
        bend = value(market, f"select svi_curvature({k}::double, {b}, {m}, {sigma})")
        assert slope == pytest.approx((curve(k + 1e-5) - curve(k - 1e-5)) / 2e-5, rel=1e-8)
        assert bend == pytest.approx((curve(k + 1e-3) - 2 * curve(k) + curve(k - 1e-3)) / 1e-6, rel=1e-5)
        w = curve(k)
        g = (1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + 0.25) + bend / 2
        assert value(market, f"select svi_durrleman({k}::double, {VOGT})") == pytest.approx(g, rel=1e-12)
    assert value(market, f"select svi_vol(0.1::double, 4, {VOGT})") == pytest.approx(math.sqrt(curve(0.1) / 4))
    assert value(market, "select svi_curvature(0.1::double, 0.2::double, 0.1::double, 0.0::double)") is None


def test_a_curve_with_butterfly_arbitrage_is_found(market: duckdb.DuckDBPyConnection) -> None:
    """Vogt's curve has none of the usual faults, and a negative density near k = 0.8; figure 1 of the paper."""
    market.execute(
        "create or replace table fits as select 'x' as source, 'X' as underlying, 'run' as ingest_run_id, "
        "timestamptz '2026-12-18' + to_days(fit::integer) as expires_at, a as svi_a, b as svi_b, rho as svi_rho, "
        f"m as svi_m, sigma as svi_sigma from (values (0, {VOGT}), (1, 0.04, 0.1, -0.3, 0.0, 0.2), "
        "(2, null, null, null, null, null)) as t(fit, a, b, rho, m, sigma)"
    )
    faulty, clean, absent = rows(market, "from durrleman_checks('fits') order by expires_at")
    assert faulty["is_violation"] and 0.6 < faulty["log_moneyness"] < 1.2 and faulty["least_g"] < 0
    assert not clean["is_violation"] and clean["least_g"] > 0
    assert absent["least_g"] is None
