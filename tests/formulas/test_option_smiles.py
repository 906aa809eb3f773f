"""Smiles, wings and term structure: macros/formulas/94 to 96."""

import math
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from tests.formulas.option_chains import chain_of, opened, rows, value

STRIKES = [80.0, 85, 90, 94, 97, 100, 103, 108, 115, 125]
FORWARD = 100 * math.exp(0.03 * 30 / 365)


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    """Expiries of 30, 60 and 90 days, each of one volatility: 0.3, 0.25 and, with calendar arbitrage, 0.15."""
    with opened() as connection:
        chain_of(connection, {30: 0.3, 60: 0.25, 90: 0.15}, STRIKES)
        connection.execute(  # of 30 days with a smile: 0.3 + 0.4 k^2 - 0.2 k
            "create table bent as select * replace (0.3 + 0.4 * log_moneyness * log_moneyness - 0.2 * log_moneyness "
            "as implied_vol) from priced where years < 0.1"
        )
        yield connection


def test_volatility_of_each_contract_is_found_again(market: duckdb.DuckDBPyConnection) -> None:
    worst = value(market, "select max(abs(implied_vol - 0.3)) from priced where years < 0.1 and iv_status = 'ok'")
    assert worst < 1e-9
    [greeks] = rows(market, "from priced where strike = 100 and is_call and years < 0.1")
    assert greeks["theta_per_day"] == greeks["theta"] / 365 and greeks["vega_per_point"] == greeks["vega"] / 100
    assert greeks["charm_per_day"] == greeks["charm"] / 365 and greeks["rho_per_point"] == greeks["rho"] / 100


def test_the_curve_is_the_natural_spline_of_total_variance(market: duckdb.DuckDBPyConnection) -> None:
    """SciPy's CubicSpline through the same points."""
    points = np.array(market.execute("select log_moneyness, total_variance from smile('bent') order by 1").fetchall())
    spline = CubicSpline(points[:, 0], points[:, 1], bc_type="natural")
    pieces = rows(market, "from smile_pieces('bent') order by k0")
    assert len(pieces) == len(points) - 1
    for piece in pieces:
        for share in (0.0, 0.3, 0.9):
            y = share * (piece["k1"] - piece["k0"])
            ours = piece["c0"] + y * (piece["c1"] + y * (piece["c2"] + y * piece["c3"]))
            assert ours == pytest.approx(float(spline(piece["k0"] + y)), rel=1e-12)


def test_levels_are_read_off_the_curve_and_not_beyond_it(market: duckdb.DuckDBPyConnection) -> None:
    """The smile's own formula at k = 0 and at 0.9 F, 1.1 F; what a spline through ten strikes misses is the rest."""
    [levels] = rows(market, "from smile_levels('bent')")
    smile = {k: 0.3 + 0.4 * k * k - 0.2 * k for k in (0.0, math.log(100 / FORWARD), math.log(0.9), math.log(1.1))}
    assert levels["atm_forward_iv"] == pytest.approx(0.3, abs=1e-6)
    assert levels["atm_spot_iv"] == pytest.approx(smile[math.log(100 / FORWARD)], abs=1e-12)
    assert levels["skew_slope_atmf"] == pytest.approx(-0.2, abs=1e-3)
    assert levels["moneyness_skew_90_110"] == pytest.approx(smile[math.log(0.9)] - smile[math.log(1.1)], abs=1e-4)
    market.execute("create or replace table narrow as from bent where strike between 94 and 103")
    [levels] = rows(market, "from smile_levels('narrow')")
    assert levels["iv_90"] is None and levels["iv_110"] is None and levels["moneyness_skew_90_110"] is None
    grid = rows(market, "from moneyness_grid('narrow', levels := [0.9, 1.0, 1.2])")
    assert [row["moneyness"] for row in grid] == [1.0]
    assert grid[0]["implied_vol"] == levels["atm_forward_iv"] and grid[0]["strike"] == levels["forward"]


def test_an_expiry_without_two_strikes_has_a_row_and_no_level(market: duckdb.DuckDBPyConnection) -> None:
    for condition in ("strike = 100", "false or strike = 1"):
        market.execute(f"create or replace table few as from bent where {condition}")
        levels = rows(market, "select atm_forward_iv, count_strikes from smile_levels('few')")
        assert levels == ([{"atm_forward_iv": None, "count_strikes": None}] if condition == "strike = 100" else [])
    assert rows(market, "from wing_vols('few')") == []


