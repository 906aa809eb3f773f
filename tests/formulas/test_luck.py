"""Whether a Sharpe ratio is luck: the papers' own examples, and what the interval and the tests must obey."""

from collections.abc import Callable, Iterator
from math import sqrt

import duckdb
import pytest

from tests.formulas.small_bars import by_symbol, create_bars, earned

Value = Callable[[str], object]


@pytest.fixture(scope="module")
def database(formulas: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with formulas.cursor() as connection:
        wave = [0.002 + 0.01 * (-1) ** day + 0.005 * (day % 5 - 2) for day in range(60)]
        swing = [0.001 + 0.01 * (-1) ** (day // 3) for day in range(60)]
        create_bars(connection, "own", {"wave": earned(wave), "swing": earned(swing), "still": [5.0] * 20})
        yield connection


def test_deflated_sharpe_of_the_paper(value: Value) -> None:
    """Bailey and Lopez de Prado (2014), p. 99: 2.5 a year from 1,250 days, the best of 100; variance 1/2 a year."""
    luck = value("expected_best_sharpe(100, 0.5 / 250)")
    assert luck == pytest.approx(0.1132, abs=5e-5)
    assert value(f"probabilistic_sharpe_of(2.5 / sqrt(250), {luck}, 1250, -3, 10)") == pytest.approx(0.9004, abs=5e-5)


@pytest.mark.parametrize(("ppy", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_track_record_of_the_paper(value: Value, ppy: int, years: float) -> None:
    """Bailey and Lopez de Prado (2012), p. 17: normal returns, 2 against 1 a year at 95 %."""
    bars = value(f"min_track_record_length_of(2 / sqrt({ppy}), 1 / sqrt({ppy}), 0.95, 0, 3)")
    assert isinstance(bars, float)
    assert bars / ppy == pytest.approx(years, abs=0.006)


def test_after_its_minimum_length_a_record_is_as_sure_as_asked(value: Value) -> None:
    length = value("min_track_record_length_of(0.1, 0.02, 0.9, -0.5, 6)")
    assert value(f"probabilistic_sharpe_of(0.1, 0.02, {length}, -0.5, 6)") == pytest.approx(0.9, rel=1e-12)


def test_a_ratio_that_is_not_above_has_no_minimum_length(value: Value) -> None:
    assert value("min_track_record_length_of(0.1, 0.1, 0.95, 0, 3)") is None
    assert value("min_track_record_length_of(-0.1, 0, 0.95, 0, 3)") is None


def test_the_best_of_one_is_no_luck_and_more_trials_are_more(value: Value) -> None:
    assert value("expected_best_sharpe(1, 0.01)") == 0
    assert value("expected_best_sharpe(10, -0.01)") is None
    assert value("expected_best_sharpe(10, 0.01) < expected_best_sharpe(100, 0.01)") is True


def test_one_trial_deflates_nothing(database: duckdb.DuckDBPyConnection) -> None:
    single = by_symbol(database, "deflated_sharpe('own', trials := 1)")
    assert single == by_symbol(database, "probabilistic_sharpe('own')")
    assert single["wave"] > by_symbol(database, "deflated_sharpe('own', trials := 50)")["wave"]  # type: ignore[operator]


def test_the_interval_holds_the_ratio_and_grows_with_confidence(database: duckdb.DuckDBPyConnection) -> None:
    ratio, error = (by_symbol(database, f"{metric}('own', rf := 0.02)")["wave"] for metric in ("sharpe", "sharpe_se"))
    low, high = (by_symbol(database, f"sharpe_{end}('own', rf := 0.02)")["wave"] for end in ("low", "high"))
    assert ratio is not None and error is not None and low is not None and high is not None
    assert (low + high) / 2 == pytest.approx(ratio)
    assert (high - low) / 2 == pytest.approx(1.959963984540054 * error)  # scipy.stats.norm.ppf(0.975)
    wider = by_symbol(database, "sharpe_low('own', rf := 0.02, confidence := 0.99)")["wave"]
    assert wider is not None and wider < low


def test_without_autocorrelation_lo_annualises_as_usual(value: Value, database: duckdb.DuckDBPyConnection) -> None:
    assert value("sharpe_lo_adjusted_of(0.1, [0.0, 0.0], 252)") == pytest.approx(0.1 * sqrt(252))
    # two bars a year, correlated by 0.5: their sum varies 2 + 2 * 0.5 times as much as one
    assert value("sharpe_lo_adjusted_of(0.1, [0.5, 0.9], 2)") == pytest.approx(0.1 * 2 / sqrt(3))
    assert value("sharpe_lo_adjusted_of(0.1, [-0.9], 252)") is None


def test_trends_make_a_ratio_less_and_reversals_more(database: duckdb.DuckDBPyConnection) -> None:
    adjusted, plain = (by_symbol(database, f"{metric}('own')") for metric in ("sharpe_lo_adjusted", "sharpe"))
    one = by_symbol(database, "sharpe_lo_adjusted('own', lags := 1)")
    assert one["swing"] < plain["swing"]  # type: ignore[operator]
    assert adjusted["still"] is None


@pytest.mark.parametrize(
    "metric", ["sharpe", "sharpe_se", "sharpe_low", "sharpe_high", "probabilistic_sharpe", "deflated_sharpe",
               "min_track_record_length", "sharpe_lo_adjusted"]
)  # fmt: skip
def test_constant_prices_have_no_ratio(database: duckdb.DuckDBPyConnection, metric: str) -> None:
    assert by_symbol(database, f"{metric}('own')")["still"] is None
