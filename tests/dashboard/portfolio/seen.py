"""The rows behind a page's charts and tables, found by their columns, and its words."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.dashboard import shown

Ask = Callable[..., list[dict[str, Any]]]
See = Callable[..., AppTest]
Rows = list[dict[str, Any]]


def drawn(page: AppTest, *columns: str) -> Rows:
    """The rows of the one table behind the page's charts that has these columns."""
    tables = [table for chart in shown.charts(page) for table in chart.datasets.values()]
    (having,) = [table for table in tables if set(columns) <= set(table.column_names)]
    rows: Rows = having.to_pylist()
    return rows


def listed(page: AppTest, *columns: str) -> Rows:
    """The rows of the one table of the page that has these columns."""
    (having,) = [table for table in shown.tables(page) if set(columns) <= set(table.column_names)]
    rows: Rows = having.to_pylist()
    return rows


def words(page: AppTest) -> str:
    """Everything that is said in words."""
    return " ".join(str(each.value) for each in [*page.markdown, *page.caption, *page.warning, *page.error])
