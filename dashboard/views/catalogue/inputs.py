"""What went into a figure: rows, ingest runs, and the way from raw data to it."""

from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import data, lineage, tables

INPUTS = ("role", "source", "symbol", "interval", "dataset", "count_rows", "first_ts", "last_ts", "count_runs")
RUNS = ("ingest_run_id", "dataset", "source", "status", "started_at", "count_rows", "first_ts", "last_ts")
STEPS = ("relation", "column_name", "parent_relation", "parent_column", "macros", "is_exact")


def show(found: data.Record) -> None:
    given, ran = st.columns(2, gap="medium")
    with given:
        rows("Inputs", "inputs", table_of(found["inputs"], INPUTS))
    with ran:
        runs = {run["ingest_run_id"]: run for each in found["inputs"] for run in each["runs"]}
        rows("Ingest runs", "input_runs", table_of(list(runs.values()), RUNS))
        total = sum(each["count_runs"] for each in found["inputs"])
        st.caption(f"The newest {len(runs)} of {total} runs of its inputs" if total > len(runs) else "All of them")
    way(found)


def rows(title: str, key: str, table: pa.Table) -> None:
    st.subheader(title, anchor=False)
    st.dataframe(
        table, hide_index=True, placeholder="-", key=key, height="content", alt=title,
        column_config=tables.columns(table),
    )  # fmt: skip


def way(found: data.Record) -> None:
    """Relations from the figure down to raw data; every step, column by column, as a table."""
    st.subheader("Where it comes from", anchor=False)
    steps = found["lineage"]["steps"]
    if not steps:
        st.caption(f"No step is known below `{found['lineage']['column']}`.")
        return
    entered = {each["dataset"] for each in found["inputs"] if each["dataset"]}
    st.html(lineage.page(lineage.tree(found["lineage"]), entered))
    st.caption(
        "Read from the code of the models, which serves all instruments alike. Data come in where it says raw: "
        f"{' and '.join(sorted(entered)) or 'nothing'} entered this figure."
    )
    table = table_of(steps, STEPS)
    tables.data_table("lineage", f"Every step to {found['lineage']['column']}", lambda: table)


def table_of(records: list[data.Record], names: tuple[str, ...]) -> pa.Table:
    """Those columns, whatever else the records say; of none an empty table with the titles."""
    columns: dict[str, list[Any]] = {name: [record.get(name) for record in records] for name in names}
    return pa.table(columns)
