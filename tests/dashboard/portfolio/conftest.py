"""Views of the portfolio page over the real demo warehouse, and the build behind them."""

from collections.abc import Iterator, Mapping

import pytest
from streamlit.testing.v1 import AppTest

from quant.settings import Settings
from quant.warehouse import open_build
from tests.dashboard.portfolio.seen import Ask, Rows, See

PORTFOLIO = "mixed"  # of config.yaml: equities and crypto, monthly, against the portfolio `equities`


@pytest.fixture(scope="module")
def ask(demo_warehouse: Settings) -> Iterator[Ask]:
    """The build itself, past everything that the dashboard does."""
    connection = open_build(demo_warehouse.market_path.resolve())

    def answer(text: str, **parameters: object) -> Rows:
        cursor = connection.execute(text, parameters)
        names = [name for name, *_ in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    yield answer
    connection.close()


@pytest.fixture
def see(visit_demo: See) -> See:
    """One view of the page, without a complaint."""

    def look(view: str, state: Mapping[str, object] | None = None, path: str = "portfolio", **query: str) -> AppTest:
        of = {"portfolio": PORTFOLIO} if path == "portfolio" else {}
        page = visit_demo(path, state, view=view, **{**of, **query})
        assert not page.exception and not page.error and not page.warning
        return page

    return look
