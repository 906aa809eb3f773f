"""Trailing figures, the calendar, volatility and dependence: each number and point is that of the build."""

import math
from collections import defaultdict

import pytest

from dashboard.charts.risk.volatility import ESTIMATORS
from tests.dashboard.risk.shown import Ask, See, drawn, lines, record, tiles

TRAILING = ("rolling_sharpe", "realized_vol", "rolling_beta")
DAYS = "select ts, {columns} from serving.metrics where symbol = $symbol and interval = '1d'"


def test_trailing_lines_are_the_stored_metrics_with_their_extremes(see: See, ask: Ask) -> None:
    shown = drawn(see("Rolling"), "ts", *TRAILING)
    of = {ts: values for ts, *values in ask(DAYS.format(columns=", ".join(TRAILING)))}
    assert [[row[name] for name in TRAILING] for row in shown] == [of[row["ts"]] for row in shown]
    for place, name in enumerate(TRAILING):
        known = [values[place] for values in of.values() if values[place] is not None]
        drawn_values = [row[name] for row in shown if row[name] is not None]
        assert (min(drawn_values), max(drawn_values)) == (min(known), max(known))


def test_dashed_lines_are_the_whole_sample(see: See, ask: Ask) -> None:
    (shown,) = drawn(see("Rolling"), "annual_vol")
    risk = record(ask, "serving.latest_risk")
    assert shown == {name: risk[name] for name in ("sharpe", "annual_vol", "beta")}


def test_figures_above_the_trailing_lines_are_the_newest(see: See, ask: Ask) -> None:
    ((sharpe, volatility, beta),) = ask(
        DAYS.format(columns=", ".join(TRAILING)).replace("ts,", "") + " order by ts desc limit 1"
    )
    shown = tiles(see("Rolling"))
    assert [shown[name][0] for name in TRAILING] == [f"{sharpe:.2f}", f"{volatility:.2%}", f"{beta:.2f}"]


def test_each_month_is_a_cell_and_each_year_compounds_them(see: See, ask: Ask) -> None:
    cells = drawn(see("Calendar"), "period_return", "greatest_move")
    expected = ask(
        "select year(month_on), month(month_on), monthly_return from serving.monthly_returns where symbol = $symbol"
    )
    months = {(row["year"], row["period"]): row["period_return"] for row in cells if row["period"] <= 12}
    assert months == {(year, month): value for year, month, value in expected}
    years = {row["year"]: row["period_return"] for row in cells if row["period"] == 13}
    for year, total in years.items():
        compounded = math.prod(1 + value for of, _, value in expected if of == year) - 1
        assert total == pytest.approx(compounded, rel=1e-12)
    assert {row["greatest_move"] for row in cells} == {max(abs(value) for *_, value in expected)}
    assert len(cells) == len(months) + len({year for year, *_ in expected})


@pytest.mark.parametrize(("period", "count"), [("month", 12), ("weekday", 5)])
def test_seasons_are_the_stored_ones(period: str, count: int, see: See, ask: Ask) -> None:
    columns = ("period_value", "mean_return", "median_return", "deviation", "season_win_rate", "t_stat", "n_obs")
    expected = ask(
        f"select {', '.join(columns)} from serving.seasonality "
        f"where symbol = $symbol and interval = '1d' and period = '{period}' order by period_value"
    )
    page = see("Calendar", {f"expander_{period}s_of_NVDA": True})
    (table,) = [table.value for table in page.dataframe if "t_stat" in table.value]
    assert [tuple(row) for row in table[list(columns)].itertuples(index=False)] == expected
    assert len(expected) == count


def test_estimators_are_the_stored_metrics_with_their_extremes(see: See, ask: Ask) -> None:
    shown: dict[str, dict[object, float]] = defaultdict(dict)
    for row in drawn(see("Volatility"), "ts", "series", "value"):
        shown[row["series"]][row["ts"]] = row["value"]
    assert set(shown) == set(ESTIMATORS)
    stored = ask(DAYS.format(columns=", ".join(ESTIMATORS)))
    for place, name in enumerate(ESTIMATORS, start=1):
        known = {row[0]: row[place] for row in stored if row[place] is not None}
        assert shown[name].items() <= known.items()
        assert {min(known), max(known)} <= set(shown[name])
        assert {min(known.values()), max(known.values())} <= set(shown[name].values())


def test_newest_estimates_are_the_newest_rows(see: See, ask: Ask) -> None:
    shown = tiles(see("Volatility"))
    for name in shown:
        ((value,),) = ask(
            f"select {name} from serving.metrics where symbol = $symbol and interval = '1d' order by ts desc limit 1"
        )
        assert shown[name] == (f"{value:.2%}", "")
    assert set(shown) == set(ESTIMATORS) - {"garch11_vol"}


def test_the_cone_is_the_stored_one(see: See, ask: Ask) -> None:
    expected = ask(
        "select window_bars, least_vol, lower_vol, median_vol, upper_vol, greatest_vol, newest_vol "
        "from serving.volatility_cones where symbol = $symbol and interval = '1d' order by window_bars"
    )
    assert [tuple(row.values()) for row in drawn(see("Volatility"), "window_bars")] == expected


def test_the_model_of_volatility_is_the_fitted_one(see: See, ask: Ask) -> None:
    fitted, shown = record(ask, "serving.series_tests", "interval = '1d'"), lines(see("Volatility"))
    assert shown["garch11_persistence"] == [f"{fitted['garch11_persistence']:.4f}"]
    assert shown["garch11_alpha"] == [f"{fitted['garch11_alpha']:.4f}"]
    assert shown["garch11_long_run_vol"] == [f"{fitted['garch11_long_run_vol']:.2%}"]


@pytest.mark.parametrize("interval", ["1d", "1w"])
def test_bars_of_autocorrelation_stand_between_the_bounds_of_chance(interval: str, see: See, ask: Ask) -> None:
    shown = drawn(see("Dependence", interval=interval), "lag", "chance")
    expected = ask(
        "select lag, autocorrelation, partial_autocorrelation from serving.autocorrelations "
        f"where symbol = $symbol and interval = '{interval}' order by lag"
    )
    assert [(row["lag"], row["autocorrelation"], row["partial_autocorrelation"]) for row in shown] == expected
    tests = record(ask, "serving.series_tests", f"interval = '{interval}'")
    # 1.959964 is the normal quantile of 97.5 %, by any table of it.
    chance = 1.959963984540054 / math.sqrt(tests["n_obs"])
    assert [row["chance"] for row in shown] == pytest.approx([chance] * len(expected), rel=1e-14)


@pytest.mark.parametrize("interval", ["1d", "1w"])
def test_tests_of_the_series_are_the_stored_ones(interval: str, see: See, ask: Ask) -> None:
    page = see("Dependence", interval=interval)
    tests = record(ask, "serving.series_tests", f"interval = '{interval}'")
    for statistic, (shown, chance, _) in lines(page).items():
        pvalue = tests[statistic.replace("_stat", "_pvalue")]
        assert shown == f"{tests[statistic]:,.2f}"
        assert chance.startswith("[< 0.0001]" if pvalue < 0.0001 else f"[{pvalue:.4f}]")
    assert len(lines(page)) == 5
    assert tiles(page)["half_life"][0] == f"{tests['half_life']:,.1f}"
