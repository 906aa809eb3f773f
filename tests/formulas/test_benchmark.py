"""A series beside its benchmark: by hand, against NumPy, and where one of them is missing or stands still."""

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt

import duckdb
import numpy as np
import pytest

from tests.formulas.small_bars import Prices, by_day, by_symbol, create_bars, earned

MARKET = [0.01, -0.02, 0.03, -0.01, 0.02, 0.0, -0.03, 0.01]
RESIDUALS = [0.001, -0.002, 0.001, 0.003, -0.001, 0.0, -0.004, 0.002]
OWN = [0.0005 + 1.5 * m + e for m, e in zip(MARKET, RESIDUALS, strict=True)]
BOTH_RELATIONS = (
    "correlation beta jensen_alpha alpha_geometric r_squared idiosyncratic_vol appraisal_ratio alpha_t_hac "
    "tracking_error information_ratio treynor m2 m2_alpha up_capture down_capture batting_average"
).split()


@pytest.fixture(scope="module")
def database(formulas: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with formulas.cursor() as connection:
        connection.execute("set timezone = 'UTC'")
        market = earned(MARKET, 50)
        holed = [price if day != 4 else None for day, price in enumerate(earned(OWN))]
        series: dict[str, Prices] = {
            "X": earned(OWN),
            "still": [5.0] * 9,
            "steady": [100 * 1.001**day for day in range(9)],
            "hole": holed,
            "single": [7.0],
        }
        create_bars(connection, "own", series)
        create_bars(connection, "market", dict.fromkeys(series, market))
        create_bars(connection, "flat", dict.fromkeys(series, [3.0] * 9))
        yield connection


def line() -> tuple[float, float, np.ndarray, np.ndarray]:
    """Intercept, slope, design and residuals of the least-squares line, by NumPy."""
    design = np.column_stack([np.ones(8), MARKET])
    alpha, beta = np.linalg.lstsq(design, np.array(OWN), rcond=None)[0]
    return alpha, beta, design, np.array(OWN) - design @ [alpha, beta]


def test_line_and_what_follows_from_it_equal_numpy(database: duckdb.DuckDBPyConnection) -> None:
    alpha, beta, _, residuals = line()
    own, market = np.array(OWN), np.array(MARKET)
    spread = sqrt(float(residuals @ residuals) / 6)
    active = own - market
    expected = {
        "beta": beta,
        "jensen_alpha": alpha * 252,
        "alpha_geometric": (1 + alpha) ** 252 - 1,
        "correlation": np.corrcoef(own, market)[0, 1],
        "r_squared": np.corrcoef(own, market)[0, 1] ** 2,
        "idiosyncratic_vol": spread * sqrt(252),
        "appraisal_ratio": alpha / spread * sqrt(252),
        "tracking_error": active.std(ddof=1) * sqrt(252),
        "information_ratio": active.mean() / active.std(ddof=1) * sqrt(252),
        "treynor": own.mean() * 252 / beta,
        "m2": own.mean() / own.std(ddof=1) * market.std(ddof=1) * 252,
        "m2_alpha": (own.mean() / own.std(ddof=1) * market.std(ddof=1) - market.mean()) * 252,
        "batting_average": 5 / 8,  # bars 1, 3, 5, 6 and 8
    }
    ours = {metric: by_symbol(database, f"{metric}('own', 'market')")["X"] for metric in expected}
    assert ours == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("lags", [0, 2])
def test_robust_t_value_is_the_sandwich_of_newey_and_west(database: duckdb.DuckDBPyConnection, lags: int) -> None:
    alpha, _, design, residuals = line()
    scores = design * residuals[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    bread = np.linalg.inv(design.T @ design)
    expected = alpha / sqrt((bread @ meat @ bread)[0, 0])
    ours = by_symbol(database, f"alpha_t_hac('own', 'market', lags := {lags})")["X"]
    assert ours == pytest.approx(expected, rel=1e-10)


def test_captures_are_ratios_of_geometric_means(database: duckdb.DuckDBPyConnection) -> None:
    for metric, sign in (("up_capture", 1), ("down_capture", -1)):
        kept = [pair for pair in zip(OWN, MARKET, strict=True) if pair[1] * sign > 0]
        own, market = (np.prod([1 + r for r in side]) ** (1 / len(kept)) - 1 for side in zip(*kept, strict=True))
        assert by_symbol(database, f"{metric}('own', 'market')")["X"] == pytest.approx(own / market, rel=1e-12)


def test_a_series_is_its_own_benchmark(database: duckdb.DuckDBPyConnection) -> None:
    expected = {"beta": 1, "correlation": 1, "r_squared": 1, "tracking_error": 0, "idiosyncratic_vol": 0,
                "batting_average": 0, "up_capture": 1, "down_capture": 1, "m2_alpha": 0, "jensen_alpha": 0}  # fmt: skip
    ours = {metric: by_symbol(database, f"{metric}('own', 'own')")["X"] for metric in expected}
    assert ours == pytest.approx(expected, abs=1e-12)
    for unknown in ("information_ratio", "appraisal_ratio", "alpha_t_hac"):
        assert by_symbol(database, f"{unknown}('own', 'own')")["X"] is None


@pytest.mark.parametrize("metric", BOTH_RELATIONS)
def test_one_row_and_what_stands_still_have_no_line(database: duckdb.DuckDBPyConnection, metric: str) -> None:
    moving = by_symbol(database, f"{metric}('own', 'market')")
    assert moving["single"] is None
    if metric in ("tracking_error", "information_ratio", "up_capture", "down_capture", "batting_average"):
        return  # a constant series has these: it is behind, or ahead
    assert moving["still"] is None
    assert moving["steady"] is None  # 0.1 % a bar: its returns differ by the rounding of the prices alone
    if metric not in ("m2", "m2_alpha"):
        assert by_symbol(database, f"{metric}('own', 'flat')")["X"] is None


def test_a_missing_price_is_skipped_on_both_sides(database: duckdb.DuckDBPyConnection) -> None:
    """The return over the hole spans two bars of the series, and then of the benchmark as well."""
    own, market = earned(OWN), earned(MARKET, 50)
    kept = [day for day in range(9) if day != 4]
    steps = [(own[b] / own[a] - 1, market[b] / market[a] - 1) for a, b in pairwise(kept)]
    expected = np.corrcoef(np.array(steps).T)[0, 1]
    assert by_symbol(database, "correlation('own', 'market')")["hole"] == pytest.approx(expected, rel=1e-12)
    swapped = by_symbol(database, "correlation('market', 'own')")["hole"]
    assert swapped == pytest.approx(expected, rel=1e-12)


def test_prices_are_joined_before_returns_are_computed(database: duckdb.DuckDBPyConnection) -> None:
    """A benchmark that lacks a day: no bar of ours stands for two of its own."""
    database.execute("create or replace temp table fewer as from market where ts <> '2024-01-05'")
    ours = by_symbol(database, "beta('own', 'fewer')")["X"]
    assert ours == pytest.approx(by_symbol(database, "beta('own', 'market')")["hole"], rel=1e-12)
    database.execute("create or replace temp table one as from own where symbol = 'X'")
    values = by_day(database, "rolling_beta('one', 'fewer', n := 3)")
    assert len(values) == 9
    assert [value is None for value in values] == [True] * 3 + [False, True] + [False] * 4


def test_trailing_lines_equal_numpy_and_settle_after_n_returns(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create or replace temp table one as from own where symbol = 'X'")
    betas = by_day(database, "rolling_beta('one', 'market', n := 4)")
    correlations = by_day(database, "rolling_correlation('one', 'market', n := 4)")
    assert betas[:4] == correlations[:4] == [None] * 4
    for last in range(4, 9):
        own, market = np.array(OWN[last - 4 : last]), np.array(MARKET[last - 4 : last])
        assert betas[last] == pytest.approx(np.cov(own, market)[0, 1] / market.var(ddof=1), rel=1e-9)
        assert correlations[last] == pytest.approx(np.corrcoef(own, market)[0, 1], rel=1e-9)


def test_a_window_in_which_either_stands_still_has_no_line(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create or replace temp table steady as from own where symbol = 'steady'")
    for metric in ("rolling_beta", "rolling_correlation"):
        assert set(by_day(database, f"{metric}('steady', 'market', n := 4)")) == {None}
