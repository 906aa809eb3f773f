"""Catalogue: every metric with formula, unit and source; of one figure everything that it was made of."""

import streamlit as st

from dashboard import badge, data, layout, links
from dashboard.views.catalogue import explanation, listing
from quant.explanation import ExplanationError
from quant.explanation.answer import ALIASES

CAPTION = "What every metric means, how it is computed and where it is kept; of any figure the SQL that yields it."
NARROWING = ("interval", "expiry", "where", "source")  # of another metric or subject they may mean nothing


def show() -> None:
    place = layout.header("Catalogue", CAPTION)
    known = {row["metric"]: row for row in data.rows("definitions")}
    if not known:
        layout.empty("No metric yet", "Run `quant ingest crypto|equities|options`, then `quant build`.")
        return
    asking = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="asked")
    with asking:
        metric = chosen_metric(list(known))
        asked = chosen_subject(metric) if metric else links.Asked()
        if metric:
            st.button("All metrics", icon=":material/list:", on_click=forget, key="all_metrics")
    if metric is None:
        badge.keep_build_fresh(place)
        listing.show(asking, list(known.values()))
        return
    about = known.get(ALIASES.get(metric, (metric, {}))[0])
    keep_fresh(place, about, asked)
    if about is None or asked.subject is None:
        explanation.definition(metric, about, list(known))
        return
    try:
        with st.skeleton(height=320):
            found = data.explanation(metric, asked.meant())
    except ExplanationError as error:
        explanation.refused(metric, about, asked, error)
        return
    explanation.show(found, about, asked)


def chosen_metric(known: list[str]) -> str | None:
    """Any text: what is not known is refused with the near names, not dropped."""
    named = st.query_params.get("metric")
    options = known if named is None or named in known else [named, *known]
    chosen = st.selectbox(
        "Metric", options, index=None, key="metric", bind="query-params", accept_new_options=True, width=280,
        placeholder="Type a name", on_change=widen,
    )  # fmt: skip
    return links.plain(chosen).lower() or None if chosen else None


def chosen_subject(metric: str) -> links.Asked:
    """Whose figure: what the address says, until another is chosen."""
    asked = links.asked_in({name: st.query_params.get_all(name) for name in st.query_params})
    kinds = data.kinds_of(metric)
    names = list(dict.fromkeys(row["name"] for row in data.rows("subjects") if row["kind"] in kinds))
    if asked.subject and asked.subject not in names:
        names = [asked.subject, *names]
    index = names.index(asked.subject) if asked.subject else None
    chosen = st.selectbox(
        "Of", names, index=index, key=f"of_{metric}_{asked.subject}", accept_new_options=True, width=220,
        placeholder="Symbol, portfolio, underlying",
    )  # fmt: skip
    wanted = (links.plain(chosen) or None) if chosen else None
    if wanted != asked.subject:
        choose(wanted)
    return asked


def choose(subject: str | None) -> None:
    """Another subject: the address says so, and what narrowed the figure of the one before means nothing now."""
    widen()
    for name in links.SUBJECTS:
        st.query_params.pop(name, None)
    if subject:
        st.query_params[kind_of(subject)] = subject
    st.rerun()


def kind_of(subject: str) -> str:
    kinds: dict[str, str] = {row["name"]: row["kind"] for row in data.rows("subjects")}
    return kinds.get(subject, "symbol")


def widen() -> None:
    for name in NARROWING:
        st.query_params.pop(name, None)


def forget() -> None:
    """Back to the list."""
    widen()
    for name in links.SUBJECTS:
        st.query_params.pop(name, None)
    st.session_state["metric"] = None


def keep_fresh(place: object, about: data.Record | None, asked: links.Asked) -> None:
    """The freshness of what the figure is made of; of a definition that of the build."""
    classes = {row["symbol"]: row["asset_class"] for row in data.rows("instruments")}
    subject = (asked.subject or "").upper()
    is_of_options = str((about or {}).get("place")).startswith(("9", "options"))
    if is_of_options and subject:
        badge.keep_fresh(place, "options", subject)
    elif subject in classes:
        badge.keep_fresh(place, badge.DAILY_DATASET[classes[subject]], subject)
    else:
        badge.keep_build_fresh(place)
