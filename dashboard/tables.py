"""Tables: titles and formats by column, and the numbers behind a chart."""

import io
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.csv
import streamlit as st

from dashboard import data, formats, layout, links

TITLES = {
    "ts": "Time",
    "end_ts": "Known at",
    "row_count": "Rows",
    "count_rows": "Rows",
    "count_runs": "Runs",
    "first_ts": "First",
    "last_ts": "Last",
    "ingest_run_id": "Run",
    "column_name": "Column",
    "parent_relation": "Made of",
    "parent_column": "Its column",
    "macros": "By",
    "is_exact": "Exact",
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
NOBODY = links.Asked()


def data_table(
    key: str, what: str, rows: Callable[[], pa.Table], asked: links.Asked = NOBODY, label: str = "Data"
) -> None:
    """What a chart shows, as a table and a file, for screen readers and everyone.

    Its rows are asked for when it is opened, and stand still while they are read. `asked` is whose figures they are:
    columns that are metrics lead to what explains them.
    """
    layout.refreshing(None, f"data_{key}")(lambda: _opened(key, what, rows, asked, label))()


def listed(title: str, rows: pa.Table, relation: str) -> bool:
    """The rows under their title; False leaves the place below it to what their absence means."""
    st.subheader(title, anchor=False)
    if rows.num_rows == 0:
        return False
    st.dataframe(
        rows, hide_index=True, placeholder="-", key=relation, column_config=columns(rows), alt=f"{title}, {relation}"
    )
    st.caption(f"From `{relation}`")
    return True


def explained(names: Iterable[str], asked: links.Asked = NOBODY) -> None:
    """One line below a table: each of its columns that is a metric as a link to what explains it."""
    known = data.catalog()
    found = [links.to_explanation(formats.name(name), name, asked) for name in names if name in known]
    if found:
        st.caption(f"What they mean: {' · '.join(found)}")


def _opened(key: str, what: str, rows: Callable[[], pa.Table], asked: links.Asked, label: str) -> None:
    place = st.expander(label, key=f"expander_{key}", icon=":material/table:", on_change="rerun", type="compact")
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
        explained(table.column_names, asked)
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
