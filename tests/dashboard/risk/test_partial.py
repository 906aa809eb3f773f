"""The risk page of a build that has the figures of a symbol, but nothing else of it yet."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.risk import VIEWS
from quant.settings import Settings

ONE_SYMBOL = """
insert into serving.latest_metrics (source, symbol, asset_class, interval, periods_per_year)
values ('yahoo', 'SPY', 'equity', '1d', 252);
insert into serving.latest_risk
    (source, symbol, asset_class, benchmark, first_session_date, session_date, as_of, n_obs, periods_per_year)
values ('yahoo', 'SPY', 'equity', 'SPY', '2026-11-19', '2026-11-20', timestamptz '2026-11-20 21:00+00', 1, 252);
"""


@pytest.fixture
def only_figures(publish_empty: Callable[..., None]) -> None:
    publish_empty(insert=ONE_SYMBOL)


def test_each_view_says_what_is_missing_and_shows_the_rest(
    only_figures: None, visit: Callable[..., AppTest], settings: Settings
) -> None:
    for view in VIEWS:
        page = visit("risk", symbol="SPY", view=view)
        texts = " ".join(str(element.value) for element in [*page.markdown, *page.caption])
        assert not page.exception and not page.error and not page.warning, view
        assert "`quant build`" in texts, view
        assert "NaN" not in texts and "None" not in texts, view
    assert {tile.value for tile in visit("risk", symbol="SPY").metric} == {"n/a"}