def test_sides_of_a_strike_meet_at_the_forward_unless_exercise_may_be_early(market: duckdb.DuckDBPyConnection) -> None:
    """A call at 0.3 and a put at 0.4 of 97, below the forward: N(d1) of the put's volatility counts the put."""
    market.execute(
        "create or replace table apart as select * replace (case when is_call then 0.3 else 0.4 end as implied_vol) "
        "from priced where years < 0.1"
    )
    deviation, k = 0.4 * math.sqrt(30 / 365), math.log(97 / FORWARD)
    d1 = deviation / 2 - k / deviation
    share = 0.5 * (1 + math.erf(d1 / math.sqrt(2)))
    found = value(market, "select implied_vol from smile('apart') where strike = 97")
    assert found == pytest.approx(0.4 * share + 0.3 * (1 - share), rel=1e-9)
    market.execute("create or replace table apart as select * replace (true as is_american) from apart")
    assert value(market, "select implied_vol from smile('apart') where strike = 97") == pytest.approx(0.4)
    market.execute("delete from apart where not is_call and strike = 97")
    assert value(market, "select count(*) from smile('apart') where strike = 97") == 0


@pytest.mark.parametrize("delta", [0.1, 0.25, 0.4])
def test_strikes_of_a_delta_are_those_of_the_closed_form(market: duckdb.DuckDBPyConnection, delta: float) -> None:
    """Of one volatility: K = F exp(s^2 / 2 - z s) of a call, z the quantile of delta exp(qT); +z of a put."""
    s, z = 0.3 * math.sqrt(30 / 365), float(ndtri(delta * math.exp(0.01 * 30 / 365)))
    [wings] = rows(market, f"from wing_vols('priced', delta := {delta}) where years < 0.1")
    assert wings["strike_25d_call"] == pytest.approx(FORWARD * math.exp(s * s / 2 - z * s), rel=1e-10)
    assert wings["strike_25d_put"] == pytest.approx(FORWARD * math.exp(s * s / 2 + z * s), rel=1e-10)
    assert wings["risk_reversal_25d"] == pytest.approx(0, abs=1e-10)
    assert wings["butterfly_25d"] == pytest.approx(0, abs=1e-10)


def test_a_delta_is_solved_to_the_last_digits(market: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        market,
        "select bs_delta(is_call, 100, strike, 30 / 365, 0.04, implied_vol, 0.01) as delta from delta_strikes('bent')",
    )
    assert sorted(row["delta"] for row in found) == [pytest.approx(-0.25, abs=1e-11), pytest.approx(0.25, abs=1e-11)]


def test_a_delta_beyond_the_listed_strikes_is_not_known(market: duckdb.DuckDBPyConnection) -> None:
    [wings] = rows(market, "from wing_vols('priced', delta := 0.001) where years < 0.1")
    assert wings["iv_25d_call"] is None and wings["risk_reversal_25d"] is None and wings["atm_forward_iv"] is not None


def test_forward_volatility_is_that_between_expiries(market: duckdb.DuckDBPyConnection) -> None:
    """By hand: (0.25^2 x 60 - 0.3^2 x 30) / 30 = 0.035; from 60 to 90 days variance falls: no volatility, a flag."""
    found = rows(market, "select forward_vol, is_calendar_arbitrage from term_structure('priced') order by expires_at")
    assert [row["is_calendar_arbitrage"] for row in found] == [None, False, True]
    assert found[0]["forward_vol"] is None and found[2]["forward_vol"] is None
    assert found[1]["forward_vol"] == pytest.approx(math.sqrt(0.035), rel=1e-8)
    levels = rows(
        market, "select round(365 * years) as days, value from atm_term_structure('priced') order by expires_at"
    )
    assert [(row["days"], round(row["value"], 8)) for row in levels] == [(30, 0.3), (60, 0.25), (90, 0.15)]
    between = value(market, "select value from forward_vol('priced', d1 := 30, d2 := 60)")
    assert between == pytest.approx(math.sqrt(0.035), rel=1e-8)


def test_a_constant_maturity_lies_between_two_expiries(market: duckdb.DuckDBPyConnection) -> None:
    """By hand: a third of the way, w = (2 x 0.09 x 30 + 0.0625 x 60) / 3 days."""
    query = "select value from atm_iv_constant_maturity('priced', days := {})"
    assert value(market, query.format(40)) == pytest.approx(math.sqrt((2 * 2.7 + 3.75) / 3 / 40), rel=1e-8)
    assert value(market, query.format(60)) == pytest.approx(0.25, rel=1e-8)
    assert value(market, query.format(29)) is None and value(market, query.format(91)) is None
