"""Ranges and directional movement by hand, and Wilder's rules where nothing moves. Values on real prices: golden."""

import duckdb
import pytest

from tests.formulas.candles import UNKNOWN, Candle, create_candles, flat
from tests.formulas.small_bars import by_day

WALK = [Candle(3, 1, 2), Candle(5, 2, 4), Candle(6, 3, 5), Candle(6, 1, 2), Candle(7, 2, 6), Candle(9, 5, 8)]


def test_ranges_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(3, 1, 2), Candle(5, 4, 5), UNKNOWN, Candle(3, 2, 2), Candle(4, 2, 3)])
    # Against the close before, over the unknown bar as well: 5 - 2, 5 - 2, 4 - 2.
    assert by_day(formulas, "true_range('candles')") == [None, 3, None, 3, 2]
    assert by_day(formulas, "atr('candles', n := 2)") == [None, None, None, 3, 2.5]
    assert by_day(formulas, "natr('candles', n := 2)") == [None, None, None, 150, pytest.approx(250 / 3)]


def test_keltner_starts_where_both_averages_can(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [flat(1), flat(2), flat(4), flat(8)])
    # n = 2, atr = 2: both start on bar 2, with the means 3 and 1.5; then 2/3 of the way to 8, half the way to 4.
    assert by_day(formulas, "keltner_middle('candles', n := 2, atr := 2)") == [None, None, 3, pytest.approx(19 / 3)]
    assert by_day(formulas, "keltner_upper('candles', n := 2, k := 2, atr := 2)") == [
        None, None, 6, pytest.approx(19 / 3 + 2 * 2.75)
    ]  # fmt: skip


def test_directional_movement_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", WALK)
    # Up 2, 1, 0, 1, 2; down 0, 0, 2, 0, 0; ranges 3, 3, 5, 5, 4; sums s - s / 2 + x from the first value on.
    plus, minus, ranges = [2, 1, 1.5, 2.75], [0, 2, 1, 0.5], [4.5, 7.25, 8.625, 8.3125]
    expected = [100 * p / r for p, r in zip(plus, ranges, strict=True)]
    assert by_day(formulas, "plus_di('candles', n := 2)") == [None, None, *map(pytest.approx, expected)]
    dx = [100 * abs(p - m) / (p + m) for p, m in zip(plus, minus, strict=True)]
    seed = (dx[0] + dx[1]) / 2
    later = [seed, (seed + dx[2]) / 2, ((seed + dx[2]) / 2 + dx[3]) / 2]
    assert by_day(formulas, "adx('candles', n := 2)") == [None, None, None, *map(pytest.approx, later)]


def test_a_tie_of_both_movements_is_none_at_any_price(formulas: duckdb.DuckDBPyConnection) -> None:
    ties = "select plus_movement_of(0.5, 0.0, 0.375, 0.125), minus_movement_of(0.5, 0.0, 0.375, 0.125)"
    assert formulas.execute(ties).fetchall() == [(0, 0)]


def test_a_standstill_counts_nothing_in_the_seed_and_keeps_the_average_later(
    formulas: duckdb.DuckDBPyConnection,
) -> None:
    create_candles(formulas, "candles", [flat(5)] * 3 + [flat(6)] + [flat(6)] * 3)
    # n = 2: dx is unknown on bar 2, 100 on bar 3 and, since sums only decay, from there on.
    assert by_day(formulas, "adx('candles', n := 2)") == [None, None, None, 50, 75, 87.5, 93.75]
    assert by_day(formulas, "plus_di('candles', n := 2)") == [None, None, None, 100, 100, 100, 100]
    create_candles(formulas, "candles", [Candle(4, 2, 3)] * 8)  # ranges, but neither up nor down
    assert by_day(formulas, "plus_di('candles', n := 2)") == [None, None] + [0] * 6
    assert by_day(formulas, "adx('candles', n := 2)") == [None] * 8
