"""Value at risk, expected shortfall and their back-tests: by hand, published, refused, and laws."""

from collections.abc import Callable, Iterator
from math import exp, log, pi, sqrt

import duckdb
import pytest

from tests.formulas.small_bars import by_day, by_symbol, create_bars, earned

Value = Callable[[str], object]

Z95 = 1.6448536269514722  # scipy.stats.norm.ppf(0.95)
RETURNS = [0.01, -0.03, 0.02, -0.01, 0.0, 0.04, -0.02, 0.03, -0.04, 0.05]


@pytest.fixture(scope="module")
def database(formulas: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with formulas.cursor() as connection:
        connection.execute("set timezone = 'UTC'")
        create_bars(connection, "ten", {"X": earned(RETURNS)})
        create_bars(connection, "still", {"X": [5.0] * 40})
        yield connection


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("var_historical('ten', confidence := 0.8)", -0.022),  # 0.8 of the way from -0.03 to -0.02, type 7
        ("es_historical('ten', confidence := 0.8)", -0.035),  # -0.04 and -0.03
        ("var_parametric('ten', confidence := 0.95)", 0.005 - Z95 * sqrt(0.00825 / 9)),
        (
            "es_parametric('ten', confidence := 0.95)",
            0.005 - sqrt(0.00825 / 9) * exp(-Z95 * Z95 / 2) / sqrt(2 * pi) / 0.05,
        ),
    ],
)
def test_whole_sample_by_hand(database: duckdb.DuckDBPyConnection, metric: str, expected: float) -> None:
    assert by_symbol(database, metric)["X"] == pytest.approx(expected, rel=1e-12)


def test_rolling_value_at_risk_leaves_the_bar_itself_out(database: duckdb.DuckDBPyConnection) -> None:
    values = by_day(database, "var_historical_rolling('ten', confidence := 0.75, n := 5)")
    assert values[:6] == [None] * 6
    # of the five returns before: 0.01, -0.03, 0.02, -0.01, 0.0; then the same five, one later
    assert values[6:8] == pytest.approx([-0.01, -0.01])
    included = by_day(database, "var_historical_rolling('ten', confidence := 0.75, n := 5, lag := 0)")
    assert included[5:-1] == pytest.approx(values[6:])
    shortfalls = by_day(database, "es_historical_rolling('ten', confidence := 0.75, n := 5)")
    assert shortfalls[6] == pytest.approx(-0.02)  # mean of -0.03 and -0.01


def test_ewma_value_at_risk_was_known_before_the_bar(database: duckdb.DuckDBPyConnection) -> None:
    values = by_day(database, "var_ewma('ten', confidence := 0.95, lam := 0.5)")
    variance = [0.0001, 0.0005, 0.00045]  # 0.01^2, then half of that and half of 0.03^2, and so on
    assert values[:2] == [None, None]
    assert values[2:5] == pytest.approx([-Z95 * sqrt(v) for v in variance], rel=1e-12)


def test_filtered_simulation_is_history_in_units_of_volatility(database: duckdb.DuckDBPyConnection) -> None:
    values = by_day(database, "var_filtered_historical('ten', confidence := 0.5, n := 2, lam := 0.5)")
    assert values[:4] == [None] * 4
    shocks = (-0.03 / sqrt(0.0001), 0.02 / sqrt(0.0005))
    assert values[4] == pytest.approx(sqrt(0.00045) * sum(shocks) / 2, rel=1e-12)


def test_cornish_fisher_is_normal_without_skewness_and_kurtosis(value: Value) -> None:
    assert value("var_cornish_fisher_of(0.001, 0.02, 0, 0, 0.99)") == value("var_parametric_of(0.001, 0.02, 0.99)")
    assert value("es_cornish_fisher_of(0.001, 0.02, 0, 0, 0.99)") == value("es_parametric_of(0.001, 0.02, 0.99)")


def test_cornish_fisher_shortfall_is_the_mean_of_its_quantiles(value: Value) -> None:
    """Midpoint rule over the tail: (1 / 0.05) times the integral of the quantile from 0 to 0.05."""
    quantiles = "(select cornish_fisher_z(normal_quantile((i + 0.5) / 200000), -0.3, 1.2) as z from range(10000) t(i))"
    mean = value(f"avg(z) from {quantiles}")
    assert value("es_cornish_fisher_of(0, 1, -0.3, 1.2, 0.95)") == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize(("skew", "kurtosis"), [(0.0, 9.0), (1.0, 1.0), (-0.3, 0.05), (0.5, 0.0)])
def test_cornish_fisher_is_not_known_where_it_is_no_distribution(value: Value, skew: float, kurtosis: float) -> None:
    """There the expansion falls somewhere: the definition, checked on a grid."""
    grid = f"(select cornish_fisher_z(i / 100, {skew}, {kurtosis}) as z, i from range(-2000, 2001) t(i))"
    assert value(f"bool_or(step < 0) from (select z - lag(z) over (order by i) as step from {grid})") is True
    assert value(f"var_cornish_fisher_of(0, 1, {skew}, {kurtosis}, 0.95)") is None


