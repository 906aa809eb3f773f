"""What the visitor chose: it stands in the URL. The symbol goes along from page to page, the rest stays behind."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import links

FEW = 8  # options that are all shown; of more, one is searched for
SYMBOL = "symbol"
LAST_SYMBOL = "last_symbol"
PAGE, KEYS, ARRIVED = "page", "keys_of_page", "has_arrived"
Changed = Callable[[], None] | None


def arrive(page: str) -> None:
    """Leave the page before: its choices have the names that others have here, and would be theirs in the URL."""
    if st.session_state.get(PAGE, page) != page:
        st.session_state[ARRIVED] = True  # until a symbol is asked for: a run that is cut short is made again
        for key in st.session_state.pop(KEYS, set()) - {SYMBOL}:
            st.session_state.pop(key, None)
    st.session_state[PAGE] = page


def choice(
    label: str,
    options: Sequence[str],
    key: str,
    default: str | None = None,
    labelled: bool = True,
    changed: Changed = None,
) -> str:
    """One of a few, kept in the URL under `key`, so that a link shows the same page. A click calls `changed`."""
    chosen = st.segmented_control(
        label,
        options,
        default=default or options[0],
        key=_of_page(key),
        bind="query-params",
        on_change=changed,
        required=True,
        wrap=True,
        label_visibility="visible" if labelled else "collapsed",
    )
    return chosen if chosen in options else default or options[0]


def choice_of_many(
    label: str, options: Sequence[str], key: str, default: str | None = None, changed: Changed = None
) -> str:
    """The same where there may be hundreds: buttons as long as they are few, a list to search in beyond."""
    if len(options) <= FEW:
        return choice(label, options, key, default, changed=changed)
    return choice_of_list(label, options, key, default, changed)


def choice_of_list(
    label: str, options: Sequence[str], key: str, default: str | None = None, changed: Changed = None
) -> str:
    """The same as a list to search in, however few there are."""
    first = options.index(default) if default is not None and default in options else 0
    chosen = st.selectbox(
        label, options, index=first, key=_of_page(key), bind="query-params", width=220, on_change=changed
    )
    return chosen if chosen in options else options[first]


def several(label: str, options: Sequence[str], key: str, default: Sequence[str], most: int, hint: str) -> list[str]:
    """Some of many, searched for by name; repeated in the URL under `key` unless they are the default."""
    return st.multiselect(
        label,
        options,
        default=list(default),
        key=_of_page(key),
        bind="query-params",
        max_selections=most,
        placeholder=hint,
    )


def symbol(names: Sequence[str], label: str = "Symbol") -> str:
    """The one that the URL says, or the one that was looked at last.

    A page that has none of that name shows its own first one, and the choice waits for a page that has it.
    """
    last, asked = st.session_state.get(LAST_SYMBOL), st.query_params.get(SYMBOL)
    if _has_just_opened():
        _take_along(last if last in names else None)
    elif asked is not None and asked not in names:
        _take_meant(asked, names)
    chosen = choice_of_many(label, names, SYMBOL, changed=_remember_symbol)
    if st.query_params.get(SYMBOL) == chosen:  # what nobody asked for, a page's first one, is no choice
        st.session_state[LAST_SYMBOL] = chosen
    return chosen


def any_symbol(names: Sequence[str], every: str) -> str:
    """One as a filter: nobody comes to a page with it, unless the URL says so. The last choice of a page stays."""
    asked = st.query_params.get(SYMBOL)
    if _has_just_opened():
        _take_along(None)
    elif asked is not None and asked not in names and asked != every:
        _take_meant(asked, names)
    return choice_of_many("Symbol", [every, *names], SYMBOL)


def _has_just_opened() -> bool:
    """Whether a link that names no symbol just opened the page. Back and forward show what their address says."""
    has_arrived, run = st.session_state.pop(ARRIVED, False), get_script_run_ctx()
    is_history = run is not None and run.is_history_navigation
    return bool(has_arrived) and not is_history and SYMBOL not in st.query_params


def _take_along(name: str | None) -> None:
    """Show a symbol on a page that is about to ask for one, and in its URL; None takes the last page's away."""
    if name is None:
        st.session_state.pop(SYMBOL, None)
        return
    st.session_state[SYMBOL] = name
    with suppress(StreamlitAPIException):  # from a page that asked for one as well: Streamlit writes it by itself
        st.query_params[SYMBOL] = name


def _take_meant(asked: str, names: Sequence[str]) -> None:
    """An address that someone typed: in small letters it is meant all the same; of another name the page says so."""
    meant, told = asked.strip().upper(), links.plain(asked[:40])
    if meant in names:
        st.query_params[SYMBOL] = meant  # the whole run again: Streamlit takes away what it did not know when it began
        st.rerun()
    elif told:
        st.toast(f"There is no {told} on this page.", icon=":material/help:", duration="long")


def _remember_symbol() -> None:
    st.session_state[LAST_SYMBOL] = st.session_state[SYMBOL]


def _of_page(key: str) -> str:
    st.session_state.setdefault(KEYS, set()).add(key)
    return key
