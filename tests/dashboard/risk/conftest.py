"""Views of the risk page over the real demo warehouse, and the build behind them."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from quant.settings import Settings
from quant.warehouse import open_build
from tests.dashboard.risk.shown import SYMBOL, Ask, See


@pytest.fixture(scope="module")
def ask(demo_warehouse: Settings) -> Iterator[Ask]:
    """The build itself, past everything that the dashboard does; `$symbol` is the one that is looked at."""
    connection = open_build(demo_warehouse.market_path.resolve())

    def answer(text: str) -> list[Any]:
        return connection.execute(text.replace("$symbol", f"'{SYMBOL}'")).fetchall()

    yield answer
    connection.close()


@pytest.fixture
def see(visit_demo: See) -> See:
    """One view of the page."""

    def look(view: str, state: Mapping[str, object] | None = None, symbol: str = SYMBOL, **query: str) -> AppTest:
        page = visit_demo("risk", state, symbol=symbol, view=view, **query)
        assert not page.exception and not page.error and not page.warning
        return page

    return look
