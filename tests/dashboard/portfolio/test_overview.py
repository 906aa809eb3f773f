"""What a portfolio became and holds: each number and point that is shown is that of the build."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard import formats
from dashboard.views.portfolio.overview import KEY, MORE
from tests.dashboard.portfolio.seen import Ask, See, drawn, listed, words

SUMMARY = "select * from serving.portfolio_summary where portfolio = $portfolio"
DAYS = "select * from serving.portfolios where portfolio = $portfolio order by session_date"


def midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_figures_are_those_of_the_portfolio_in_the_unit_of_the_catalogue(see: See, ask: Ask) -> None:
    page = see("Overview")
    (summary,) = ask(SUMMARY, portfolio="mixed")
    units = {row["metric"]: row["unit"] for row in ask("select metric, unit from meta.catalog")}
    shown = {tile.label.partition("metric=")[2].partition("&")[0]: tile.value for tile in page.metric}
    assert shown == {name: formats.value(summary[name], units[name]) for name in (*KEY, *MORE)}
    assert all(tile.label.endswith("portfolio=mixed)") for tile in page.metric)
    assert f"{summary['n_obs']:,} daily returns" in words(page) and "against equities" in words(page)


@pytest.mark.parametrize(
    ("portfolio", "levels"),
    [
        ("mixed", "select session_date, 1 + cumulative_return as level from serving.portfolios "
                  "where portfolio = 'equities'"),
        ("equities", "select session_date, adj_close as level from serving.final_bars "
                     "where symbol = 'SPY' and interval = '1d'"),
    ],
)  # fmt: skip
def test_lines_of_growth_are_the_days_of_portfolio_and_benchmark(
    portfolio: str, levels: str, see: See, ask: Ask
) -> None:
    shown = drawn(see("Overview", portfolio=portfolio), "ts", "benchmark_return")
    days = {midnight(row["session_date"]): row for row in ask(DAYS, portfolio=portfolio)}
    level = {midnight(row["session_date"]): row["level"] for row in ask(levels)}
    first = next(level[day] or 1.0 for day in days if day in level)
    for row in shown:
        day = days[row["ts"]]
        assert (row["cumulative_return"], row["drawdown"]) == (day["cumulative_return"], day["drawdown"])
        assert row["benchmark_return"] == pytest.approx(level[row["ts"]] / first - 1, rel=1e-12, abs=1e-15)
    (summary,) = ask(SUMMARY, portfolio=portfolio)
    assert shown[-1]["ts"] == midnight(summary["session_date"])
    assert shown[-1]["benchmark_return"] == pytest.approx(summary["benchmark_return"], rel=1e-9)
    assert min(row["drawdown"] for row in shown) == summary["max_drawdown"]
    assert max(row["cumulative_return"] for row in shown) == max(
        day["cumulative_return"] for day in days.values() if day["cumulative_return"] is not None
    )


def test_each_month_is_a_cell(see: See, ask: Ask) -> None:
    cells = [row for row in drawn(see("Overview"), "year", "period", "period_return") if row["period"] <= 12]
    shown = [row["period_return"] for row in sorted(cells, key=lambda row: (row["year"], row["period"]))]
    months = ask(
        "select * from serving.monthly_returns where source = 'portfolio' and symbol = 'mixed' order by month_on"
    )
    assert shown == [row["monthly_return"] for row in months]
    assert len(shown) > 10  # the demo of the tests has more than a year of common days


def test_worst_drawdowns_are_the_deepest_ones(see: See, ask: Ask) -> None:
    shown = listed(see("Overview"), "rank", "depth")
    expected = ask(
        "select rank, depth, bars_underwater from serving.drawdown_episodes "
        "where source = 'portfolio' and symbol = 'mixed' order by depth limit 10"
    )
    assert [{name: row[name] for name in ("rank", "depth", "bars_underwater")} for row in shown] == expected
    assert expected


def test_holdings_are_the_members_the_heaviest_first_and_lead_to_their_prices(see: See, ask: Ask) -> None:
    shown = listed(see("Overview"), "symbol", "risk_contribution")
    members = ask("select * from serving.portfolio_members where portfolio = 'mixed' order by abs(weight) desc")
    names = (
        "symbol",
        "weight",
        "mean_weight",
        "contribution_carino",
        "risk_contribution",
        "component_var",
        "component_es",
    )
    assert [[row[name] for name in names] for row in shown] == [[row[name] for name in names] for row in members]
    assert len(members) == 7
    assert shown[0]["price"] == f"/price?symbol={shown[0]['symbol']}&interval=1d"
