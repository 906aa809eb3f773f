"""Tables of HTML: their headings are links to what a column means, which st.dataframe cannot have."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.charts import style


@dataclass(frozen=True)
class Heading:
    """A column's name, where it is explained, and what it says on hover."""

    text: str
    address: str | None = None
    about: str | None = None
    marked: str = ""


@dataclass(frozen=True)
class Cell:
    """Text, with the class that marks it, a share of its width that is filled, and what it says on hover."""

    text: str
    marked: str = ""
    share: float | None = None
    about: str | None = None
    names_row: bool = False


def table(what: str, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]], groups: str = "") -> None:
    """A table that scrolls by itself; `groups` are rows of headings above the headings, as HTML."""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    head = "".join(f'<th scope="col"{_marked(each)}{_title(each)}>{_heading(each)}</th>' for each in headings)
    name = html.escape(what, quote=True)
    st.html(
        f'<div class="sheet {style.theme()}" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<thead>{groups}<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _heading(heading: Heading) -> str:
    text = html.escape(heading.text)
    return f'<a href="{html.escape(heading.address, quote=True)}">{text}</a>' if heading.address else text


def _marked(of: Heading | Cell) -> str:
    return f' class="{of.marked}"' if of.marked else ""


def _title(of: Heading | Cell) -> str:
    return f' title="{html.escape(of.about, quote=True)}"' if of.about else ""


def _cell(cell: Cell) -> str:
    filled = f' style="--share:{cell.share:.0%}"' if cell.share is not None else ""
    kind, scope = ("th", ' scope="row"') if cell.names_row else ("td", "")
    return f"<{kind}{scope}{_marked(cell)}{filled}{_title(cell)}>{html.escape(cell.text)}</{kind}>"
