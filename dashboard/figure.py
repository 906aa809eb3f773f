"""A chart as every page shows it: its title, what it says in words, and the numbers behind it as a table and a file."""

from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import links, tables
from dashboard.charts import style


def figure(
    key: str,
    title: str,
    chart: Any,
    rows: pa.Table,
    about: str | None = None,
    *,
    zoom: bool = False,
    asked: links.Asked = tables.NOBODY,
) -> None:
    """`about` is what a screen reader says instead of the title; `rows` are those that the chart draws; `asked` says
    whose figures they are, so that columns that are metrics lead to what explains them.
    """
    st.subheader(title, anchor=False)
    style.show(chart, key, about or title, zoom)
    tables.data_table(key, about or title, lambda: rows, asked)
