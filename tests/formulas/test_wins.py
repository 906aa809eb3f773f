"""Wins, losses, stakes and regimes: by hand, closed forms, and what is not known."""

from collections.abc import Callable, Iterator

import duckdb
import pytest

from tests.formulas.small_bars import by_day, by_symbol, create_bars, earned

Value = Callable[[str], object]

MIXED = [0.02, -0.01, 0.0, 0.03, -0.02]


@pytest.fixture(scope="module")
def database(formulas: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with formulas.cursor() as connection:
        connection.execute("set timezone = 'UTC'")
        series = {
            "mixed": earned(MIXED),
            "rising": earned([0.01, 0.02, 0.005]),
            "falling": earned([-0.01, -0.02]),
            "still": [5.0] * 6,
            "single": [7.0],
            "coin": earned([0.1, 0.1, -0.05, 0.1, -0.05]),
        }
        create_bars(connection, "own", series)
        yield connection


@pytest.mark.parametrize(
    ("metric", "mixed", "rising", "falling"),
    [
        ("n_losses", 2, 0, 2),
        ("win_rate", 0.5, 1, 0),  # the bar that stood still is neither
        ("profit_factor", 0.05 / 0.03, None, 0),
        ("payoff_ratio", 0.025 / 0.015, None, None),
        ("gain_to_pain_per_bar", 0.02 / 0.03, None, -1),
        ("omega", 0.05 / 0.03, None, 0),
        ("sortino", 0.004 * 252**0.5 / (0.0005 / 5) ** 0.5, None, -0.015 * 252**0.5 / 0.00025**0.5),
        ("upside_potential_ratio", 0.01 / (0.0005 / 5) ** 0.5, None, 0),
        ("tail_ratio", 0.028 / 0.018, 0.019 / 0.0055, 0.0105 / 0.0195),
        ("kelly_discrete", 0.5 - 0.5 / (5 / 3), None, None),
    ],
)
def test_whole_sample_by_hand(
    database: duckdb.DuckDBPyConnection, metric: str, mixed: float, rising: float | None, falling: float | None
) -> None:
    values = by_symbol(database, f"{metric}('own')")
    for symbol, expected in {"mixed": mixed, "rising": rising, "falling": falling, "single": None}.items():
        assert values[symbol] == (expected if expected is None else pytest.approx(expected, rel=1e-9)), symbol


def test_a_threshold_is_effective_per_year(database: duckdb.DuckDBPyConnection) -> None:
    """1.01^252 - 1 a year is 1 % a bar: of the mixed returns 1 % and 2 % are above, 2 %, 1 % and 3 % below."""
    values = by_symbol(database, f"omega('own', threshold := {1.01**252 - 1})")
    assert values["mixed"] == pytest.approx(0.03 / 0.06, rel=1e-9)


def test_pain_of_the_months(database: duckdb.DuckDBPyConnection) -> None:
    """110 at the end of January, 99 of February (29 days), 108.9 of March: +10 %, -10 %, +10 %."""
    create_bars(database, "year", {"X": [100.0] + [110.0] * 30 + [99.0] * 29 + [108.9] * 31})
    assert by_symbol(database, "gain_to_pain_monthly('year')")["X"] == pytest.approx(0.1 / 0.1, rel=1e-9)
    assert by_symbol(database, "gain_to_pain('year')")["X"] == pytest.approx(1, rel=1e-9)


def test_the_stake_on_a_coin_is_the_closed_form(database: duckdb.DuckDBPyConnection) -> None:
    """Wins of 10 % with probability 3/5, losses of 5 %: p / loss - q / win = 12 - 4."""
    values = by_symbol(database, "kelly_exact_log('own')")
    assert values["coin"] == pytest.approx(0.6 / 0.05 - 0.4 / 0.1, rel=1e-12)
    assert by_symbol(database, "kelly_discrete('own')")["coin"] == pytest.approx(0.6 - 0.4 / 2, rel=1e-9)


def test_stakes_stay_between_their_bounds(database: duckdb.DuckDBPyConnection, value: Value) -> None:
    values = by_symbol(database, "kelly_exact_log('own')")
    assert values["falling"] == pytest.approx(-5, rel=1e-12)
    assert values["rising"] is None and values["still"] is None  # without a loss there is no greatest stake
    assert value("kelly_exact_log_of([0.5, 0.5, -0.1], 0, -0.1, 0.5)") == pytest.approx(
        6, rel=1e-12
    )  # 1 - f/10 = (1 + f/2)/10
    assert value(f"kelly_exact_log_of({[0.5] * 20 + [-0.1]}, 0, -0.1, 0.5)") == pytest.approx(9, rel=1e-12)  # 0.9 / 0.1
    assert value("kelly_exact_log_of([-0.5, -0.5, 0.3], 0, -0.5, 0.3)") == pytest.approx(-2 / 0.9 + 1 / 1.5, rel=1e-12)


def test_small_and_many_returns_make_the_stakes_agree(value: Value) -> None:
    sample = "list(0.00001 + 0.001 * sin(i * i)) as x from range(5000) t(i)"
    exact = value(f"kelly_exact_log_of(x, 0, list_min(x), list_max(x)) from (select {sample})")
    simple = value(f"kelly_continuous_of(list_avg(x), list_stddev_samp(x)) from (select {sample})")
    assert exact == pytest.approx(simple, rel=1e-3)


def test_steady_growth_is_steady_and_has_no_stake(database: duckdb.DuckDBPyConnection) -> None:
    create_bars(database, "steady", {"X": [100 * 1.001**day for day in range(50)]})
    assert by_symbol(database, "stability('steady')")["X"] == pytest.approx(1, rel=1e-12)
    assert by_symbol(database, "kelly_continuous('steady')")["X"] is None
    assert by_symbol(database, "sharpe('steady')")["X"] is None  # 1.3e14 by the rounding of the prices
    assert by_symbol(database, "stability('own')")["still"] is None


def test_a_place_among_equals_is_their_mean(value: Value) -> None:
    """scipy.stats.rankdata([1, 2, 2, 3]) / 4."""
    assert value("[mid_rank_share(x, [1, 2, 2, 3]) for x in [1, 2, 3]]") == [0.25, 0.625, 1.0]
    assert value("mid_rank_share(1, [1])") is None


def test_a_regime_is_left_later_than_it_was_entered(value: Value) -> None:
    path = [0.5, 0.8, 0.7, 0.6, 0.59, 0.7, 0.2, 0.3, 0.4, 0.41, 0.3, 0.9, 0.1]
    high = "held_state(p >= 0.8, p < 0.6, 1, i)"
    low = "held_state(p <= 0.2, p > 0.4, 1, i)"
    rows = f"(select {high} - {low} as state, i from (select unnest({path}) as p, unnest(range(13)) as i))"
    assert value(f"list(state order by i) from {rows}") == [0, 1, 1, 1, 0, 0, -1, -1, -1, 0, 0, 1, -1]


def test_regimes_of_calm_and_storm(database: duckdb.DuckDBPyConnection) -> None:
    """Forty bars of 1 %, forty of 5 %, forty of 0.1 %, up and down in turn, ranked among the last thirty."""
    sizes = [0.01] * 40 + [0.05] * 40 + [0.001] * 40
    create_bars(database, "weather", {"X": earned([size * (-1) ** day for day, size in enumerate(sizes)])})
    places = by_day(database, "vol_percentile('weather', n := 5, lookback := 30)")
    states = by_day(database, "vol_regime('weather', n := 5, lookback := 30)")
    assert [place is None for place in places] == [state is None for state in states] == [True] * 34 + [False] * 87
    assert places[45] == 1.0 and states[45] == 1
    assert places[85] == pytest.approx(1 / 30, abs=1e-12) and states[85] == -1
