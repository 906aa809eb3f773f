"""What the visitor chose: symbol, interval and range stand in the URL, and every page reads the same."""

from collections.abc import Sequence

import streamlit as st

from dashboard.data import Record

FEW = 8  # options that are all shown; of more, one is searched for


def choice(label: str, options: Sequence[str], key: str, default: str | None = None, labelled: bool = True) -> str:
    """One of a few, kept in the URL under `key`, so that a link shows the same page."""
    chosen = st.segmented_control(
        label,
        options,
        default=default or options[0],
        key=key,
        bind="query-params",
        required=True,
        wrap=True,
        label_visibility="visible" if labelled else "collapsed",
    )
    # Another page may have kept a value under the same key that means nothing here.
    return chosen if chosen in options else default or options[0]


def choice_of_many(label: str, options: Sequence[str], key: str, default: str | None = None) -> str:
    """The same where there may be hundreds: buttons as long as they are few, a list to search in beyond."""
    return choice(label, options, key, default) if len(options) <= FEW else choice_of_list(label, options, key, default)


def choice_of_list(label: str, options: Sequence[str], key: str, default: str | None = None) -> str:
    """The same as a list to search in, however few there are."""
    first = options.index(default) if default is not None and default in options else 0
    chosen = st.selectbox(label, options, index=first, key=key, bind="query-params", width=220)
    return chosen if chosen in options else options[first]


def several(label: str, options: Sequence[str], key: str, default: Sequence[str], most: int, hint: str) -> list[str]:
    """Some of many, searched for by name; repeated in the URL under `key` unless they are the default."""
    return st.multiselect(
        label,
        options,
        default=list(default),
        key=key,
        bind="query-params",
        max_selections=most,
        placeholder=hint,
    )


def symbol(instruments: Sequence[Record]) -> Record:
    """The row of the chosen symbol; `instruments` are not empty."""
    known = {row["symbol"]: row for row in instruments}
    return known[choice_of_many("Symbol", list(known), "symbol")]
