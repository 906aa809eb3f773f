"""One metric: what it means; of a figure the value, the SQL that yields it, and where every part of it came from."""

import shlex
from datetime import datetime
from urllib.parse import quote, urlencode

import streamlit as st

from dashboard import data, formats, layout, links
from dashboard.views.catalogue import inputs
from quant.explanation import ExplanationError, SeveralSourcesError, UnknownNameError
from quant.metrics import near_names

SQL_HELP = "Runs as it stands at the prompt of `quant sql`, and of any DuckDB that opens the build."


def show(found: data.Record, about: data.Record, asked: links.Asked) -> None:
    """All that is known of one figure."""
    figure(found)
    st.markdown(found["description"])
    meaning(about)
    sql, formula = st.columns(2, gap="medium")
    with sql:
        statement(found)
        parameters(found["parameters"])
        elsewhere(found, asked)
    with formula:
        formulas(found["formulas"])
    inputs.show(found)
    layout.provenance(f"`{found['stored_in']}`", found["source"], instant_of(found))


def figure(found: data.Record) -> None:
    """The value, of whom, as of when, and what entered."""
    st.subheader(f"{formats.name(found['metric'])} of {whose(found)}", anchor=False)
    grid = st.grid(4, min_column_width=170, gap="xsmall", key="figure")
    value = formats.value(found["value"], found["unit"]) if is_number(found["value"]) else text_of(found["value"])
    grid.metric(f"Value, {found['unit']}", value, border=True, height="stretch", help=exactly(found))
    day, _, clock = as_of(found).partition(" ")
    grid.metric("As of", day, clock or None, delta_color="off", delta_arrow="off", border=True, height="stretch")
    grid.metric("Made of", made_of(found), border=True, height="stretch", help=WINDOW)
    year = formats.count(found["periods_per_year"]) if found["periods_per_year"] else formats.MISSING
    grid.metric("Bars a year", year, border=True, height="stretch", help="What annualising counts with")
    st.caption(f"Exactly `{text_of(found['value'])}`")


WINDOW = "The newest bars where the figure looks back over a window that is found out by trying; else all of them."


def whose(found: data.Record) -> str:
    """AAPL, bars of 1d, expires at 2026-12-18 21:00 UTC."""
    keys = [f"{formats.name(name).lower()} {said(value)}" for name, value in found["keys"].items() if name != "symbol"]
    members = [str(found["keys"]["symbol"])] if "symbol" in found["keys"] else []
    bars = [f"bars of {found['interval']}"] if found["interval"] else []
    return ", ".join([found["symbol"], *members, *bars, *(key for key in keys if "ingest run" not in key)])


def said(value: object) -> str:
    return formats.instant(value) if isinstance(value, datetime) else str(value)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_of(value: object) -> str:
    """Every digit; what is not known yet in words."""
    return "not knowable yet" if value is None else repr(value) if is_number(value) else str(value)


def exactly(found: data.Record) -> str:
    return f"{text_of(found['value'])}, kept in {found['stored_in']}"


def as_of(found: data.Record) -> str:
    """The end of the newest bar, or the day where no more is said."""
    return said(found["as_of"]) if found["as_of"] else formats.MISSING


def instant_of(found: data.Record) -> datetime | None:
    return found["as_of"] if isinstance(found["as_of"], datetime) else None


def made_of(found: data.Record) -> str:
    """22 newest bars, 499 bars, 613 quotes."""
    if found["window"]:
        return f"{formats.count(found['window'])} newest bars"
    first = next(iter(found["inputs"]), None)
    if first is None:
        return formats.MISSING
    what = "quotes" if first["role"] == "quotes" else "bars"
    members = sum(each["role"] == "member" for each in found["inputs"])
    return f"{members} members" if members else f"{formats.count(first['count_rows'])} {what}"


def meaning(about: data.Record) -> None:
    """Range, paper or book, and where it is kept."""
    parts = [f"Unit: {about['unit']}", f"range: {about['range'] or 'any'}"]
    parts += [f"kept in `{about['stored_in']}`"] if about["stored_in"] else ["computed when asked, no build keeps it"]
    parts += [f"source: {about['source']}"] if about["source"] else []
    st.caption(" · ".join(parts))


