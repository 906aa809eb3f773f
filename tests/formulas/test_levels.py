"""Pivots, Ichimoku lines, support and resistance by hand, and what they must not know. Real prices: golden."""

import duckdb
import pytest

from tests.formulas.candles import UNKNOWN, Candle, create_candles, flat
from tests.formulas.small_bars import by_day

DAY = "date_diff('day', timestamptz '2023-12-31 00:00:00+00', {})"
COLUMNS = (
    "kind",
    DAY.format("confirmed_at"),
    "level",
    "touches",
    DAY.format("first_pivot_ts"),
    DAY.format("last_pivot_ts"),
)
LEVELS = f"select {', '.join(COLUMNS)} from {{}} order by all"


def test_pivots_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [Candle(12, 6, 9), flat(1)])
    expected = {"p": 9, "r1": 12, "r2": 15, "r3": 18, "s1": 6, "s2": 3, "s3": 0}
    assert {name: by_day(formulas, f"pivot_{name}('candles')")[1] for name in expected} == expected
    assert by_day(formulas, "pivot_p('candles')")[0] is None


def test_ichimoku_spans_are_drawn_ahead_and_the_close_stands_where_it_is_known(
    formulas: duckdb.DuckDBPyConnection,
) -> None:
    create_candles(formulas, "candles", [Candle(i + 1.0, i - 1.0, float(i)) for i in range(6)])
    # Half way between the extremes of n bars of this line: i - (n - 1) / 2.
    assert by_day(formulas, "ichimoku_span_a('candles', shift := 2, tenkan := 1, kijun := 3)")[4:] == [1.5, 2.5]
    assert by_day(formulas, "ichimoku_span_b('candles', n := 3, shift := 2)") == [None] * 4 + [1, 2]
    assert by_day(formulas, "ichimoku_chikou('candles', shift := 2)") == [None, None, 2, 3, 4, 5]


def test_levels_by_hand(formulas: duckdb.DuckDBPyConnection) -> None:
    highs = [5, 6, 9, 6, 5, 7, 9.5, 6, 5, 6, 20, 6, 5]
    create_candles(formulas, "candles", [Candle(h, h - 1, h - 0.5) for h in highs])
    # k = 1: swing highs on day 3, 7 and 11, lows on day 5 and 9, each confirmed a day later. The second high is 0.5
    # from the first, less than half an average range (1.7 by then); the third is 10.5 away, more than half of 11.4.
    found = formulas.execute(LEVELS.format("support_resistance('candles', k := 1, n := 2)")).fetchall()
    assert found == [
        ("resistance", 4, 9, 1, 3, 3),
        ("resistance", 8, 9.25, 2, 3, 7),
        ("resistance", 12, 20, 1, 11, 11),
        ("support", 6, 4, 1, 5, 5),
        ("support", 10, 4, 2, 5, 9),
    ]


def test_a_level_holds_nothing_of_its_future(formulas: duckdb.DuckDBPyConnection) -> None:
    highs = [50 + 9 * ((i * i) % 11) + (i % 7) for i in range(120)]
    create_candles(formulas, "candles", [Candle(h, h - 6.0, h - 3.0) for h in highs])
    formulas.execute("create or replace temp table earlier as from candles where ts < '2024-03-01'")
    columns = "kind, confirmed_at, level, touches, pivot_ts, pivot_price, first_pivot_ts, last_pivot_ts"
    whole, cut = (
        formulas.execute(
            f"select {columns} from support_resistance('{bars}', k := 2) where confirmed_at < '2024-03-01' order by all"
        ).fetchall()
        for bars in ("candles", "earlier")
    )
    assert whole == cut
    assert len(cut) > 10
    assert max(touches for _, _, _, touches, *_ in cut) > 2


def test_a_plateau_turns_once_and_a_standstill_never(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [flat(x) for x in (1, 3, 3, 1)])
    found = formulas.execute(LEVELS.format("support_resistance('candles', k := 1)")).fetchall()
    assert found == [("resistance", 4, 3, 1, 3, 3)]
    create_candles(formulas, "candles", [flat(5)] * 30)
    assert formulas.execute("select count(*) from support_resistance('candles')").fetchall() == [(0,)]


def test_a_swing_is_found_over_a_bar_that_is_not_known(formulas: duckdb.DuckDBPyConnection) -> None:
    create_candles(formulas, "candles", [flat(1), flat(3), UNKNOWN, flat(2)])
    found = formulas.execute(LEVELS.format("support_resistance('candles', k := 1)")).fetchall()
    assert found == [("resistance", 4, pytest.approx(3), 1, 2, 2)]
