"""What every page has: header with freshness, provenance, and the designed states empty, stale, old and broken."""

import functools
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import streamlit as st

from dashboard import data, formats, last_good
from quant.errors import NoBuildError, QuantError

Page = Callable[[], None]
COMMAND = re.compile(r"`(quant [^`]*)`")
# What would be HTML, a link, a picture or a formula in markdown, as what it looks like.
PLAIN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "[": "&#91;", "$": "&#36;"})


def header(title: str, caption: str) -> Any:
    """Title and caption, which stand whatever the data say. Returns the place of the freshness badge."""
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.title(title, anchor=False, width="content")
        badge = st.container(width="content")
    st.caption(caption)
    return badge


def provenance(relations: str, source: str | None, until: date | None) -> None:
    """Where the numbers above come from."""
    build_id, _ = data.build()
    parts = [f"From {relations}", f"build `{build_id}`"]
    if source:
        parts.append(f"source `{source}`")
    if until:
        parts.append(f"data to {formats.instant(until) if isinstance(until, datetime) else until}")
    st.caption(" · ".join(parts))


def empty(what: str, remedy: str) -> None:
    """What is missing and which command fills it."""
    _notice(f":material/inbox: **{what}**", remedy)


def good(what: str, meaning: str) -> None:
    """Nothing is there, as it should be."""
    _notice(f":green[:material/check_circle:] **{what}**", meaning)


def old(reason: str) -> None:
    """The last good data stay, and why no newer ones are shown; `reason` is markdown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("Last good data", icon=":material/history:", color="orange")
        st.markdown(reason, width="content")


def command(text: str) -> str:
    """What a person types: of the demo's data where the page shows those."""
    return f"{text} --demo" if data.settings().demo and "--demo" not in text else text


def told(text: str) -> str:
    """The same of each command in a sentence."""
    return COMMAND.sub(lambda found: f"`{command(found[1])}`", text)


def _notice(title: str, text: str) -> None:
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.markdown(title, width="content")
        st.caption(told(text), width="content")


def guarded(show: Page) -> Page:
    """A page or fragment that shows a designed state instead of a traceback for what a person can act on."""

    @functools.wraps(show)
    def shown() -> None:
        above = st.container()
        with last_good.noting() as notes:
            try:
                show()
            except NoBuildError as error:
                empty("Nothing is built yet", f"{sentence(error)} This page fills itself as soon as a build is there.")
            except QuantError as error:
                st.warning(sentence(error), icon=":material/error:")
        if notes:
            with above:
                old(" ".join(sentence(note) for note in notes))

    return shown


def refreshing(seconds: float | None, key: str) -> Callable[[Page], Page]:
    """A guarded fragment that runs again without the rest of the page: every so many seconds, or when it is used."""

    def decorate(show: Page) -> Page:
        fragment: Page = st.fragment(guarded(show), run_every=seconds, key=key)
        return fragment

    return decorate


def demo_banner() -> None:
    st.html(
        '<div class="demo" role="note"><b>Demo</b> A stand-in market made by this program: no price here is real.</div>'
    )


def sentence(error: QuantError | str) -> str:
    """Safe to be shown as markdown, whoever wrote it, with its full stop."""
    text = told(str(error).translate(PLAIN).strip())
    return text if text.endswith(".") else f"{text}."
