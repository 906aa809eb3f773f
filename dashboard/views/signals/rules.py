"""Which rules there are, on and off, with which numbers, and how often each one fired."""

import streamlit as st

from dashboard import data, layout, metric_columns


def show() -> None:
    rows = data.table("signal_rules")
    if rows.num_rows == 0:
        layout.empty(
            "No rule yet", "Run `quant ingest equities`, then `quant build`: every rule is a file of the project."
        )
        return
    st.subheader("Rules", anchor=False)
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="-",
        key="rules",
        height="content",
        row_height=92,
        column_config={
            **metric_columns.columns(rows),
            "is_on": st.column_config.CheckboxColumn("On"),
            "thresholds": st.column_config.TextColumn("Numbers", width=280),
            "description": st.column_config.TextColumn("What it finds", width=440),
        },
        alt="Rules, on and off",
    )
    st.caption("A rule is turned off, and its numbers are set, under `signals` in config.yaml.")
    layout.provenance("`serving.signal_rules` and `serving.final_signals`", None, None)
