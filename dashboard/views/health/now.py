"""How old each series is against what is promised; findings, the data folder, and whether alerts arrive."""

import pyarrow as pa
import streamlit as st

from dashboard import data, faults, formats, layout, tables
from dashboard.charts import health, style

ROWS = 100
INGEST = "Run `quant ingest crypto|equities|options`."
DRAWN = ["series", "source", "is_stale", "shown", "last_event_at", "last_fetched_at"]
ABOUT = "Age of each series against what is promised"


def show() -> None:
    layout.refreshing(5, "freshness_of_all")(freshness)()
    tables.data_table("freshness", ABOUT, lambda: data.table("health").drop_columns(["series", "shown"]))
    folder, told = st.columns(2, gap="medium")
    with folder:
        layout.refreshing(5, "storage")(storage)()
    with told:
        layout.refreshing(5, "alerts")(alerts)()
    findings()


def freshness() -> None:
    series = data.table("health")
    st.subheader("Freshness", anchor=False)
    if series.num_rows == 0:
        layout.empty("Nothing was ingested yet", INGEST)
        return
    rows = series.to_pylist()
    table = series.select(DRAWN).append_column("said", pa.array([said(row) for row in rows]))
    late = sum(row["is_stale"] for row in rows)
    about = f"{faults.counted(late, 'series of') if late else 'no series of'} {len(rows)} late"
    style.show(health.freshness(table), "freshness_chart", f"{ABOUT}: {about}")
    newest = max((row["last_event_at"] for row in rows if row["last_event_at"]), default=None)
    layout.provenance("`serving.health`", None, newest)


def said(row: data.Record) -> str:
    """Stale or fresh in words, with the age and the promise."""
    if row["age_seconds"] is None:
        return "Stale · never arrived"
    ages = f"{formats.age(row['age_seconds'])} of {formats.age(row['promised_seconds'])}"
    return f"{'Stale' if row['is_stale'] else 'Fresh'} · {ages}"


def storage() -> None:
    """A folder that this process cannot write is no fault: it only reads."""
    found = data.storage()
    st.subheader("Data folder", anchor=False)
    if found.problem or found.free_mb is None:
        st.warning(layout.sentence(found.problem or ""), icon=":material/hard_drive:")
        return
    st.markdown(f":green[:material/check_circle:] `{found.path}`, {formats.count(found.free_mb)} MB free")
    least = formats.count(data.settings().least_free_mb)
    st.caption(f"Below {least} MB it is a fault; `least_free_mb` of config.yaml says so")


def alerts() -> None:
    """Where alerts go, and whether they arrive."""
    st.subheader("Alert delivery", anchor=False)
    told = data.deliveries()
    if not told:
        layout.empty("Nobody is told", "Set QUANT_NOTIFICATIONS__URLS; `quant notify test` tries it.")
        return
    rows = [
        {
            "To": each.destination,
            "State": "Works" if each.condition == "ok" else each.condition[:1].upper() + each.condition[1:],
            "Pending": each.count_pending,
            "Oldest since": formats.instant(each.oldest_pending_at, seconds=True),
            "Delivered (24 h)": each.count_delivered,
            "Failed (24 h)": each.count_failed,
            "Last delivered": formats.instant(each.last_delivered_at, seconds=True),
            "Last error": each.last_error,
        }
        for each in told
    ]
    st.dataframe(rows, hide_index=True, placeholder="-", key="deliveries", height="content", alt="Alert delivery")
    st.caption("From the scheduler's record, `state.sqlite`")


def findings() -> None:
    if not tables.listed("Quality findings", data.table("findings", limit=ROWS), "meta.quality"):
        layout.good("No finding", "Every check of the newest build is empty.")
