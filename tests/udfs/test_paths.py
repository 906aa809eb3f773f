"""Path-dependent indicators by hand, and through the metrics. Values on real prices: tests/golden."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from quant.formulas import load_formulas
from tests.formulas.candles import UNKNOWN, Candle, create_candles
from tests.formulas.small_bars import by_day
from udfs import register
from udfs.paths import adaptive_average, parabolic_sar, supertrend

NAN = np.nan


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        register(connection)
        load_formulas(connection)
        yield connection


def test_an_adaptive_average_starts_from_the_value_before_its_first_weight() -> None:
    found = adaptive_average(np.array([1.0, 4, 8, 8]), np.array([NAN, NAN, 0.5, 0.25]))
    np.testing.assert_array_equal(found, [NAN, NAN, 6, 6.5])  # half the way from 4 to 8, a quarter of the rest
    assert np.isnan(adaptive_average(np.array([1.0]), np.array([NAN]))).all()


def test_the_parabolic_stop_by_hand() -> None:
    high, low = np.array([10.0, 11, 12, 10]), np.array([9.0, 10, 11, 9])
    # Long from the first low, 9; 0.1 of the way to 11 is 9.2; a new high of 12 and 0.2 of the way: 9.76, not touched
    # until the last bar, which puts the stop on the highest high.
    np.testing.assert_allclose(parabolic_sar(high, low, 0.1, 0.5), [NAN, 9, 9.2, 12], rtol=1e-15)
    # Upside down it is the same path.
    np.testing.assert_array_equal(parabolic_sar(-low, -high, 0.1, 0.5), -parabolic_sar(high, low, 0.1, 0.5))


def test_a_stop_needs_two_bars() -> None:
    assert np.isnan(parabolic_sar(np.array([1.0]), np.array([1.0]), 0.02, 0.2)).all()


def test_a_supertrend_has_no_direction_before_it_turned() -> None:
    close = np.array([10.0, 11, 8, 7, 12])
    found = supertrend(close - 2, close + 2, close)
    # The floor rises to 9 and holds; 8 is below it, and the ceiling has fallen to 10; 7 lowers it to 9; 12 is above.
    np.testing.assert_array_equal(found.line, [8, 9, 10, 9, 10])
    np.testing.assert_array_equal(found.direction, [NAN, NAN, -1, -1, 1])


def test_metrics_pass_over_unknown_bars(database: duckdb.DuckDBPyConnection) -> None:
    prices = [20 + 3 * abs(i % 8 - 4) + i / 3 for i in range(30)]
    candles = [Candle(p + 1, p - 1, p) for p in prices]
    for metric in ("kama({}, n := 4)", "psar({})", "supertrend({}, n := 3, k := 1)", "supertrend_direction({}, 3, 1)"):
        create_candles(database, "whole", candles)
        create_candles(database, "holed", [*candles[:12], UNKNOWN, *candles[12:]])
        whole, holed = (by_day(database, metric.format(f"'{name}'")) for name in ("whole", "holed"))
        assert holed[12] is None
        assert holed[:12] + holed[13:] == whole
        assert sum(x is not None for x in whole) > 15


def test_a_price_that_stands_still_is_its_own_adaptive_average(database: duckdb.DuckDBPyConnection) -> None:
    create_candles(database, "candles", [Candle(3, 3, 3)] * 6)
    assert by_day(database, "kama('candles', n := 3)") == [None] * 3 + [3.0] * 3


def test_an_empty_relation_gives_no_rows(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create or replace temp table nothing as from candles limit 0")
    for metric in ("kama", "psar", "supertrend"):
        assert by_day(database, f"{metric}('nothing')") == []
