"""Drawdowns by hand, on a path that falls by half twice, comes back once, and is back at its peak to the cent."""

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from tests.formulas.small_bars import by_day, by_symbol, create_bars

#        0    1   2   3    4    5   6   7   8    bars
PATH = [100, 120, 60, 90, 120, 150, 75, 90, 120]


@pytest.fixture(scope="module")
def database(formulas: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with formulas.cursor() as connection:
        connection.execute("set timezone = 'UTC'")
        create_bars(connection, "path", {"X": PATH})
        create_bars(
            connection,
            "odd",
            {
                "still": [5.0] * 9,
                "rising": [1.0, 2.0, 3.0],
                "single": [7.0],
                "lost": [10.0, 20.0, 0.0, 5.0, 30.0],
                "hole": [100, 50, None, 75, 100],
                "first": [100, 50, 75],
                "unpriced": [None, None],
            },
        )
        yield connection


def day(number: int) -> datetime:
    return datetime(2024, 1, 1 + number, tzinfo=UTC)


def test_drawdown_is_the_distance_from_the_highest_so_far(database: duckdb.DuckDBPyConnection) -> None:
    assert by_day(database, "drawdown('path')") == pytest.approx([0, 0, -0.5, -0.25, 0, 0, -0.5, -0.4, -0.2])


def test_episodes_say_peak_trough_and_recovery_and_the_deepest_comes_first(database: duckdb.DuckDBPyConnection) -> None:
    columns = "peak, trough, recovery, depth, bars_to_trough, bars_to_recover, bars_underwater, calendar_days, rank"
    rows = database.execute(f"select {columns} from drawdown_episodes('path') order by rank").fetchall()
    assert rows == [  # equal depths: the earlier one first
        (day(1), day(2), day(4), -0.5, 1, 2, 2, 3.0, 1),
        (day(5), day(6), None, -0.5, 1, None, 3, None, 2),
    ]


def test_calendar_days_are_whole_where_the_clocks_change(database: duckdb.DuckDBPyConnection) -> None:
    # New York puts its clocks forward on 10 March 2024: midnight is 05:00 UTC before and 04:00 after
    database.execute(
        "create or replace temp table spring as select 's' as source, 'X' as symbol, '1d' as interval, "
        "timezone('America/New_York', unnest([timestamp '2024-03-08', '2024-03-11', '2024-03-12'])) as ts, "
        "unnest([2.0::double, 1, 2]) as adj_close"
    )
    assert database.execute("select calendar_days from drawdown_episodes('spring')").fetchall() == [(4,)]


def test_a_first_loss_falls_from_the_first_bar(database: duckdb.DuckDBPyConnection) -> None:
    row = database.execute("select peak, bars_to_trough from drawdown_episodes('odd') where symbol = 'first'")
    assert row.fetchall() == [(day(0), 1)]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("max_drawdown('path')", -0.5),
        ("avg_drawdown('path')", -0.5),
        ("max_drawdown_duration_bars('path')", 3),
        ("pain_index('path')", (0.5 + 0.25 + 0.5 + 0.4 + 0.2) / 8),  # eight returns
        ("ulcer_index('path')", ((0.25 + 0.0625 + 0.25 + 0.16 + 0.04) / 8) ** 0.5),
        ("cdar('path', confidence := 0.75)", -0.5),  # the worst two of eight
        ("cdar('path', confidence := 0.7)", -(2 * 0.5 + 0.4 * 0.4) / 2.4),  # and four tenths of the third
        ("calmar('path', ppy := 8)", 0.2 / 0.5),  # 20 % in eight bars, a year
        ("martin_ratio('path', rf := 0.1, ppy := 8)", 0.1 / ((0.25 + 0.0625 + 0.25 + 0.16 + 0.04) / 8) ** 0.5),
    ],
)
def test_whole_sample_by_hand(database: duckdb.DuckDBPyConnection, metric: str, expected: float) -> None:
    assert by_symbol(database, metric)["X"] == pytest.approx(expected, rel=1e-12)


def test_calmar_of_the_last_months_forgets_what_came_before(database: duckdb.DuckDBPyConnection) -> None:
    create_bars(database, "years", {"X": [100.0, 10.0] + [100.0] * 60 + [200.0, 150.0]}, ppy=12)
    kept = by_symbol(database, "calmar('years', months := 1)")["X"]  # from 4 February on: 29 returns, 100 to 150
    assert kept == pytest.approx((1.5 ** (12 / 29) - 1) / 0.25, rel=1e-12)
    assert by_symbol(database, "max_drawdown('years')")["X"] == pytest.approx(-0.9)


def test_a_total_loss_is_never_recovered(database: duckdb.DuckDBPyConnection) -> None:
    values = database.execute("select value from drawdown('odd') where symbol = 'lost' order by ts").fetchall()
    assert [value for (value,) in values] == [0, 0, -1, -1, -1]
    rows = database.execute("select depth, recovery from drawdown_episodes('odd') where symbol = 'lost'").fetchall()
    assert rows == [(-1, None)]


def test_a_bar_without_a_price_is_no_bar_of_an_episode(database: duckdb.DuckDBPyConnection) -> None:
    values = database.execute("select value from drawdown('odd') where symbol = 'hole' order by ts").fetchall()
    assert [value for (value,) in values] == [0, -0.5, None, -0.25, 0]
    rows = database.execute(
        "select bars_to_recover, bars_underwater, calendar_days from drawdown_episodes('odd') where symbol = 'hole'"
    ).fetchall()
    assert rows == [(2, 2, 4)]


@pytest.mark.parametrize(
    ("metric", "still", "single", "unpriced"),
    [
        ("max_drawdown", 0, 0, None),
        ("max_drawdown_duration_bars", 0, None, None),
        ("avg_drawdown", None, None, None),
        ("ulcer_index", 0, None, None),
        ("pain_index", 0, None, None),
        ("cdar", 0, None, None),
        ("calmar", None, None, None),
        ("martin_ratio", None, None, None),
    ],
)
def test_without_a_loss_or_a_return(
    database: duckdb.DuckDBPyConnection,
    metric: str,
    still: float | None,
    single: float | None,
    unpriced: float | None,
) -> None:
    values = by_symbol(database, f"{metric}('odd')")
    assert len(values) == 7
    assert (values["still"], values["single"], values["unpriced"]) == (still, single, unpriced)
    assert values["rising"] == still


def test_rounding_leaves_nobody_underwater(database: duckdb.DuckDBPyConnection) -> None:
    path = [1.0]
    for step in range(300):
        path.append(path[-1] * 1.07 if step % 2 else path[-1] / 1.07)
    create_bars(database, "swings", {"X": path})
    rows = database.execute("select count(*), max(bars_underwater) from drawdown_episodes('swings')").fetchone()
    assert rows == (150, 1)
