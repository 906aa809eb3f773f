"""Whether each trade id is stored, once: in all, by day, and the ranges that were missed."""

import streamlit as st

from dashboard import data, formats, layout, tables

ROWS = 100


def show() -> None:
    layout.refreshing(5, "completeness")(completeness)()
    layout.refreshing(20, "gaps")(gaps)()


def completeness() -> None:
    st.subheader("Completeness of the trades", anchor=False)
    totals = data.rows("losses")
    if not totals:
        layout.empty("No trade yet", "Run `quant ingest crypto`; `quant up` does it all the time.")
        return
    st.markdown("  \n".join(total(row) for row in totals))
    days = data.table("completeness", limit=ROWS)
    st.dataframe(
        days,
        hide_index=True,
        placeholder="-",
        key="completeness_by_day",
        column_config=tables.columns(days),
        alt="Completeness of the trades by day",
    )
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


def gaps() -> None:
    if not tables.listed("Gaps in the trades", data.table("gaps", limit=ROWS), "meta.gaps"):
        layout.good("No gap", "No trade id is missing.")
