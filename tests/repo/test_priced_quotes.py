"""The whole path: chains of the stand-in market, pulled by the real client, priced by the real build."""

from collections.abc import Iterator

import duckdb
import pytest

from quant.settings import Settings
from quant.warehouse import open_build


@pytest.fixture(scope="module")
def market(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


def rows(market: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return market.sql(query).fetchall()


def test_every_quote_received_is_priced_once(market: duckdb.DuckDBPyConnection) -> None:
    [(received,)] = rows(market, "select count(*) from staging.option_quotes")
    [(priced, distinct)] = rows(
        market,
        "select count(*), count(distinct (source, contract_symbol, ingest_run_id)) from options.priced_quotes",
    )
    assert received == priced == distinct
    assert isinstance(received, int) and received > 100


def test_most_quotes_of_a_chain_are_two_sided_at_any_hour_of_the_day(market: duckdb.DuckDBPyConnection) -> None:
    """Outside the session the chain is the last close's: old, but as good as it was then."""
    for underlying, share in rows(
        market,
        "select underlying, avg((quality = 'two_sided')::int) from serving.option_quotes group by underlying",
    ):
        assert isinstance(share, float) and share > 0.5, underlying


def test_price_at_the_stored_volatility_is_the_mid(market: duckdb.DuckDBPyConnection) -> None:
    """By the SQL macro, which shares no code with the UDF that found the volatility."""
    [(count, worst)] = rows(
        market,
        """
        select
            count(*),
            max(abs(bs_price(is_call, spot, strike, years, rate, implied_vol, dividend_yield) - mid) / spot)
        from options.priced_quotes
        where iv_status = 'ok'
        """,
    )
    assert isinstance(count, int) and count > 100
    assert isinstance(worst, float) and worst < 1e-12


def test_stored_greeks_are_those_of_the_macros(market: duckdb.DuckDBPyConnection) -> None:
    unlike = rows(
        market,
        """
        with compared as (
            select *, bs_greeks(is_call, spot, strike, years, rate, implied_vol, dividend_yield) as ours
            from options.priced_quotes
            where iv_status = 'ok'
        )
        select contract_symbol from compared
        where abs(ours.delta - delta) > 1e-12 or abs(ours.gamma - gamma) > 1e-9 * gamma + 1e-12
            or abs(ours.vega - vega) > 1e-9 * vega + 1e-12 or abs(ours.theta - theta) > 1e-9 * abs(theta) + 1e-9
            or abs(ours.rho - rho) > 1e-9 * abs(rho) + 1e-9 or abs(theta_per_day * 365 - theta) > 1e-9
        """,
    )
    assert unlike == []


def test_surface_is_the_out_of_the_money_side_of_the_quotes(market: duckdb.DuckDBPyConnection) -> None:
    [(count, count_wrong)] = rows(
        market,
        """
        select count(*), count(*) filter (
            is_call <> (log_moneyness >= 0) or implied_vol is null
            or abs(log_moneyness - ln(strike / forward)) > 1e-12
        )
        from serving.option_surface
        """,
    )
    assert isinstance(count, int) and count > 20
    assert count_wrong == 0


def test_forward_volatility_lies_between_those_of_its_neighbours(market: duckdb.DuckDBPyConnection) -> None:
    outside = rows(
        market,
        """
        select underlying, expires_at, atm_forward_iv
        from options.term_structure
        join options.smile using (source, underlying, ingest_run_id, expires_at)
        group by all
        having not atm_forward_iv between min(implied_vol) and max(implied_vol)
        """,
    )
    assert outside == []
    [(count,)] = rows(market, "select count(atm_forward_iv) from options.term_structure")
    assert isinstance(count, int) and count >= 10  # two underlyings, six expiries each, one of them may be of today


def test_volatilities_are_those_of_the_surface_that_the_market_was_made_of(market: duckdb.DuckDBPyConnection) -> None:
    """The stand-in quotes around the price of a surface of its own, and tells its volatility as the vendor's.

    Near the money a tick is worth less than a tenth of a volatility point.
    """
    [(count, worst, middle)] = rows(
        market,
        """
        select
            count(*), max(abs(implied_vol - vendor_iv)), median(abs(implied_vol - vendor_iv))
        from serving.option_quotes
        where iv_status = 'ok' and years > 0.01 and is_out_of_the_money(is_call, strike, forward)
            and abs(log_moneyness) < 0.03
        """,
    )
    assert isinstance(count, int) and count > 50
    assert isinstance(worst, float) and worst < 0.005
    assert isinstance(middle, float) and middle < 0.0005


def test_the_surface_through_a_chain_has_the_parameters_that_made_it(market: duckdb.DuckDBPyConnection) -> None:
    """rho, eta and gamma of ingest/standin/surface.py, from prices rounded to ticks."""
    fitted = rows(market, "select distinct underlying, ssvi_rho, ssvi_eta, ssvi_gamma from options.svi_fits")
    assert len(fitted) == 2
    for _, *found in fitted:
        assert found == pytest.approx([-0.62, 1.2, 0.44], abs=0.05)


def test_the_surface_as_of_an_instant_is_what_was_known_then(market: duckdb.DuckDBPyConnection) -> None:
    now = "select underlying, expires_at, strike, implied_vol, svi_vol from option_surface_as_of(now())"
    served = "select underlying, expires_at, strike, implied_vol, svi_vol from serving.option_surface"
    assert rows(market, f"{now} except {served}") == rows(market, f"{served} except {now}") == []
    assert rows(market, "from option_surface_as_of('2000-01-01')") == []


@pytest.mark.parametrize(
    "relation",
    [
        *("option_chains", "option_expiries", "option_exposure", "option_history"),
        *("option_surface", "option_quotes"),
    ],
)
def test_both_underlyings_are_served(market: duckdb.DuckDBPyConnection, relation: str) -> None:
    assert rows(market, f"select count(distinct underlying) from serving.{relation}") == [(2,)]


def test_the_stand_ins_market_breaks_no_rule(market: duckdb.DuckDBPyConnection) -> None:
    assert rows(market, "from serving.option_checks") == rows(market, "from options.arbitrage") == []
