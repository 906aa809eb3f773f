"""What is read off a page: the rows behind its charts and tables, and how many marks they may become."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

Ask = Callable[..., list[dict[str, Any]]]
See = Callable[..., AppTest]
Rows = list[dict[str, Any]]


def read(stream: bytes) -> pa.Table:
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def datasets(chart: Any) -> dict[str, pa.Table]:
    """The tables behind a chart, by the names that its specification gives them."""
    proto = chart.proto
    return {each.name: read(each.data.data) for each in proto.datasets} or {"": read(proto.data.data)}


def drawn(page: AppTest, *columns: str) -> Rows:
    """The rows of the one table behind the page's charts that has these columns."""
    tables = [table for chart in page.get("vega_lite_chart") for table in datasets(chart).values()]
    (having,) = [table for table in tables if set(columns) <= set(table.column_names)]
    rows: Rows = having.to_pylist()
    return rows


def listed(page: AppTest, *columns: str) -> Rows:
    """The rows of the one table of the page that has these columns."""
    tables = [read(each.proto.arrow_data.data) for each in page.dataframe]
    (having,) = [table for table in tables if set(columns) <= set(table.column_names)]
    rows: Rows = having.to_pylist()
    return rows


def marks(chart: Any) -> int:
    """One a row and layer, as if no transformation took any away."""
    rows = {name: table.num_rows for name, table in datasets(chart).items()}
    return _marks(json.loads(chart.proto.spec), rows, rows.get("", 0))


def _marks(spec: dict[str, Any], rows: dict[str, int], inherited: int) -> int:
    own = rows.get(spec.get("data", {}).get("name", ""), inherited)
    if any("aggregate" in step for step in spec.get("transform", [])):
        return 1
    parts = [*spec.get("layer", []), *spec.get("vconcat", [])]
    return sum(_marks(part, rows, own) for part in parts) if parts else own


def words(page: AppTest) -> str:
    """Everything that is said in words."""
    return " ".join(str(each.value) for each in [*page.markdown, *page.caption, *page.warning, *page.error])
