"""Tables: titles and formats by column, and the numbers behind a chart."""

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.csv
import streamlit as st

from dashboard import formats, layout

TITLES = {
    "ts": "Time",
    "end_ts": "Known at",
    "row_count": "Rows",
    "count_duplicates": "Duplicates",
    "count_ignored": "Ignored",
    "count_dead_letters": "Dead letters",
    "count_trades": "Trades",
    "count_missing": "Missing",
    "count_absent": "Absent",
    "count_open": "Open",
    "count_unexplained": "Unexplained",
    "first_trade_id": "First id",
    "last_trade_id": "Last id",
}


def data_table(key: str, what: str, rows: Callable[[], pa.Table]) -> None:
    """What a chart shows, as a table and a file, for screen readers and everyone.

    Its rows are asked for when it is opened, and stand still while they are read.
    """
    layout.refreshing(None, f"data_{key}")(lambda: _opened(key, what, rows))()


def _opened(key: str, what: str, rows: Callable[[], pa.Table]) -> None:
    place = st.expander("Data", key=f"expander_{key}", icon=":material/table:", on_change="rerun", type="compact")
    if not place.open:
        return
    table = rows()
    with place:
        st.dataframe(
            table,
            hide_index=True,
            placeholder="-",
            key=f"table_{key}",
            column_config=columns(table),
            alt=f"Data: {what}",
        )
        st.download_button(
            "Download CSV",
            lambda: csv(table),
            f"{key}.csv",
            "text/csv",
            key=f"csv_{key}",
            icon=":material/download:",
            on_click="ignore",
        )


def csv(table: pa.Table) -> bytes:
    """All digits; instants as UTC with a Z."""
    file = io.BytesIO()
    pa.csv.write_csv(table, file)
    return file.getvalue()


def columns(rows: pa.Table) -> dict[str, Any]:
    """Column titles and formats by type: instants in UTC, thousands separated."""
    return {field.name: _column(field) for field in rows.schema}


def _column(field: pa.Field) -> Any:
    title = TITLES.get(field.name) or formats.name(field.name)
    if pa.types.is_timestamp(field.type):
        return st.column_config.DatetimeColumn(title, format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
    if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
        return st.column_config.NumberColumn(title, format="localized")
    return st.column_config.Column(title)
