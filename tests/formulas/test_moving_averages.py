"""Averages and bands of a few prices, worked out by hand; bars without a price. Values on real prices: golden."""

from collections.abc import Sequence

import duckdb
import pytest

from tests.formulas.small_bars import by_day, create_bars

RISING = [1.0, 2.0, 3.0, 5.0, 8.0]


def values(connection: duckdb.DuckDBPyConnection, metric: str, prices: Sequence[float | None]) -> list[float | None]:
    create_bars(connection, "handful", {"A": prices})
    return by_day(connection, metric)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("wma('handful', n := 3)", [None, None, 14 / 6, 23 / 6, (3 + 10 + 24) / 6]),  # weights 1, 2, 3 over 6
        ("wma('handful', n := 1)", RISING),
        ("vwma('handful', n := 2)", [None, 1.5, 2.5, 4, 6.5]),  # equal volumes: the mean
        ("ema('handful', n := 3)", [None, None, 2, 3.5, 5.75]),  # mean of the first 3, then half the way
        ("rma('handful', n := 3)", [None, None, 2, 3, 14 / 3]),  # a third of the way
        ("dema('handful', n := 2)", [None, None, 2 * 2.5 - 2, 2 * 25 / 6 - 31 / 9, 2 * 121 / 18 - 152 / 27]),
        ("roc('handful', n := 2)", [None, None, 200, 150, 500 / 3]),
        ("momentum('handful', n := 2)", [None, None, 2, 3, 5]),
        ("donchian_middle('handful', n := 3)", [None, None, 2, 3.5, 5.5]),
        ("bb_width('handful', n := 2, k := 1)", [None, 2 / 3, 0.4, 0.5, 3 / 6.5]),  # deviation: half the step
        # Both averages start on the slow one's third bar; two bars of difference make the first signal.
        ("macd('handful', fast := 1, slow := 3, signal := 2)", [None, None, None, 5 - 3.5, 8 - 5.75]),
        ("ppo('handful', fast := 1, slow := 3)", [None, None, 50, 100 * 1.5 / 3.5, 100 * 2.25 / 5.75]),
        ("ppo('handful', fast := 3, slow := 1)", [None, None, 50, 100 * 1.5 / 3.5, 100 * 2.25 / 5.75]),
    ],
)
def test_averages_by_hand(formulas: duckdb.DuckDBPyConnection, metric: str, expected: list[float | None]) -> None:
    assert values(formulas, metric, RISING) == [None if x is None else pytest.approx(x, rel=1e-14) for x in expected]


def test_the_hull_average_of_a_line_is_ahead_of_it(formulas: duckdb.DuckDBPyConnection) -> None:
    # On the line x = i, wma(n) lags (n - 1) / 3: 2 (i - 1/3) - (i - 1) = i + 1/3, whose average over 2 lags 1/3.
    found = values(formulas, "hma('handful', n := 4)", [float(i) for i in range(9)])
    assert found == [None] * 4 + [pytest.approx(i, rel=1e-14) for i in range(4, 9)]


def test_the_weighted_average_of_a_long_series_keeps_its_digits(formulas: duckdb.DuckDBPyConnection) -> None:
    # A constant step has the weighted mean of its window exactly (n - 1) / 3 steps behind the newest price.
    formulas.execute(
        "create or replace temp table walk as select 'x' as source, 'A' as symbol, '1m' as interval, "
        "timestamptz '2024-01-01 00:00:00+00' + to_minutes(i) as ts, 30000 + i / 128 as close from range(50000) t(i)"
    )
    ((worst, count),) = formulas.execute(
        "select max(abs(value / (close - 18.0 / 384) - 1)), count(value) "
        "from wma('walk', n := 19) join walk using (source, symbol, interval, ts)"
    ).fetchall()
    assert worst < 1e-13
    assert count == 49982


SKIPPING = (
    "ema(B, n := 3)",
    "tema(B, n := 2)",
    "trix(B, n := 2)",
    "macd_hist(B, 2, 3, 2)",
    "rsi(B, n := 3)",
    "rma(B, 3)",
)


@pytest.mark.parametrize("metric", SKIPPING)
def test_a_recursion_passes_over_a_bar_without_a_price(formulas: duckdb.DuckDBPyConnection, metric: str) -> None:
    prices: list[float | None] = [3.0, 4.0, 2.0, 5.0, 6.0, 4.0, 7.0, 8.0, 6.0]
    without = values(formulas, metric.replace("B", "'handful'"), prices)
    with_gap = values(formulas, metric.replace("B", "'handful'"), [*prices[:6], None, *prices[6:]])
    assert with_gap[6] is None
    assert with_gap[:6] + with_gap[7:] == without
    assert without[-1] is not None


def test_a_window_with_an_unknown_price_is_unknown(formulas: duckdb.DuckDBPyConnection) -> None:
    assert values(formulas, "wma('handful', n := 2)", [1, 4, None, 1, 4, 7]) == [None, 3, None, None, 3, 6]


def test_averages_of_a_constant_price_do_not_cross(formulas: duckdb.DuckDBPyConnection) -> None:
    create_bars(formulas, "handful", {"A": [0.1] * 60})
    assert by_day(formulas, "sig_sma_cross('handful', fast := 3, slow := 7)") == [None] * 6 + [0.0] * 54
    assert by_day(formulas, "sig_macd_cross('handful')") == [None] * 33 + [0.0] * 27


def test_the_strength_signal_tells_when_an_extreme_is_left(formulas: duckdb.DuckDBPyConnection) -> None:
    # RSI of one move is 0 after a fall, 100 after a rise, 50 ... never here.
    found = values(formulas, "sig_rsi_level('handful', n := 1)", [5, 4, 5, 6, 5, 4])
    assert found == [None, 0, 1, 0, -1, 0]


@pytest.mark.parametrize("decay", [0.0, 1e-200, 0.5, 0.99, 0.99999])
def test_a_recursion_is_exact_however_slowly_it_forgets(formulas: duckdb.DuckDBPyConnection, decay: float) -> None:
    # With an input of 1 on every bar the state is a geometric sum: (1 - decay^(i + 1)) / (1 - decay).
    formulas.execute(
        "create or replace temp table steps as select 'x' as source, 'A' as symbol, '1d' as interval, 'y' as line, "
        f"i as ts, i as row_index, {decay}::double as decay, 1.0::double as input from range(150000) t(i)"
    )
    expected = f"(1 - pow({decay}::double, row_index + 1)) / (1 - {decay}::double)"
    (found,) = formulas.execute(f"select count(*), max(abs(state / ({expected}) - 1)) from decayed('steps')").fetchall()
    assert found == (150_000, pytest.approx(0, abs=1e-10))
