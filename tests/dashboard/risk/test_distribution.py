"""How returns are spread, the lines through their tail, and whether the value at risk kept its promise."""

import math
from statistics import NormalDist

import pytest

from tests.dashboard.risk.shown import Ask, See, drawn, lines, record, tiles

FORECASTS = """
select ts, simple_return, var_historical_rolling from serving.metrics
where symbol = $symbol and interval = '1d' and var_historical_rolling is not null
"""


def test_bins_hold_every_day_once_beside_a_normal_curve(see: See, ask: Ask) -> None:
    bins = drawn(see("Distribution"), "x0", "days")
    returns = [
        value
        for (value,) in ask(
            "select simple_return from serving.metrics where symbol = $symbol and interval = '1d' "
            "and simple_return is not null"
        )
    ]
    risk = record(ask, "serving.latest_risk")
    assert sum(row["days"] for row in bins) == len(returns) == risk["n_obs"]
    assert 28 <= len(bins) <= 72
    mean = math.fsum(returns) / len(returns)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in returns) / (len(returns) - 1))
    normal = NormalDist(mean, deviation)
    for row in bins:
        assert row["days"] == sum(row["x0"] <= value < row["x1"] for value in returns)
        chance = normal.cdf(row["x1"]) - normal.cdf(row["x0"])
        assert row["normal_days"] == pytest.approx(len(returns) * chance, abs=1e-9)
        assert row["is_beyond"] == (row["x1"] <= risk["var_historical"])


def test_lines_of_the_tail_are_labelled_the_mildest_highest(see: See, ask: Ask) -> None:
    risk, shown = record(ask, "serving.latest_risk"), drawn(see("Distribution"), "metric", "place")
    assert {row["metric"] for row in shown} >= {"var_historical", "es_historical", "var_parametric"}
    assert all(row["value"] == risk[row["metric"]] for row in shown)
    assert [row["place"] for row in shown] == list(range(len(shown)))
    assert [row["value"] for row in shown] == sorted((row["value"] for row in shown), reverse=True)


def test_exceptions_are_the_days_that_the_back_test_counts(see: See, ask: Ask) -> None:
    page = see("Distribution")
    shown = drawn(page, "value_at_risk", "is_exception")
    test = record(ask, "serving.var_backtests", "interval = '1d'")
    assert sum(row["is_exception"] for row in shown) == test["var_exceptions"] > 0
    of = {ts: values for ts, *values in ask(FORECASTS)}
    assert [[row["simple_return"], row["value_at_risk"]] for row in shown] == [of[row["ts"]] for row in shown]
    for place, name in enumerate(("simple_return", "value_at_risk")):
        assert min(row[name] for row in shown) == min(values[place] for values in of.values())


def test_the_back_test_is_the_stored_one(see: See, ask: Ask) -> None:
    page = see("Distribution")
    test, shown = record(ask, "serving.var_backtests", "interval = '1d'"), lines(page)
    zones = {0: "Green", 1: "Yellow", 2: "Red", None: "n/a"}
    assert tiles(page)["basel_zone"][0] == zones[test["basel_zone"]]
    assert tiles(page)["var_exceptions"] == (
        f"{test['var_exceptions']:,}",
        f"{test['expected_exceptions']:.1f} promised in {test['n_obs']:,} days",
    )
    assert shown["kupiec_lr"][0] == f"{test['kupiec_lr']:.2f}"
    assert f"[{test['kupiec_pvalue']:.4f}](/catalogue?metric=kupiec_pvalue" in shown["kupiec_lr"][1]
    assert shown["es_backtest_z2"][0] == f"{test['es_backtest_z2']:,.2f}"
