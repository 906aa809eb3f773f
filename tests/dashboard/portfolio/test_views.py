"""Weights, attribution, risk, correlation, factors and Kelly: each number and point that is shown is the build's."""

import json
import math
from collections import defaultdict
from datetime import UTC, datetime, time
from typing import Any

import pytest

from dashboard import data
from dashboard.charts.style import MOST_MARKS
from dashboard.views.portfolio import VIEWS
from tests.dashboard.portfolio.seen import Ask, Rows, See, drawn, listed, words
from tests.dashboard.shown import charts as charts_of

MEMBERS = "select * from serving.portfolio_members where portfolio = 'mixed' order by abs(weight) desc"
QUANTILE = 1.959963984540054  # of 97.5 % of the normal distribution, by any table of it


def pairs(rows: Rows, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.parametrize("portfolio", ["mixed", "equities", "inverse_volatility", "crypto"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_chart_of_any_view_has_so_many_marks_that_it_leaves_svg(view: str, portfolio: str, see: See) -> None:
    page = see(view, portfolio=portfolio)
    charts = charts_of(page)
    if view != "Factors" or charts:  # a portfolio whose members are no equities may have no factor
        assert charts and all(chart.marks() <= MOST_MARKS for chart in charts)
    assert "From `serving." in words(page) or "No factor explains" in words(page)


def test_weights_drawn_are_those_held_up_to_the_newest_session(see: See, ask: Ask) -> None:
    shown = drawn(see("Weights"), "ts", "member", "weight")
    held = ask("select session_date, symbol, weight from serving.portfolio_weights where portfolio = 'mixed'")
    known = {(row["session_date"], row["symbol"]): row["weight"] for row in held}
    assert all(known[row["ts"].date(), row["member"]] == row["weight"] for row in shown)
    days = sorted({row["ts"] for row in shown})
    assert days[-1].date() == max(row["session_date"] for row in held)
    assert 100 <= len(days) <= 240
    assert all(row["until"] in {*days, *(max(r["until"] for r in shown),)} for row in shown)


def test_members_beyond_the_heaviest_are_one(ask: Ask) -> None:
    rows = ask(data.statement("portfolio_weights"), portfolio="mixed", members=2, sessions=5)
    totals: dict[datetime, float] = defaultdict(float)
    for row in rows:
        totals[row["ts"]] += row["weight"]
    assert len({row["member"] for row in rows}) == 3 and "others" in {row["member"] for row in rows}
    assert 2 <= len(totals) <= 5
    assert list(totals.values()) == pytest.approx([1.0] * len(totals), abs=1e-12)


def test_bars_of_weights_and_dots_of_theory_are_the_members(see: See, ask: Ask) -> None:
    page = see("Weights")
    members = ask(MEMBERS)
    bars = [row for row in drawn(page, "scheme", "value") if row["scheme"] == "weight"]
    assert pairs(bars, "symbol", "value") == pairs(members, "symbol", "weight")
    dots = {(row["symbol"], row["scheme"]): row["value"] for row in drawn(page, "scheme", "value")}
    schemes = ("weight", "risk_parity_weight", "min_variance_weight", "min_variance_ledoit_wolf", "max_sharpe_weight")
    stored = {(row["symbol"], scheme): row[scheme] for row in members for scheme in schemes}
    assert dots == {key: value for key, value in stored.items() if value is not None}


def test_contributions_add_up_to_the_total_return(see: See, ask: Ask) -> None:
    shown = drawn(see("Attribution"), "symbol", "contribution_carino")
    assert pairs(shown, "symbol", "contribution_carino") == pairs(ask(MEMBERS), "symbol", "contribution_carino")
    ((total),) = ask("select total_return from serving.portfolio_summary where portfolio = 'mixed'")
    assert math.fsum(row["contribution_carino"] for row in shown) == pytest.approx(total["total_return"], rel=1e-9)


@pytest.mark.parametrize("grouping", ["asset_class", "sector"])
def test_effects_add_up_to_the_return_beside_the_benchmark(grouping: str, see: See, ask: Ask) -> None:
    page = see("Attribution", grouping=grouping)
    stored = ask(
        "select * from serving.portfolio_attribution where portfolio = 'mixed' and grouping = $of", of=grouping
    )
    shown = {(row["segment"], row["effect"]): row["value"] for row in drawn(page, "segment", "effect")}
    effects = ("brinson_allocation", "brinson_selection", "brinson_interaction")
    assert shown == {(row["segment"], effect): row[effect] for row in stored for effect in effects}
    beside = stored[0]["portfolio_return"] - stored[0]["benchmark_return"]
    assert math.fsum(shown.values()) == pytest.approx(beside, rel=1e-9)
    assert sorted(
        pairs(listed(page, "segment", "benchmark_weight"), "segment", "weight", "portfolio_return")
    ) == sorted(pairs(stored, "segment", "weight", "portfolio_return"))


def test_parts_of_the_risk_add_up_to_it(see: See, ask: Ask) -> None:
    page = see("Risk")
    (whole,) = ask("select * from serving.portfolio_summary where portfolio = 'mixed'")
    parts = drawn(page, "symbol", "risk_contribution")
    assert pairs(parts, "symbol", "risk_contribution") == pairs(ask(MEMBERS), "symbol", "risk_contribution")
    assert math.fsum(row["risk_contribution"] for row in parts) == pytest.approx(whole["portfolio_vol"], rel=1e-9)
    losses = {(row["symbol"], row["measure"]): row["value"] for row in drawn(page, "symbol", "measure")}
    assert losses == {
        (row["symbol"], measure): row[measure] for row in ask(MEMBERS) for measure in ("component_var", "component_es")
    }
    sums = {measure: math.fsum(value for key, value in losses.items() if measure in key) for _, measure in losses}
    assert sums["component_var"] == pytest.approx(whole["var_parametric"], rel=1e-9)
    assert sums["component_es"] == pytest.approx(whole["es_historical"], rel=1e-9)


def points(rows: Rows) -> dict[str, dict[datetime, float]]:
    lines: dict[str, dict[datetime, float]] = defaultdict(dict)
    for row in rows:
        lines[row["series"]][row["ts"]] = row["value"]
    return lines


def whole_line(rows: Rows, value: str) -> dict[datetime, float]:
    midnight = time(tzinfo=UTC)
    days = ((datetime.combine(row["session_date"], midnight), row[value]) for row in rows)
    return {day: number for day, number in days if number is not None}


def assert_same_line(shown: dict[datetime, float], stored: dict[datetime, float]) -> None:
    """Its points are stored ones, first and last, lowest and highest among them."""
    assert shown.items() <= stored.items()
    assert {min(stored), max(stored)} <= set(shown)
    assert {min(stored.values()), max(stored.values())} <= set(shown.values())


def test_trailing_lines_are_the_stored_ones_with_their_extremes(see: See, ask: Ask) -> None:
    lines = points(drawn(see("Risk"), "ts", "series", "value"))
    days = ask("select * from serving.portfolios where portfolio = 'mixed'")
    stored = {name: whole_line(days, name) for name in ("realized_vol", "rolling_sharpe", "rolling_beta")}
    assert set(lines) == {name for name, line in stored.items() if line} and "realized_vol" in lines
    for name, line in lines.items():
        assert_same_line(line, stored[name])


@pytest.mark.parametrize(("measure", "column"), [("Pearson", "correlation_pair"), ("Spearman", "spearman_pair")])
def test_correlations_are_those_of_every_pair(measure: str, column: str, see: See, ask: Ask) -> None:
    page = see("Correlation", measure=measure)
    shown = drawn(page, "a", "b", column)
    stored = ask("select * from serving.portfolio_correlations where portfolio = 'mixed'")
    assert sorted(pairs(shown, "a", "b", column)) == sorted(pairs(stored, "a", "b", column))
    assert len(shown) == 49
    (chart,) = [
        each for each in page.get("vega_lite_chart") if '"field": "a"' in json.dumps(json.loads(each.proto.spec))
    ]
    assert f'"field": "{column}"' in json.dumps(json.loads(chart.proto.spec))


def test_trailing_correlations_are_those_of_the_chosen_member(see: See, ask: Ask) -> None:
    lines = points(drawn(see("Correlation", member="NVDA"), "ts", "series", "value"))
    stored = ask("select b, session_date, rolling_correlation_pair from serving.rolling_correlations where a = 'NVDA'")
    assert set(lines) == {"SPY", "AAPL", "MSFT", "BTCUSDT", "ETHUSDT", "SOLUSDT"}
    for other, line in lines.items():
        assert_same_line(line, whole_line([row for row in stored if row["b"] == other], "rolling_correlation_pair"))


def test_loadings_are_those_of_the_components(see: See, ask: Ask) -> None:
    names = ("component", "symbol", "pca_loading", "pca_explained")
    shown = drawn(see("Correlation"), *names)
    stored = ask("select * from serving.portfolio_components where portfolio = 'mixed' and component <= 6")
    assert sorted(pairs(shown, *names)) == sorted(pairs(stored, *names))
    assert len(shown) == 42


def test_factors_are_shown_with_the_interval_of_their_robust_errors(see: See, ask: Ask) -> None:
    page = see("Factors", portfolio="equities")
    stored = {
        row["factor"]: row
        for row in ask("select * from serving.factor_exposures where source = 'portfolio' and symbol = 'equities'")
    }
    table = {row["factor"]: row for row in listed(page, "factor", "exposure")}
    assert set(table) == set(stored) and "alpha" in stored
    for factor, row in table.items():
        error = stored[factor]["hac_standard_error"]
        assert (row["exposure"], row["hac_standard_error"]) == (stored[factor]["exposure"], error)
        assert row["exposure_low"] == pytest.approx(row["exposure"] - QUANTILE * error, rel=1e-12)
        assert row["exposure_high"] == pytest.approx(row["exposure"] + QUANTILE * error, rel=1e-12)
    assert drawn(page, "factor", "exposure_low") == [row for factor, row in table.items() if factor != "alpha"]
    tiles = {tile.label.removeprefix("[").partition("]")[0]: tile.value for tile in page.metric}
    assert tiles["R squared"] == f"{stored['alpha']['r2']:.3f}"
    assert tiles["Alpha a day"] == f"{stored['alpha']['exposure']:.3%}"


def test_growth_of_stakes_is_a_parabola_through_the_stored_ones(see: See, ask: Ask) -> None:
    page = see("Kelly", portfolio="equities")
    stakes = ask("select * from serving.portfolio_stakes where portfolio = 'equities'")
    names = ("symbol", "fraction", "kelly_continuous", "kelly_exact_log", "kelly_discrete", "kelly_growth", "kelly_vol")
    assert sorted(pairs(listed(page, "fraction", "kelly_exact_log"), *names)) == sorted(pairs(stakes, *names))
    of = {row["fraction"]: row for row in stakes if row["source"] == "portfolio"}
    curve = drawn(page, "fraction", "growth")
    assert {row["fraction"]: row["growth"] for row in curve if row["is_usual"]} == {
        fraction: row["kelly_growth"] for fraction, row in of.items()
    }
    # Thorp (2006), ch. 9: with no interest, growth is (f - f^2 / 2) of the squared volatility of the full stake.
    variance = of[1.0]["kelly_vol"] ** 2
    by_hand = [(row["fraction"] - row["fraction"] ** 2 / 2) * variance for row in curve]
    assert [row["growth"] for row in curve] == pytest.approx(by_hand, rel=1e-9, abs=1e-12)


def test_stakes_on_all_together_are_the_members(see: See, ask: Ask) -> None:
    shown = drawn(see("Kelly"), "symbol", "kelly_multi")
    assert pairs(shown, "symbol", "kelly_multi") == pairs(ask(MEMBERS), "symbol", "kelly_multi")
