"""The portfolio page of a build that has little or nothing of it: what is missing is said, with its remedy."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.portfolio import VIEWS
from tests.dashboard.portfolio.seen import words

ROW = """
insert into serving.portfolio_summary
(portfolio, weighting, rebalance, benchmark, count_members, periods_per_year, first_session_date, session_date, n_obs,
 reason_empty)
values ('mine', 'equal', 'daily', null, 2, 252, {day}, {day}, {n_obs}, {reason});
"""
Visit = Callable[..., AppTest]


def test_a_portfolio_without_figures_says_why(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(insert=ROW.format(day="null", n_obs="null", reason="'no daily bar of TSLA'"))
    page = visit("portfolio")
    assert not page.exception and not page.warning
    assert "No figures of mine yet: no daily bar of TSLA" in words(page)
    assert "`quant ingest equities`" in words(page)


def test_each_view_says_what_is_missing_and_shows_the_rest(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(insert=ROW.format(day="date '2026-11-20'", n_obs="1", reason="null"))
    for view in VIEWS:
        page = visit("portfolio", view=view)
        assert not page.exception and not page.error and not page.warning, view
        assert not page.get("vega_lite_chart"), view
        assert "inbox" in words(page), view
        assert "None" not in words(page) and "nan" not in words(page), view
        assert {tile.value for tile in page.metric} <= {"n/a"}, view
    assert "without a benchmark" in words(visit("portfolio"))
    assert "It takes a benchmark" in words(visit("portfolio", view="Attribution"))


@pytest.mark.parametrize("view", ["Weights", "Nonsense"])
def test_an_address_that_names_nothing_known_shows_the_first(view: str, visit_demo: Visit) -> None:
    page = visit_demo("portfolio", portfolio="nosuch", view=view)
    assert not page.exception and page.get("vega_lite_chart")
    assert "**mixed**: 7 members" in words(page)  # the one of most members
