"""What is read off the risk page, and the same asked of the build."""

import re
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.dashboard.shown import charts

See = Callable[..., AppTest]
Ask = Callable[..., list[Any]]
SYMBOL = "NVDA"
LINK = re.compile(r"\[([^\]]+)\]\(/catalogue\?metric=(\w+)&symbol=(\w+)&interval=(\w+)\)")


def drawn(page: AppTest, *columns: str) -> list[dict[str, Any]]:
    """The rows of the one table of the page's charts that has these columns."""
    tables = [table for chart in charts(page) for table in chart.datasets.values()]
    having = [table for table in tables if set(columns) <= set(table.column_names)]
    assert having and all(table.equals(having[0]) for table in having), columns
    rows: list[dict[str, Any]] = having[0].to_pylist()
    return rows


def tiles(page: AppTest) -> dict[str, tuple[str, str]]:
    """Value and note by the metric that the label leads to."""
    return {metric_of(tile.label): (tile.value, tile.delta) for tile in page.metric}


def lines(page: AppTest) -> dict[str, list[str]]:
    """The cells behind the first one of each line of the tables in text, by the metric that the first one leads to."""
    rows = (row.strip("| ").split(" | ") for text in page.markdown for row in str(text.value).splitlines())
    return {found.group(2): row[1:] for row in rows if (found := LINK.match(row[0]))}


def metric_of(label: str) -> str:
    """What a name leads to."""
    found = LINK.match(label)
    assert found, label
    return found.group(2)


def record(ask: Ask, relation: str, where: str = "true") -> dict[str, Any]:
    names = [name for name, *_ in ask(f"describe {relation}")]
    (row,) = ask(f"select * from {relation} where symbol = $symbol and {where}")
    return dict(zip(names, row, strict=True))
