"""Open interest, exposure and pain: macros/formulas/98a and 98b. All numbers by hand."""

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.formulas.option_chains import chain_of, give, opened, quote, value


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        yield connection


def contracts(*rows: tuple[float, bool, int | None, int | None], days: float = 30) -> list[dict[str, Any]]:
    """(strike, is_call, open_interest, volume)."""
    return [quote(strike, side, 1.0, days, open_interest=oi, volume=volume) for strike, side, oi, volume in rows]


OPEN = contracts((95, True, 10, 5), (100, True, 40, 8), (105, True, 40, 2), (95, False, 30, 6), (100, False, 20, 0),
                 (105, False, 0, 3))  # fmt: skip


def test_pain_is_least_where_writers_pay_least(market: duckdb.DuckDBPyConnection) -> None:
    """At 95 puts pay 20 x 5; at 100 calls pay 10 x 5; at 105 calls pay 10 x 10 + 40 x 5: 100 shares each."""
    give(market, OPEN)
    payouts = market.execute("select level, payout from settlement_payouts('quotes') order by level").fetchall()
    assert payouts == [(95, 100 * 100), (100, 50 * 100), (105, 300 * 100)]
    assert value(market, "select value from max_pain('quotes')") == 100


def test_of_equal_pains_the_lowest_strike_counts_and_none_without_contracts(market: duckdb.DuckDBPyConnection) -> None:
    give(market, contracts((0.1, True, 3, 0), (0.1, False, 0, 0), (0.4, True, 0, 0), (0.4, False, 3, 0)))
    low, high = market.execute("select payout from settlement_payouts('quotes') order by level").fetchall()
    assert low[0] == pytest.approx(high[0], rel=1e-12)
    assert value(market, "select value from max_pain('quotes')") == 0.1
    give(market, contracts((95, True, None, 0), (100, False, 0, 0)))
    assert value(market, "select value from max_pain('quotes')") is None


def test_puts_are_counted_to_a_call(market: duckdb.DuckDBPyConnection) -> None:
    give(market, OPEN)
    assert value(market, "select value from put_call_ratio_oi('quotes')") == pytest.approx(50 / 90)
    assert value(market, "select value from put_call_ratio_volume('quotes')") == pytest.approx(9 / 15)
    give(market, contracts((95, True, 0, None), (95, False, 3, 4)))
    assert value(market, "select value from put_call_ratio_oi('quotes')") is None
    assert value(market, "select value from put_call_ratio_volume('quotes')") is None


def test_walls_stand_where_most_is_open_the_lowest_of_several(market: duckdb.DuckDBPyConnection) -> None:
    give(market, OPEN)
    assert value(market, "select value from call_wall('quotes')") == 100  # and not 105, which has as much
    assert value(market, "select value from put_wall('quotes')") == 95
    give(market, [*OPEN, *contracts((105, True, 5, 0), (110, False, 99, 0), days=60)])
    assert value(market, "select value from call_wall('quotes')") == 105  # 45 over both expiries
    each = market.execute("select value from put_wall('quotes', per_expiry := true) order by expires_at").fetchall()
    assert each == [(95,), (110,)]
    give(market, contracts((95, True, 1, 0), (95, False, None, 0)))
    assert value(market, "select value from put_wall('quotes')") is None


def gamma(spot: float, strike: float, vol: float, years: float) -> float:
    """Black-Scholes gamma, r 4 %, q 1 %."""
    deviation = vol * math.sqrt(years)
    d1 = (math.log(spot / strike) + (0.03 + vol * vol / 2) * years) / deviation
    return math.exp(-0.01 * years - d1 * d1 / 2) / math.sqrt(2 * math.pi) / (spot * deviation)


