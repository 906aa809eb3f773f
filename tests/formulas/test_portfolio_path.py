"""The path of a portfolio against a loop that holds shares and cash, and what happens at its edges."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from quant.formulas import load_formulas
from udfs import register

Array = npt.NDArray[np.float64]
Rows = Callable[..., list[Any]]

START, COUNT, SYMBOLS = date(2024, 1, 3), 300, ("A", "B", "C")
DAYS = [START + timedelta(days=i) for i in range(COUNT)]
PERIODS: dict[str, Callable[[date], object]] = {
    "daily": lambda day: day,
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "quarterly": lambda day: (day.year, (day.month - 1) // 3),
    "yearly": lambda day: day.year,
    "never": lambda day: 0,
}


def made_prices() -> Array:
    """Any prices, a column per member: a random walk of a fixed seed."""
    steps = np.random.default_rng(6).normal(0.0005, [0.01, 0.02, 0.03], (COUNT - 1, 3))
    return np.asarray(100 * np.cumprod(np.vstack([np.ones(3), 1 + steps]), axis=0), dtype=np.float64)


PRICES = made_prices()


def walk(prices: Array, days: Sequence[date], period: Callable[[date], object], targets: Array) -> tuple[Array, Array]:
    """Wealth and turnover by day: shares are bought at the first day's targets, and again at each period's last day."""
    wealth, moved = np.ones(len(days)), np.zeros(len(days))
    shares = targets[0] / prices[0]
    for i in range(1, len(days)):
        values = shares * prices[i]
        wealth[i] = values.sum() + wealth[i - 1] - (shares * prices[i - 1]).sum()  # what is in no share is cash
        is_last = period is PERIODS["daily"] if i + 1 == len(days) else period(days[i]) != period(days[i + 1])
        if is_last:
            moved[i] = np.abs(values / wealth[i] - targets[i]).sum() / 2
            shares = targets[i] * wealth[i] / prices[i]
    return wealth, moved


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """All rows of a select; prices that are given under a name are there as a relation of bars."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        give(connection, "bars", PRICES, DAYS)

        def found(query: str, name: str = "", prices: Array = PRICES, days: Sequence[date] = DAYS) -> list[Any]:
            if name:
                give(connection, name, prices, days)
            return connection.execute(query).fetchall()

        yield found


def give(connection: duckdb.DuckDBPyConnection, name: str, prices: Array, days: Sequence[date]) -> None:
    """NaN is no bar."""
    table = pa.table({"day": days, **{symbol: prices[:, j] for j, symbol in enumerate(SYMBOLS[: prices.shape[1]])}})
    connection.register("given", table)
    connection.execute(
        f"create or replace table {name} as select 'x' as source, symbol, '1d' as interval, day::timestamptz as ts, "
        "adj_close, 252.0::double as periods_per_year from (unpivot given on * exclude (day) into name symbol "
        "value adj_close) where not isnan(adj_close)"
    )
    connection.unregister("given")


def asked(rows: Rows, metric: str, parameters: str, name: str = "bars", **given: object) -> Array:
    query = f"select value from {metric}('{name}'{parameters}) order by ts"
    found = rows(query, "" if name == "bars" else name, **given)
    return np.array([np.nan if value is None else value for (value,) in found], dtype=float)


def check(rows: Rows, parameters: str, wealth: Array, moved: Array, **given: object) -> None:
    name = "others" if given else "bars"
    returns = asked(rows, "portfolio_return", parameters, name, **given)
    assert np.isnan(returns[0])
    np.testing.assert_allclose(np.cumprod(1 + returns[1:]), wealth[1:], rtol=1e-12)
    turnover = asked(rows, "turnover", parameters, name, **given)
    np.testing.assert_allclose(turnover[1:], moved[1:], atol=1e-14)


@pytest.mark.parametrize("rebalance", PERIODS)
@pytest.mark.parametrize("weights", [None, (0.5, 0.3, 0.2), (1.3, -0.5, 0.2)], ids=["equal", "fixed", "short"])
def test_a_portfolio_earns_what_its_shares_do(rows: Rows, rebalance: str, weights: tuple[float, ...] | None) -> None:
    targets = np.tile(np.full(3, 1 / 3) if weights is None else np.array(weights), (COUNT, 1))
    told = "" if weights is None else f", weights := {dict(zip(SYMBOLS, weights, strict=True))}"
    wealth, moved = walk(PRICES, DAYS, PERIODS[rebalance], targets)
    check(rows, f", rebalance := '{rebalance}'{told.replace('{', 'map {')}", wealth, moved)


def test_every_bar_is_every_day_of_daily_bars(rows: Rows) -> None:
    bar, daily = (asked(rows, "turnover", f", rebalance := '{name}'") for name in ("bar", "daily"))
    np.testing.assert_allclose(bar, daily, atol=1e-15)