@pytest.mark.parametrize("confidence", ["95", "1.0", "0", "-0.5", "null"])
@pytest.mark.parametrize(
    "metric", ["var_historical", "es_historical", "var_parametric", "es_parametric", "var_cornish_fisher", "var_ewma",
               "es_cornish_fisher", "var_historical_rolling", "var_filtered_historical", "var_backtest", "cdar",
               "sharpe_low", "min_track_record_length", "basel_zone"]
)  # fmt: skip
def test_a_confidence_that_is_no_share_is_refused(
    database: duckdb.DuckDBPyConnection, metric: str, confidence: str
) -> None:
    with pytest.raises(duckdb.Error, match="confidence must lie between 0 and 1"):
        database.execute(f"from {metric}('ten', confidence := {confidence})").fetchall()


@pytest.mark.parametrize(
    ("exceptions", "forecasts", "confidence", "expected"),
    [
        (0, 250, 0.99, -2 * 250 * log(0.99)),
        (250, 250, 0.99, -2 * 250 * log(0.01)),
        (5, 100, 0.95, 0),
        (8, 100, 0.95, 2 * (92 * log(0.92 / 0.95) + 8 * log(0.08 / 0.05))),
    ],
)
def test_kupiec_by_hand(value: Value, exceptions: int, forecasts: int, confidence: float, expected: float) -> None:
    ratio = value(f"kupiec_lr_of({exceptions}, {forecasts}, {confidence})")
    assert ratio == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_christoffersen_by_hand(value: Value) -> None:
    apart, together = "christoffersen_ind_lr_of(90, 5, 5, 0)", "christoffersen_ind_lr_of(93, 2, 2, 3)"
    free = 90 * log(90 / 95) + 5 * log(5 / 95)
    assert value(apart) == pytest.approx(2 * (free - 95 * log(0.95) - 5 * log(0.05)), rel=1e-12)
    assert value(f"{together} > {apart}") is True
    assert value("christoffersen_ind_lr_of(100, 0, 0, 0)") == 0
    assert value("christoffersen_ind_lr_of(0, 0, 0, 0)") is None
    assert value("kupiec_lr_of(0, 0, 0.95)") is None


def test_traffic_light_of_basel(value: Value) -> None:
    """The table of the Basel Committee (1996): green to 4, yellow to 9, red from 10 on."""
    assert value("list(basel_zone_of(x) order by x) from range(12) t(x)") == [0] * 5 + [1] * 5 + [2] * 2
    assert value("basel_zone_of(null)") is None


def test_the_light_is_of_the_newest_forecasts_across_a_bar_without_a_price(database: duckdb.DuckDBPyConnection) -> None:
    # Ten returns that rise, a bar without a price, seven that fall faster and faster: the last five have a forecast.
    prices = earned([*(0.01 + 0.001 * day for day in range(10)), 0.0, *(-0.01 * day for day in range(1, 8))])
    create_bars(database, "broken", {"X": [None if day == 11 else price for day, price in enumerate(prices)]})
    assert by_symbol(database, "basel_zone('broken', n := 2, lookback := 6)") == {"X": 1}
    assert by_symbol(database, "basel_zone('broken', n := 2, lookback := 60)") == {"X": None}


def test_a_back_test_counts_what_fell_below_the_forecast(database: duckdb.DuckDBPyConnection) -> None:
    row = database.execute(
        "select forecasts, exceptions, expected_exceptions, low_power, es_backtest_z2 "
        "from var_backtest('ten', confidence := 0.75, n := 5)"
    ).fetchone()
    # forecasts for the last five returns: 0.04, -0.02, 0.03, -0.04, 0.05. -0.02 fell below -0.01 (shortfall -0.02),
    # -0.04 below -0.01 (-0.01, 0.0, 0.04, -0.02, 0.03 before it, shortfall -0.015)
    assert row is not None
    assert row[:4] == (5, 2, 1.25, False)
    assert row[4] == pytest.approx(1 - (0.02 / 0.02 + 0.04 / 0.015) / 1.25)
    pairs = database.execute("select n00, n01, n10, n11 from var_hits('ten', 0.75, 5)").fetchall()
    assert pairs == [(0, 2, 2, 0)]  # each exception stands between two bars without one


def test_a_back_test_of_nothing_says_nothing(database: duckdb.DuckDBPyConnection) -> None:
    row = database.execute(
        "select * exclude (source, symbol, interval, confidence_level, expected_exceptions) "
        "from var_backtest('ten', n := 50)"
    ).fetchone()
    assert row == (0, *[None] * 9)  # forecasts, and all that would be said of them


def test_one_exception_or_none_has_no_power(database: duckdb.DuckDBPyConnection) -> None:
    row = database.execute("select exceptions, christoffersen_ind_lr, low_power from var_backtest('still', n := 20)")
    assert row.fetchall() == [(0, 0, True)]


def test_shortfall_is_never_better_than_value_at_risk(database: duckdb.DuckDBPyConnection) -> None:
    for kind in ("historical", "parametric"):
        tail, edge = (by_symbol(database, f"{what}_{kind}('ten', confidence := 0.9)")["X"] for what in ("es", "var"))
        assert tail is not None and edge is not None and tail <= edge


def test_constant_prices_risk_nothing(database: duckdb.DuckDBPyConnection) -> None:
    for metric in ("var_historical", "es_historical", "var_parametric", "es_parametric"):
        assert by_symbol(database, f"{metric}('still')")["X"] == 0
    assert by_symbol(database, "var_cornish_fisher('still')")["X"] is None
