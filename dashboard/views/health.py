"""Data health: how fresh everything is against its promise, what went wrong, what was built."""

from typing import Any

import streamlit as st

from dashboard import badge, data, formats, layout, tables

ROWS = 100
INGEST = "Run `quant ingest crypto|equities|options`."
CAPTION = "Freshness against promise, completeness of the trades, gaps, findings, runs, builds. All times UTC."


def show() -> None:
    badge.keep_fresh(layout.header("Data health", CAPTION), "trades")
    layout.refreshing(5, "health")(everything)()


def everything() -> None:
    freshness()
    completeness()
    storage()
    alerts()
    if not table("Quality findings", data.table("findings", limit=ROWS), "meta.quality"):
        layout.good("No finding", "Every check of the newest build is empty.")
    if not table("Gaps in the trades", data.table("gaps", limit=ROWS), "meta.gaps"):
        layout.good("No gap", "No trade id is missing.")
    if not table("Ingest runs", data.table("runs", limit=ROWS), "meta.ingest_runs"):
        layout.empty("No run yet", INGEST)
    if not table("Builds", data.table("builds", limit=ROWS), "meta.builds"):
        layout.empty("No build yet", "Run `quant build`.")


def freshness() -> None:
    series = data.table("health").to_pylist()
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


def storage() -> None:
    """A folder that this process cannot write is no fault: it only reads."""
    found = data.storage()
    st.subheader("Data folder", anchor=False)
    if found.problem or found.free_mb is None:
        st.warning(layout.sentence(found.problem or ""), icon=":material/hard_drive:")
        return
    st.markdown(f":green[:material/check_circle:] `{found.path}`, {formats.count(found.free_mb)} MB free")


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
    st.dataframe(rows, hide_index=True, placeholder="-", key="deliveries", height="content")
    st.caption("From the scheduler's record, `state.sqlite`")


def completeness() -> None:
    """Whether each trade id is stored, once: in all, and by day."""
    st.subheader("Completeness of the trades", anchor=False)
    totals = data.rows("losses")
    if not totals:
        layout.empty("No trade yet", "Run `quant ingest crypto`; `quant up` does it all the time.")
        return
    st.markdown("  \n".join(total(row) for row in totals))
    days = data.table("completeness", limit=ROWS)
    st.dataframe(days, hide_index=True, placeholder="-", key="completeness", column_config=tables.columns(days))
    st.caption("From `meta.completeness`; ids missing at the turn of days belong to the later day")


def total(row: data.Record) -> str:
    """One line: good, waiting, or wrong, in sign, colour and words."""
    whose = f"**{row['symbol']}** {row['source']}, {formats.count(row['row_count'])} trades since {row['first_date']}"
    wrong = {"unexplained": row["count_unexplained"], "stored twice": row["count_duplicates"]}
    waiting = {"still to be fetched": row["count_open"]}
    known = {"not at the exchange either": row["count_absent"]}
    named = [f"{formats.count(count)} ids {what}" for what, count in (wrong | waiting | known).items() if count]
    sign = ":green[:material/check_circle:]"
    if any(wrong.values()):
        sign = ":red[:material/error:]"
    elif any(waiting.values()):
        sign = ":orange[:material/hourglass_empty:]"
    return f"{sign} {whose}: {', '.join(named) or 'none missing, none twice'}"


def table(title: str, rows: Any, relation: str) -> bool:
    """The rows under their title; False leaves the place below it to what their absence means."""
    st.subheader(title, anchor=False)
    if rows.num_rows == 0:
        return False
    st.dataframe(rows, hide_index=True, placeholder="-", key=relation, column_config=tables.columns(rows))
    st.caption(f"From `{relation}`")
    return True
