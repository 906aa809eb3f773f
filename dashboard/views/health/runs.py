"""What ran: every build with its duration, every ingest run with what became of it."""

import streamlit as st

from dashboard import data, layout, tables
from dashboard.charts import health
from dashboard.figure import figure

ROWS = 100
INGEST = "Run `quant ingest crypto|equities|options`."


def show() -> None:
    builds()
    layout.refreshing(20, "runs")(runs)()


def builds() -> None:
    rows = data.table("builds", limit=ROWS)
    if rows.num_rows == 0:
        st.subheader("Builds", anchor=False)
        layout.empty("No build yet", "Run `quant build`.")
        return
    drawn = rows.drop_columns(["fingerprint", "boundary"])
    about = f"Duration of the newest {rows.num_rows} builds in seconds, by when they began"
    figure("builds", "Builds", health.builds(drawn), rows, about)
    st.caption("From `meta.builds`. A full build reads everything; an incremental one what came since its boundary")


def runs() -> None:
    if not tables.listed("Ingest runs", data.table("runs", limit=ROWS), "meta.ingest_runs"):
        layout.empty("No run yet", INGEST)