def statement(found: data.Record) -> None:
    st.subheader("SQL that yields it", anchor=False, help=SQL_HELP)
    st.code(found["sql"], language="sql", wrap_lines=True)
    if not found["note"]:
        return
    st.caption(f"It selects the stored figure: {found['note']}.")
    if found["computed_sql"]:
        st.markdown("Computed, in `quant sql`:")
        st.code(found["computed_sql"], language="sql", wrap_lines=True)


def formulas(texts: list[data.Record]) -> None:
    """Each formula as its file has it."""
    st.subheader("Formula", anchor=False)
    if not texts:
        st.caption("No macro gives it by itself; the lineage below says what it is made of.")
    for text in texts[:2]:
        st.code(f"-- {text['comment']}\n{text['signature']} as\n    {text['body']}", language="sql", wrap_lines=True)
        st.caption(f"`{text['file']}:{text['line']}`")


def parameters(given: list[data.Record]) -> None:
    if not given:
        return
    cells = [[_code(each["name"]), _code(each["value"]), _code(each["default"]), each["origin"]] for each in given]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    st.markdown("\n".join(["| Parameter | Value | Default | From |", "|---|---|---|---|", *lines]))


def _code(text: object) -> str:
    return "-" if text is None else f"`{str(text).replace('|', ' ')}`"


def elsewhere(found: data.Record, asked: links.Asked) -> None:
    """The same from the API and from the command line."""
    narrowed = {name: value for name, value in vars(asked).items() if value and name not in links.SUBJECTS}
    query = f"?{urlencode(narrowed, doseq=True)}" if narrowed else ""
    words = ["quant", "explain", str(found["symbol"]), found["metric"]]
    words += [f"--{name}={value}" for name, value in narrowed.items() if isinstance(value, str)]
    words += [f"--where={each}" for each in asked.where]
    st.subheader("The same elsewhere", anchor=False)
    st.code(layout.command(shlex.join(words)), language="bash")
    st.caption(
        f"The API answers it at `GET /explain/{quote(str(found['symbol']), safe='')}/{found['metric']}{query}`"
        + (f"; from files of your own: `{found['compute']}`" if found["compute"] else "")
    )


def definition(metric: str, about: data.Record | None, known: list[str]) -> None:
    """What a metric means, without a figure; or that there is none of the name."""
    if about is None:
        unknown(f"There is no metric {metric}", near_names(metric, known))
        return
    st.subheader(formats.name(metric), anchor=False)
    st.markdown(about["description"])
    meaning(about)
    formula, example = st.columns(2, gap="medium")
    with formula:
        formulas(data.rows("formulas", macro=about["macro"], formula=about["formula"]))
        if about["parameters"]:
            st.caption(f"Parameters: `{about['parameters']}`")
    with example:
        st.subheader("Example", anchor=False, help=SQL_HELP)
        st.code(about["example"], language="sql", wrap_lines=True)
    layout.provenance("`meta.catalog` and `meta.formulas`", None, None)


def refused(metric: str, about: data.Record, asked: links.Asked, error: ExplanationError) -> None:
    """The figure is not there: why, what would have been, and what the metric means."""
    if isinstance(error, SeveralSourcesError):
        ways = [links.to_explanation(each, metric, links.of_source(asked, each)) for each in error.known]
        layout.empty("Several sources have it", f"{layout.sentence(error)} Choose: {' · '.join(ways)}")
    elif isinstance(error, UnknownNameError):
        ways = [links.to_explanation(each, metric, links.Asked(symbol=each)) for each in error.known]
        layout.empty("Nobody here has that name", f"{layout.sentence(error)} {' · '.join(ways)}")
    else:
        layout.empty("No such figure is stored", layout.sentence(error))
    definition(metric, about, [])


def unknown(what: str, near: list[str]) -> None:
    ways = [links.to_explanation(each, each, links.Asked()) for each in near]
    layout.empty(what, f"Did you mean {' or '.join(ways)}?" if ways else "Clear the field, and all are listed.")
