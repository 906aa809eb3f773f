"""Data health: how fresh everything is against its promise, what went wrong, what was built."""

from typing import Any

import streamlit as st

from dashboard import data, formats, layout, tables

ROWS = 100
INGEST = "Run `quant ingest crypto|equities|options`."
CAPTION = "Freshness against promise, ingest runs, gaps, findings and builds. All times UTC."


def show() -> None:
    layout.keep_fresh(layout.header("Data health", CAPTION), "trades")
    layout.refreshing(5, "health")(everything)()


def everything() -> None:
    freshness()
    if not table("Quality findings", data.findings(ROWS), "meta.quality"):
        layout.good("No finding", "Every check of the newest build is empty.")
    if not table("Gaps in the trades", data.gaps(ROWS), "meta.gaps"):
        layout.good("No gap", "No trade id is missing.")
    if not table("Ingest runs", data.runs(ROWS), "meta.ingest_runs"):
        layout.empty("No run yet", INGEST)
    if not table("Builds", data.builds(ROWS), "meta.builds"):
        layout.empty("No build yet", "Run `quant build`.")


def freshness() -> None:
    series = data.health().to_pylist()
    rows = [
        {
            "Dataset": row["dataset"],
            "Symbol": row["symbol"],
            "Source": row["source"],
            "State": "Stale" if row["is_stale"] else "Fresh",
            "Age": formats.age(row["age_seconds"]),
            "Promise": formats.age(row["promised_seconds"]),
            "Newest event": formats.instant(row["last_event_at"], seconds=True),
            "Received": formats.instant(row["last_fetched_at"], seconds=True),
        }
        for row in series
    ]
    st.subheader("Freshness", anchor=False)
    if not rows:
        layout.empty("Nothing was ingested yet", INGEST)
        return
    st.dataframe(rows, hide_index=True, placeholder="-", key="freshness", height="content")
    newest = max((row["last_event_at"] for row in series if row["last_event_at"]), default=None)
    layout.provenance("`serving.health`", None, newest)


def table(title: str, rows: Any, relation: str) -> bool:
    """The rows under their title; False leaves the place below it to what their absence means."""
    st.subheader(title, anchor=False)
    if rows.num_rows == 0:
        return False
    st.dataframe(rows, hide_index=True, placeholder="-", key=relation, column_config=tables.columns(rows))
    st.caption(f"From `{relation}`")
    return True
