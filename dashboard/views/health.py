"""Data health: how fresh everything is against its promise, what went wrong, what was built."""

from typing import Any

import streamlit as st

from dashboard import data, layout

ROWS = 100


def show() -> None:
    layout.header(
        "Data health", "Freshness against promise, ingest runs, gaps, findings and builds. All times UTC.", "trades"
    )
    layout.refreshing(5, "health")(tables)()


def tables() -> None:
    table(
        "Freshness",
        data.health(),
        "serving.health",
        "Nothing was ingested yet",
        "Run `quant ingest crypto|equities|options`.",
    )
    table(
        "Quality findings",
        data.findings(ROWS),
        "meta.quality",
        "No finding",
        "Every quality check of the newest build is empty: good.",
    )
    table("Gaps in the trades", data.gaps(ROWS), "meta.gaps", "No gap", "No trade id is missing: good.")
    table(
        "Ingest runs", data.runs(ROWS), "meta.ingest_runs", "No run yet", "Run `quant ingest crypto|equities|options`."
    )
    table("Builds", data.builds(ROWS), "meta.builds", "No build yet", "Run `quant build`.")


def table(title: str, rows: Any, relation: str, nothing: str, remedy: str) -> None:
    st.subheader(title, anchor=False)
    if rows.num_rows == 0:
        layout.empty(nothing, remedy)
        return
    st.dataframe(rows, hide_index=True, key=relation, column_config=layout.columns(rows))
    st.caption(f"From `{relation}`")