def test_gamma_exposure_is_calls_less_puts_in_dollars_per_per_cent(market: duckdb.DuckDBPyConnection) -> None:
    chain_of(market, {30: 0.3}, [90, 100, 110])
    market.execute("update priced set open_interest = case when is_call then 50 when strike = 90 then 80 else 20 end")
    market.execute("update priced set open_interest = null where strike = 110 and is_call")
    each = {strike: gamma(100, strike, 0.3, 30 / 365) * 100 * 100 * 100 * 0.01 for strike in (90, 100, 110)}
    total = (50 - 80) * each[90] + (50 - 20) * each[100] - 20 * each[110]
    assert value(market, "select value from gex('priced')") == pytest.approx(total, rel=1e-7)
    at_90 = "select gex from exposures('priced') where strike = 90"
    assert value(market, at_90) == pytest.approx(-30 * each[90], rel=1e-7)
    vanna, charm = market.execute(
        "select sum((2 * is_call::integer - 1) * vanna * open_interest), "
        "sum((2 * is_call::integer - 1) * charm * open_interest) from priced"
    ).fetchall()[0]
    query = "select sum(vanna_exposure), sum(charm_exposure) from exposures('priced')"
    assert market.execute(query).fetchall() == [
        (pytest.approx(vanna * 100 * 100 / 100, rel=1e-12), pytest.approx(charm * 100 * 100 / 365, rel=1e-12))
    ]


def test_exposure_flips_where_calls_outweigh_puts(market: duckdb.DuckDBPyConnection) -> None:
    """Puts at 90 and calls at 110, as many: where their gammas are equal, by bisection."""
    chain_of(market, {30: 0.3}, [90, 100, 110])
    market.execute(
        "update priced set open_interest = case when is_call = (strike = 110) and strike <> 100 then 100 end"
    )
    low, high = 90.0, 110.0
    for _ in range(60):
        middle = (low + high) / 2
        above = gamma(middle, 110, 0.3, 30 / 365) > gamma(middle, 90, 0.3, 30 / 365)
        low, high = (low, middle) if above else (middle, high)
    assert value(market, "select value from gamma_flip('priced')") == pytest.approx(low, abs=0.01)
    fine = "select value from gamma_flip('priced', width := 0.1, points := 2001)"
    assert value(market, fine) == pytest.approx(low, abs=1e-4)
    assert value(market, "select value from gamma_flip('priced', width := 0.0001)") is None
    market.execute("update priced set open_interest = 3 * strike")
    assert value(market, "select value from gamma_flip('priced')") is None  # calls and puts alike: only rounding
    market.execute("update priced set open_interest = 0")
    assert value(market, "select value from gamma_flip('priced')") is None
    assert value(market, "select value from gex('priced')") == 0


def test_expiries_quoted_at_spots_of_their_own_flip_as_one_chain(market: duckdb.DuckDBPyConnection) -> None:
    """A live chain has a spot for each expiry, which moves while it is fetched: the last one is the chain's."""
    chain_of(market, {30: 0.3, 60: 0.3}, [90, 100, 110])
    market.execute(
        "update priced set open_interest = case when is_call = (strike = 110) and strike <> 100 then 100 end"
    )
    flip = value(market, "select value from gamma_flip('priced')")
    market.execute("update priced set spot = 99.9, quoted_at = quoted_at - interval 5 seconds where years < 0.1")
    levels = "select count(*), count(distinct level), min(spot), max(spot) from gamma_profile('priced')"
    assert market.execute(levels).fetchall() == [(121, 121, 100, 100)]
    assert value(market, "select value from gamma_flip('priced')") == pytest.approx(flip, rel=1e-12)


def test_gamma_at_another_spot_is_the_contracts_own(market: duckdb.DuckDBPyConnection) -> None:
    ours = value(market, "select gamma_at(97, 105, 0.4, 0.04, 0.25, 0.01)")
    assert ours == pytest.approx(value(market, "select bs_gamma(true, 97, 105, 0.4, 0.04, 0.25, 0.01)"), rel=1e-13)
    assert value(market, "select gamma_at(97, 105, 0, 0.04, 0.25, 0.01)") is None
