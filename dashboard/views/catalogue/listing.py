"""The list of metrics, to search in and to narrow by chapter and by relation."""

from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import data, formats, layout
from quant.catalogue import CHAPTERS, chapter_of

SEARCHED = ("metric", "description", "formula", "source", "unit", "stored_in", "parameters")
NOWHERE = "computed when asked"
HEIGHT = 640


def show(place: Any, known: list[data.Record]) -> None:
    """`place` is the row of what may be asked."""
    with place:
        words = st.text_input(
            "Search", key="search", bind="query-params", placeholder="tail, Wilder, options.smile", width=280,
            icon=":material/search:", type="search",
        )  # fmt: skip
        chapter = st.selectbox(
            "Group", list(CHAPTERS), index=None, key="group", bind="query-params", placeholder="All", width=270
        )
        relations = sorted({kept_in(row) for row in known})
        relation = st.selectbox(
            "Kept in", relations, index=None, key="relation", bind="query-params", placeholder="All", width=250
        )
    found = narrowed(known, words, chapter, relation)
    st.caption(
        f"{len(found)} of {len(known)} metrics. A click on a name explains it, with the figure of whom you like."
    )
    if not found:
        layout.empty("No metric has all of that", "Use fewer words, or another group.")
        return
    table(found)
    layout.provenance("`meta.catalog` and `meta.formulas`", None, None)


def narrowed(
    known: list[data.Record], words: str | None, chapter: str | None, relation: str | None
) -> list[data.Record]:
    """Those that have every word somewhere, of the chapter, kept in the relation."""
    wanted = (words or "").lower().split()
    return [
        row
        for row in known
        if (relation is None or kept_in(row) == relation)
        and (chapter is None or chapter_of(row["place"]) == chapter)
        and all(word in text for text in [searched(row)] for word in wanted)
    ]


def searched(row: data.Record) -> str:
    return " ".join([formats.name(row["metric"]), *(str(row[name]) for name in SEARCHED if row[name])]).lower()


def kept_in(row: data.Record) -> str:
    return row["relation"] or NOWHERE


def table(found: list[data.Record]) -> None:
    names = [row["metric"] for row in found]
    rows = pa.table(
        {
            "name": [formats.name(name) for name in names],
            "metric": names,
            "description": [row["description"].replace("`", "") for row in found],
            "unit": [row["unit"] for row in found],
            "formula": [called(row) for row in found],
            "kept": [row["stored_in"] or NOWHERE for row in found],
            "source": [row["source"] for row in found],
        }
    )
    st.dataframe(
        rows, hide_index=True, height=HEIGHT, key="metrics", placeholder="-", column_config=columns(names),
        alt=f"{len(names)} metrics with description, unit, formula and source",
    )  # fmt: skip


def called(row: data.Record) -> str:
    """The formula as it is called: sharpe(rf := 0.0, ppy := null)."""
    return f"{row['formula']}({row['parameters']})" if row["parameters"] else str(row["formula"])


def columns(names: list[str]) -> dict[str, Any]:
    text = st.column_config.TextColumn
    opened = st.column_config.ButtonColumn(
        "Metric",
        type="tertiary",
        key="opened",
        on_click=partial(open_one, names),
        pinned=True,
        alignment="left",
        width=190,
    )
    return {
        "name": opened,
        "metric": text("Id", width=170),
        "description": text("What it is", width=430),
        "unit": text("Unit", width=110),
        "formula": text("Formula", width=230),
        "kept": text("Kept in", width=250),
        "source": text("Source", width=300),
    }


def open_one(names: list[str]) -> None:
    click = st.session_state.get("opened")
    if click is not None:
        st.session_state["metric"] = names[click["row"]]