@pytest.mark.parametrize("rebalance", ["daily", "monthly"])
def test_inverse_volatility_sees_no_later_price(rows: Rows, rebalance: str) -> None:
    n, r = 21, PRICES[1:] / PRICES[:-1] - 1
    inverse = np.array([1 / r[i - n : i].std(axis=0, ddof=1) for i in range(n, COUNT)])
    targets = inverse / inverse.sum(axis=1, keepdims=True)
    wealth, moved = walk(PRICES[n:], DAYS[n:], PERIODS[rebalance], targets)
    parameters = f", volatility_window := {n}, rebalance := '{rebalance}'"
    check(rows, parameters, wealth, moved)  # its first row is bar n, where n returns are known for the first time
    later = PRICES.copy()
    later[200:] *= 2
    changed = asked(rows, "portfolio_return", parameters, "others", prices=later)
    before = asked(rows, "portfolio_return", parameters)[: 200 - n]
    np.testing.assert_allclose(changed[: 200 - n], before, atol=1e-15)


def test_calendars_meet_on_the_days_that_all_members_share(rows: Rows) -> None:
    mixed = PRICES.copy()
    is_weekend = np.array([day.weekday() > 4 for day in DAYS])
    mixed[is_weekend, 0] = np.nan  # a share beside two coins
    common = ~is_weekend
    days = [day for day, is_common in zip(DAYS, common, strict=True) if is_common]
    wealth, moved = walk(PRICES[common], days, PERIODS["weekly"], np.full((len(days), 3), 1 / 3))
    check(rows, ", rebalance := 'weekly'", wealth, moved, prices=mixed)
    settled = rows("select distinct dayofweek(ts) from turnover('others', rebalance := 'weekly') where value > 0")
    assert settled == [(5,)]  # Friday is the last day of the week that all share


def test_the_week_of_a_coin_ends_on_sunday(rows: Rows) -> None:
    assert rows("select distinct dayofweek(ts) from turnover('bars', rebalance := 'weekly') where value > 0") == [(0,)]


def test_a_member_that_loses_everything_is_carried_until_its_weight_is_to_be_restored(rows: Rows) -> None:
    lost = PRICES.copy()
    lost[150:, 0] = 0.0
    held = asked(rows, "portfolio_return", ", rebalance := 'never'", "others", prices=lost)
    wealth, _ = walk(lost, DAYS, PERIODS["never"], np.full((COUNT, 3), 1 / 3))
    np.testing.assert_allclose(np.cumprod(1 + held[1:]), wealth[1:], rtol=1e-12)
    monthly = asked(rows, "portfolio_return", ", rebalance := 'monthly'", "others", prices=lost)
    last = next(i for i in range(150, COUNT) if DAYS[i].month != DAYS[i + 1].month)
    assert not np.isnan(monthly[1 : last + 1]).any()  # 31 May still counts, no price there can restore the third
    assert np.isnan(monthly[last + 1 :]).all()


def test_who_has_lost_everything_stays_so(rows: Rows) -> None:
    alone = np.array([[100.0], [50.0], [0.0], [10.0], [20.0]])
    for rebalance in ("daily", "never"):
        got = asked(rows, "portfolio_return", f", rebalance := '{rebalance}'", "others", prices=alone, days=DAYS[:5])
        np.testing.assert_array_equal(got, [np.nan, -0.5, -1, np.nan, np.nan])


def test_who_owes_more_than_he_owns_has_lost_everything(rows: Rows) -> None:
    squeezed = np.array([[100.0, 100.0], [100.0, 150.0], [100.0, 400.0], [100.0, 50.0]])
    path = "with ruled as (from ruled_members('others', map {'A': 2.0, 'B': -1.0}, 'never', null)), " \
           "path as (from portfolio_path('ruled')) "  # fmt: skip
    days = rows(path + "select wealth, portfolio_return, turnover from portfolio_days('path') order by ts", "others",
                prices=squeezed, days=DAYS[:4])  # fmt: skip
    # by hand: 2 - 1 = 1; 2 - 1.5 = 0.5; 2 - 4 = -2, which is 0; and nothing afterwards, though the price fell again
    assert days == [(1, None, None), (0.5, -0.5, 0), (0, -1, None), (None, None, None)]
    weights = rows(path + "select weight, drifted_weight from path where symbol = 'B' order by ts")
    assert weights == [(-1, -1), (-1, -3), (-3, None), (None, None)]


def test_one_member_is_its_own_portfolio(rows: Rows) -> None:
    got = asked(rows, "portfolio_return", ", rebalance := 'monthly'", "others", prices=PRICES[:, :1])
    np.testing.assert_allclose(got[1:], PRICES[1:, 0] / PRICES[:-1, 0] - 1, atol=1e-15)


def test_what_the_weights_do_not_name_lies_there_as_cash(rows: Rows) -> None:
    wealth, moved = walk(PRICES, DAYS, PERIODS["monthly"], np.tile([0.4, 0.2, 0.0], (COUNT, 1)))
    check(rows, ", rebalance := 'monthly', weights := map {'A': 0.4, 'B': 0.2}", wealth, moved)


def test_turnover_of_a_year_is_its_mean_times_bars_per_year(rows: Rows) -> None:
    values = "(values (null::double), (0.0), (0.02)) t(turnover)"
    assert rows(f"select annual_turnover(turnover, 252) from {values}") == [(pytest.approx(2.52),)]


def test_a_calendar_that_nobody_knows_is_refused(rows: Rows) -> None:
    with pytest.raises(duckdb.Error, match=r"rebalance must be one of bar, daily, .* got hourly"):
        rows("from turnover('bars', rebalance := 'hourly')")
