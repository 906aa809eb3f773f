"""What a page of options shows, as values: the rows behind a chart, the text of a table of HTML, tiles by name."""

import html
import re
from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest


def tables_of(page: AppTest, about: str) -> list[pa.Table]:
    """The rows behind the one chart whose description has these words."""
    protos = [chart.proto for chart in page.get("vega_lite_chart")]
    (proto,) = [proto for proto in protos if about.lower() in proto.alt.lower()]
    return [read(dataset.data.data) for dataset in proto.datasets] or [read(proto.data.data)]


def read(data: bytes) -> pa.Table:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def drawn(page: AppTest, about: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of what the chart draws."""
    (table,) = [table for table in tables_of(page, about) if set(columns) <= set(table.column_names)]
    return [tuple(row[column] for column in columns) for row in table.select(list(columns)).to_pylist()]


def sheet(page: AppTest) -> list[list[str]]:
    """The text of the one table of HTML, by rows of its body."""
    (body,) = [element.proto.body for element in page.get("html") if 'class="sheet' in element.proto.body]
    rows = re.findall(r"<tr>(.*?)</tr>", body.split("<tbody>")[1])
    return [
        [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)] for row in rows
    ]


def tiles(page: AppTest) -> dict[str, str]:
    return {str(tile.label).removeprefix("[").partition("]")[0]: tile.value for tile in page.metric}


def marks(proto: Any) -> int:
    """Rows of all that a chart draws."""
    return sum(read(dataset.data.data).num_rows for dataset in proto.datasets)
