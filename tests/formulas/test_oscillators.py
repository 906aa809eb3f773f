"""Oscillators of a few candles, by hand; flat ranges, no volume, ties. Values on real prices: golden."""

import duckdb
import pytest

from tests.formulas.candles import UNKNOWN, Candle, create_candles, flat
from tests.formulas.small_bars import by_day

CONSTANT = [flat(0.1)] * 60

# What is left of an indicator when the price has stood still from the first bar on: metrics.md, section 4.
STANDSTILL = {
    "rsi": 50.0,
    "atr": 0.0,
    "true_range": 0.0,
    "aroon_up": 100.0,
    "aroon_down": 100.0,
    "ad_line": 0.0,
    "cmf": 0.0,
    "obv": 100.0,
    "roc": 0.0,
    "bb_width": 0.0,
    "donchian_middle": 0.1,
    "vwap_cumulative": 0.1,
    "pivot_r3": 0.1,
}
UNKNOWABLE = (
    "bb_percent_b cci stoch_k stoch_d williams_r mfi ultimate_oscillator plus_di minus_di adx stoch_rsi_k stoch_rsi_d"
).split()


def test_standing_prices(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", CONSTANT)
    last = "select '{0}' as metric, last(value order by ts) as value from {0}('candles')"
    found = dict(formulas.execute(" union all ".join(map(last.format, [*STANDSTILL, *UNKNOWABLE]))).fetchall())
    assert {metric for metric, value in found.items() if value is None} == set(UNKNOWABLE)
    assert {metric: found[metric] for metric in STANDSTILL} == pytest.approx(STANDSTILL, abs=1e-14)


def test_what_stands_still_after_it_moved_has_no_place_in_its_range(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(3, 1, 2), Candle(4, 2, 3), Candle(3, 1, 1)] * 10 + [flat(7)] * 60)
    for metric in ("stoch_d", "stoch_rsi_d", "williams_r", "cci", "mfi"):
        values = by_day(formulas, f"{metric}('candles')")
        assert values[29] is not None or metric == "stoch_rsi_d", metric
        assert values[-1] is None, metric


@pytest.mark.parametrize("metric", ["vwma", "cmf", "mfi", "vwap_cumulative", "vwap_anchored"])
def test_nothing_is_weighted_with_no_volume(formulas: duckdb.DuckDBPyConnection, metric: str) -> None:
    create_candles(formulas, "candles", [Candle(i + 2, i, i + 1, 0) for i in range(40)])
    assert by_day(formulas, f"{metric}('candles')") == [None] * 40


def test_no_volume_leaves_the_sums_as_they_are(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(4, 2, 4, 10), Candle(5, 3, 5, 0), Candle(5, 3, 3, 2)])
    assert by_day(formulas, "obv('candles')") == [10, 10, 8]
    assert by_day(formulas, "ad_line('candles')") == [10, 10, 8]


def test_volume_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    candles = [Candle(4, 2, 3.5, 10), flat(3.5, 20), UNKNOWN, Candle(5, 3, 3, 8)]
    create_candles(formulas, "candles", candles)
    assert by_day(formulas, "obv('candles')") == [10, 10, None, 2]  # an unchanged close counts nothing
    assert by_day(formulas, "ad_line('candles')") == [5, 5, None, -3]  # half way up, no range, at the low
    assert by_day(formulas, "cmf('candles', n := 2)") == [None, 5 / 30, None, None]
    paid = [None, 3.5, None, pytest.approx((70 + 8 * 11 / 3) / 28, rel=1e-15)]
    assert by_day(formulas, "vwap_anchored('candles', anchor := timestamptz '2024-01-02 00:00:00+00')") == paid
    assert by_day(formulas, "vwap_anchored('candles')") == by_day(formulas, "vwap_cumulative('candles')")


def test_places_in_the_range_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(3, 1, 2), Candle(5, 2, 3), Candle(5, 3, 4)])
    assert by_day(formulas, "stoch_k('candles', k := 2, smooth_k := 1, d := 1)") == [None, 50, pytest.approx(200 / 3)]
    assert by_day(formulas, "stoch_k('candles', k := 2, smooth_k := 1, d := 2)") == [None, None, pytest.approx(200 / 3)]
    assert by_day(formulas, "stoch_d('candles', k := 2, smooth_k := 1, d := 2)") == [None, None, pytest.approx(175 / 3)]
    assert by_day(formulas, "williams_r('candles', n := 2)") == [None, -50, pytest.approx(-100 / 3)]


def test_money_flow_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [flat(1, 9), flat(2, 5), flat(1, 10), flat(1, 7)])
    # In 2 x 5, out 1 x 10; then out 10 and an unchanged price, which counts in neither.
    assert by_day(formulas, "mfi('candles', n := 2)") == [None, None, 50, 0]


def test_the_newest_of_equal_extremes_counts(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(5, 1, 3), Candle(4, 1, 3), Candle(5, 2, 3), Candle(4, 2, 3)])
    assert by_day(formulas, "aroon_up('candles', n := 2)") == [None, None, 100, 50]
    assert by_day(formulas, "aroon_down('candles', n := 2)") == [None, None, 50, 0]


def test_the_ultimate_oscillator_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(3, 1, 2), Candle(4, 2, 3), Candle(5, 1, 2)])
    # Pressure per range: 1/2 and 1/4; over the last 2 bars (1 + 1) / (2 + 4).
    expected = [None, None, pytest.approx(100 * (4 / 4 + 2 * 2 / 6 + 2 / 6) / 7, rel=1e-14)]
    assert by_day(formulas, "ultimate_oscillator('candles', n := [1, 2, 2])") == expected


def test_the_channel_index_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [flat(1), flat(2), flat(6)])
    # Mean 3, mean distance (2 + 1 + 3) / 3 = 2.
    assert by_day(formulas, "cci('candles', n := 3)") == [None, None, pytest.approx(3 / 0.03, rel=1e-14)]
