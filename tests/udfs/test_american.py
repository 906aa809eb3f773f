"""American options: near QuantLib's prices, inside every bound, and a reason where there is no number."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quant.settings import PROJECT_PATH
from tests.udfs.samples import ANY_NUMBER, read_golden
from udfs.american import American, american
from udfs.american_implied import AmericanVol, american_implied_vol
from udfs.black_scholes import FloatArray, greeks
from udfs.contracts import Contracts, clean_dividends, settled_value
from udfs.implied_vol import EXPIRED, OK, STATUSES

ORACLE = PROJECT_PATH.parent / "shared" / "oracle" / "american_grid.parquet"
Dividends = Sequence[tuple[float, float]]


def contracts_of(is_call: Sequence[bool], *terms: FloatArray, dividends: Sequence[Dividends] = ()) -> Contracts:
    """Options with the cash dividends of each, as (years, amount)."""
    count, (spot, strike, lives, rate, dividend_yield) = len(is_call), terms
    paid = [*dividends, *[()] * (count - len(dividends))]
    years, amounts = np.zeros((2, max(map(len, paid), default=0) + 1, count))
    for column, pairs in enumerate(paid):
        for row, (when, amount) in enumerate(pairs):
            years[row, column], amounts[row, column] = when, amount
    with np.errstate(invalid="ignore"):
        paid_years, paid_amounts = clean_dividends(years, amounts, lives)
    return Contracts(np.array(is_call), spot, strike, lives, rate, dividend_yield, paid_years, paid_amounts)


def one(is_call: bool, *terms: float, dividends: Dividends = ()) -> Contracts:
    """Spot, strike, years, rate, dividend yield."""
    return contracts_of([is_call], *(np.array([float(term)]) for term in terms), dividends=[dividends])


@pytest.fixture(scope="module")
def golden() -> dict[str, FloatArray]:
    rows = read_golden("american.csv")
    names = ("s", "k", "t", "r", "sigma", "q", "price", "european_price", "delta", "gamma", "vega")
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


@pytest.fixture(scope="module")
def golden_contracts(golden: dict[str, FloatArray]) -> Contracts:
    rows = read_golden("american.csv")
    paid = [
        [(float(when), float(cash)) for when, cash in zip(*pairs, strict=True)] if pairs[0][0] else ()
        for pairs in ((row["ex_years"].split(";"), row["ex_amounts"].split(";")) for row in rows)
    ]
    terms = (golden[name] for name in ("s", "k", "t", "r", "q"))
    return contracts_of([row["is_call"] == "True" for row in rows], *terms, dividends=paid)


@pytest.fixture(scope="module")
def priced(golden: dict[str, FloatArray], golden_contracts: Contracts) -> American:
    return american(golden_contracts, golden["sigma"])


@pytest.mark.parametrize(
    ("name", "worst", "typical"),  # QuantLib's FdBlackScholesVanillaEngine is itself good to 1e-4
    [
        ("price", 2e-3, 3e-4),
        ("european_price", 1e-3, 2e-4),
        ("delta", 1e-2, 6e-4),  # the worst stands at the border of exercise, where delta bends sharply
        ("gamma", 4e-3, 2e-4),
        ("vega", 0.7, 0.05),
    ],
)
def test_values_are_those_of_quantlib(
    golden: dict[str, FloatArray], priced: American, name: str, worst: float, typical: float
) -> None:
    """On a spot of 100, from two weeks to two years, with and without cash dividends; vega per 1.00."""
    error = np.abs(getattr(priced, name) - golden[name])
    assert error.max() < worst
    assert np.sqrt(np.mean(error**2)) < typical


@pytest.mark.skipif(not ORACLE.is_file(), reason="the grid of reference prices is not there")
def test_prices_are_those_of_the_reference_grid() -> None:
    with duckdb.connect() as connection:
        grid = connection.read_parquet(str(ORACLE)).fetchnumpy()
    terms = (np.asarray(grid[name], dtype=float) for name in ("S", "K", "T", "r", "q"))
    contracts = contracts_of(list(grid["right"] == "C"), *terms)
    result = american(contracts, np.asarray(grid["vol"], dtype=float))
    assert np.abs(result.price - grid["american_price"]).max() < 2e-3
    assert np.abs(result.early_exercise_premium - grid["early_exercise_premium"]).max() < 2e-3


def test_no_price_is_below_what_is_certain(golden_contracts: Contracts, priced: American) -> None:
    assert (priced.status == OK).all()
    assert (priced.price >= golden_contracts.exercise_value).all()
    assert (priced.price >= priced.european_price).all()
    np.testing.assert_array_equal(priced.early_exercise_premium, priced.price - priced.european_price)


def test_a_call_without_dividends_is_a_european_one(golden: dict[str, FloatArray]) -> None:
    count = len(golden["s"])
    is_call, none = np.ones(count, dtype=bool), np.zeros(count)
    spot, strike, years, rate, sigma = (golden[name] for name in ("s", "k", "t", "r", "sigma"))
    result = american(contracts_of(list(is_call), spot, strike, years, rate, none), sigma)
    closed = greeks(is_call, spot, strike, years, rate, sigma, none)
    np.testing.assert_allclose(result.price, closed.price, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(result.gamma, closed.gamma, rtol=1e-12)
    assert (result.early_exercise_premium == 0).all()


@given(st.tuples(st.floats(50, 200), st.floats(0.02, 3), st.floats(0, 0.12), st.floats(0, 0.12)), st.floats(0.05, 1.0))
@settings(max_examples=25)
def test_a_call_is_the_put_of_spot_for_strike_and_rate_for_yield(terms: tuple[float, ...], sigma: float) -> None:
    """McDonald, Schroder (1998), J. of Computational Finance 1(3)."""
    strike, years, rate, dividend_yield = terms
    call = american(one(True, 100, strike, years, rate, dividend_yield), np.array([sigma]))
    put = american(one(False, strike, 100, years, dividend_yield, rate), np.array([sigma]))
    assert call.price == pytest.approx(put.price, rel=1e-9)


@pytest.mark.parametrize("dividends", [[], [(0.2, 1.5)]])
@pytest.mark.parametrize("is_call", [True, False])
def test_the_price_rises_with_the_volatility(is_call: bool, dividends: Dividends) -> None:
    sigma = np.linspace(0.02, 1.5, 100)
    terms = (np.full(len(sigma), value) for value in (100.0, 105.0, 0.5, 0.06, 0.03))
    contracts = contracts_of([is_call] * len(sigma), *terms, dividends=[dividends] * len(sigma))
    assert (np.diff(american(contracts, sigma).price) > -1e-9).all()


def test_what_is_exercised_at_once_moves_with_the_spot() -> None:
    result = american(one(False, 60, 100, 1, 0.08, 0), np.array([0.15]))
    assert (result.price[0], result.delta[0], result.gamma[0], result.theta[0]) == (40, -1, 0, 0)


def test_a_call_is_exercised_just_before_a_large_dividend() -> None:
    """Deep in the money at 1 % volatility: exercise at the ex-date is worth S - K exp(-r t), waiting 8 less."""
    result = american(one(True, 100, 60, 1, 0.05, 0, dividends=[(0.4, 8.0)]), np.array([0.01]))
    assert result.price[0] == pytest.approx(100 - 60 * np.exp(-0.05 * 0.4), abs=1e-4)
    assert result.early_exercise_premium[0] == pytest.approx(
        8 * np.exp(-0.05 * 0.4) - 60 * (np.exp(-0.05 * 0.4) - np.exp(-0.05)), abs=1e-4
    )


def test_a_put_waits_for_the_dividend() -> None:
    """The same strike and day: after the ex-date the put is worth 8 more than before."""
    result = american(one(False, 100, 140, 1, 0.05, 0, dividends=[(0.1, 8.0)]), np.array([0.01]))
    assert result.price[0] == pytest.approx((140 + 8) * np.exp(-0.05 * 0.1) - 100, abs=1e-4)


@pytest.mark.parametrize(("years", "amount", "sigma"), [(0.5, 40.0, 0.4), (0.995, 3.0, 0.4), (0.005, 3.0, 0.15)])
def test_the_european_price_is_the_expectation_over_the_ex_date(years: float, amount: float, sigma: float) -> None:
    """The spot is lognormal up to the ex-date and falls; from there Black-Scholes: one integral, by trapezoids."""
    z = np.linspace(-9, 9, 20_001)
    spot = 100 * np.exp((0.05 - sigma**2 / 2) * years + sigma * np.sqrt(years) * z)
    terms = (np.full(len(z), value) for value in (110.0, 1 - years, 0.05, sigma, 0.0))
    after = greeks(np.zeros(len(z), dtype=bool), np.maximum(spot - amount, 1e-9), *terms).price
    expected = np.exp(-0.05 * years) * np.trapezoid(after * np.exp(-z * z / 2), z) / np.sqrt(2 * np.pi)
    result = american(one(False, 100, 110, 1, 0.05, 0, dividends=[(years, amount)]), np.array([sigma]))
    assert result.european_price[0] == pytest.approx(expected, abs=1e-2)


def test_dividends_outside_the_life_of_an_option_do_not_count() -> None:
    bare = american(one(True, 100, 100, 0.5, 0.03, 0), np.array([0.2]))
    other = american(one(True, 100, 100, 0.5, 0.03, 0, dividends=[(-0.1, 3.0), (0.7, 3.0)]), np.array([0.2]))
    assert other.price == bare.price


def test_volatility_without_effect_leaves_the_one_path() -> None:
    """Hand-made: a put is exercised now; a call without yield at expiry; with q > r a call now."""
    for contracts, value in [
        (one(False, 90, 100, 1, 0.05, 0), 10),
        (one(True, 110, 100, 1, 0.05, 0), 110 - 100 * np.exp(-0.05)),
        (one(True, 110, 100, 1, 0.01, 0.05), 10),
    ]:
        result = american(contracts, np.array([0.0]))
        assert result.price[0] == pytest.approx(value, rel=1e-12)
        assert np.isnan([result.delta[0], result.gamma[0], result.vega[0]]).all()


def test_an_expired_option_is_worth_its_exercise() -> None:
    result = american(one(False, 90, 100, -0.1, 0.05, 0), np.array([0.2]))
    assert (result.price[0], STATUSES[result.status[0]]) == (10, "expired")


def test_volatility_is_recovered(golden: dict[str, FloatArray], golden_contracts: Contracts, priced: American) -> None:
    """From our own price exactly; where it is not, the price is nearly that without volatility."""
    result = american_implied_vol(priced.price, golden_contracts)
    found = result.status == OK
    assert found.sum() > 450
    np.testing.assert_allclose(result.iv[found], golden["sigma"][found], rtol=0, atol=1e-6)
    np.testing.assert_allclose(result.early_exercise_premium[found], priced.early_exercise_premium[found], atol=1e-4)
    assert {STATUSES[status] for status in result.status[~found]} == {"no_time_value", "ill_conditioned"}
    with np.errstate(divide="ignore", invalid="ignore"):
        trifle = np.abs(priced.price - settled_value(golden_contracts))
    assert trifle[~found].max() < 0.01


def test_volatility_of_quantlibs_prices_is_right_to_a_tenth_of_a_point(
    golden: dict[str, FloatArray], golden_contracts: Contracts
) -> None:
    """Wherever one point of volatility is worth a cent or more."""
    result = american_implied_vol(golden["price"], golden_contracts)
    told = (result.status == OK) & (golden["vega"] > 1)
    assert told.sum() > 400
    assert np.abs(result.iv - golden["sigma"])[told].max() < 1e-3


@pytest.mark.parametrize(
    ("status", "price", "is_call", "terms"),
    [  # spot, strike, years, rate, dividend yield
        ("ok", 12.0, False, (100, 110, 1, 0.05, 0.0)),
        ("null_input", np.nan, False, (100, 110, 1, 0.05, 0.0)),
        ("null_input", 12.0, False, (100, np.inf, 1, 0.05, 0.0)),
        ("expired", 12.0, False, (100, 110, 0, 0.05, 0.0)),
        ("bad_input", 12.0, False, (-100, 110, 1, 0.05, 0.0)),
        ("bad_input", 12.0, False, (100, 110, 1, 1e4, 0.0)),  # exp(10000) is no number
        ("below_intrinsic", 9.9, False, (100, 110, 1, 0.05, 0.0)),  # exercise pays 10, above the European bound
        ("below_intrinsic", 4.0, True, (100, 100, 1, 0.05, 0.0)),  # a call is worth 100 - 100 exp(-0.05) waiting
        ("no_time_value", 10.0, False, (100, 110, 1, 0.05, 0.0)),
        ("above_max", 110.0, False, (100, 110, 1, 0.05, 0.0)),  # a put is worth at most the strike, at once
        ("above_max", 101.0, True, (100, 110, 1, 0.05, 0.02)),
        ("ill_conditioned", 30 + 1e-6, False, (100, 130, 1, 0.05, 0.0)),  # exercise but for a trifle
    ],
)
def test_every_status_has_its_case(status: str, price: float, is_call: bool, terms: tuple[float, ...]) -> None:
    result = american_implied_vol(np.array([price]), one(is_call, *terms))
    assert STATUSES[result.status[0]] == status
    assert np.isfinite(result.iv[0]) == (status == "ok")


@given(
    st.booleans(),
    st.tuples(*[ANY_NUMBER] * 5),
    ANY_NUMBER,
    ANY_NUMBER,
    st.lists(st.tuples(ANY_NUMBER, ANY_NUMBER), max_size=3),
)
def test_every_input_has_a_number_or_a_reason(
    is_call: bool, terms: tuple[float, ...], sigma: float, price: float, dividends: list[tuple[float, float]]
) -> None:
    contracts = one(is_call, *terms, dividends=dividends)
    result = american(contracts, np.array([sigma]))
    assert np.isfinite(result.price[0]) == (result.status[0] in (OK, EXPIRED))
    implied = american_implied_vol(np.array([price]), contracts)
    assert np.isfinite(implied.iv[0]) == (implied.status[0] == OK)


def test_the_functions_tell_a_struct_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    """Three ways to say that there are no dividends, lists that do not pair, a missing amount, a missing side."""
    rows = connection.sql("""
        select
            american_price(side, 100, 110, 1, 0.05, 0.2, 0.0, times, amounts) as price,
            american_implied_vol(12.0, side, 100, 110, 1, 0.05, 0.0, times, amounts) as implied
        from (values
            (1, false, [], []), (2, false, null, null), (3, false, [2.0], [1.0]),
            (4, false, [0.5], [1.0]), (5, false, [0.5], []), (6, false, [0.5], [null]), (7, null, [], [])
        ) as cases(number, side, times, amounts)
        order by number
    """).fetchall()
    prices, implied = zip(*rows, strict=True)
    assert tuple(prices[0]) == American._fields and tuple(implied[0]) == AmericanVol._fields
    assert prices[0] == prices[1] == prices[2] and implied[0] == implied[1] == implied[2]
    assert prices[0]["price"] == pytest.approx(11.97445, abs=1e-3)  # QuantLib, QdFpAmericanEngine
    assert prices[3]["price"] > prices[0]["price"] and implied[3]["iv"] < implied[0]["iv"]
    assert [row["status"] for row in prices] == ["ok"] * 4 + ["bad_input", "null_input", "null_input"]
    assert [row["status"] for row in implied] == ["ok"] * 4 + ["bad_input", "null_input", "null_input"]
    assert all(value is None for row in prices[4:] for name, value in row.items() if name != "status")


def test_rows_keep_their_order_whatever_their_dividends(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql("""
        select 80 + i % 41 as strike, american_price(
            i % 2 = 0, 100, 80 + i % 41, 0.5, 0.04, 0.3, 0.0,
            case when i % 3 = 0 then [0.1, 0.4] when i % 3 = 1 then [0.3] else [] end,
            case when i % 3 = 0 then [0.5, 0.5] when i % 3 = 1 then [1.0] else [] end
        ).price as price
        from range(300) as numbers(i) order by i
    """).fetchnumpy()
    paid: list[Dividends] = [[[(0.1, 0.5), (0.4, 0.5)], [(0.3, 1.0)], []][i % 3] for i in range(300)]
    strike = rows["strike"].astype(float)
    terms = (np.full(300, value) for value in (0.5, 0.04, 0.0))
    sides = [i % 2 == 0 for i in range(300)]
    expected = american(contracts_of(sides, np.full(300, 100.0), strike, *terms, dividends=paid), np.full(300, 0.3))
    np.testing.assert_allclose(rows["price"], expected.price, rtol=0, atol=1e-12)
