"""What the views of a chain share: numbers with links to what they mean, the expiry, and what is missing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from dashboard import choices, data, layout, links, tiles
from dashboard.data import Record
from dashboard.views.options.chains import Chain

# A column that the catalogue has under the name of the metric that it is, for some parameter.
CATALOGUED = {"atm_iv_30d": "atm_iv_constant_maturity"}
ALL = "All"


@dataclass(frozen=True)
class Figure:
    """A number as text, under a name; `metric` is what explains it, None where the vendor said it.

    `expires_at` is whose figure it is, where it is not the whole chain's.
    """

    label: str
    text: str
    metric: str | None
    expires_at: datetime | None = None


Told = tuple[str, Callable[[float | None], str], str]  # a name, how the number is written, its metric and column


def figures_of(row: Record, told: Sequence[Told], expires_at: datetime | None = None) -> list[Figure]:
    """Those that the row has."""
    return [Figure(label, write(row[metric]), metric, expires_at) for label, write, metric in told if metric in row]


def asked(chain: Chain, expires_at: datetime | None = None) -> links.Asked:
    """Figures of past chains are not explained: the address says which chain is meant, so that no other one is."""
    where = [f"expires_at:{expires_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00"] if expires_at else []
    where += [f"ingest_run_id:{chain.ingest_run_id}"] if chain.is_past else []
    return links.Asked(underlying=chain.underlying, where=tuple(where))


def row_of_tiles(chain: Chain, figures: Sequence[Figure], border: bool = True) -> None:
    """Numbers side by side, at most six; each name leads to its explanation."""
    catalog = data.catalog()
    grid = st.grid(len(figures), min_column_width=150, gap="xsmall")
    for each in figures:
        about = tiles.explanation(catalog.get(CATALOGUED.get(each.metric or "", each.metric or ""), {}))
        grid.metric(linked(chain, each), each.text, help=about, border=border, height="stretch")


def line_of_figures(chain: Chain, figures: Sequence[Figure]) -> None:
    """Lesser numbers, in one line of text."""
    st.caption(" · ".join(f"{linked(chain, each)} **{each.text}**" for each in figures))


def linked(chain: Chain, figure: Figure) -> str:
    if figure.metric is None:
        return figure.label
    return links.to_explanation(figure.label, figure.metric, asked(chain, figure.expires_at))


def explained(chain: Chain, metrics: Mapping[str, str], expires_at: datetime | None = None) -> None:
    """What a chart draws, by the names of its lines, each a link to its formula."""
    named = [links.to_explanation(label, metric, asked(chain, expires_at)) for label, metric in metrics.items()]
    st.caption("Explained: " + " · ".join(named))


def expiry_names(expiries: Sequence[Record]) -> dict[str, Record]:
    """Each by its day; by its instant where two end on one day, at the open and at the close."""
    days = [f"{row['expiry_on']}" for row in expiries]
    return {
        day if days.count(day) == 1 else f"{row['expires_at']:%Y-%m-%d %H:%M}": row
        for day, row in zip(days, expiries, strict=True)
    }


def one_expiry(expiries: Sequence[Record]) -> tuple[str, Record]:
    """The visitor's, at first the one nearest to 30 days."""
    named = expiry_names(expiries)
    month = next((name for name, row in named.items() if row["is_next_month"]), None)
    name = choices.choice_of_many("Expiry", list(named), "expiry", month)
    return name, named[name]


def expiry_or_all(expiries: Sequence[Record]) -> tuple[str, Record | None]:
    """The same where all may be taken together."""
    named = expiry_names(expiries)
    name = choices.choice_of_many("Expiry", [ALL, *named], "expiry")
    return name, named.get(name)


def no_volatility(summary: Record, reason: str = "no strike carries one") -> None:
    """Why there is nothing to draw; of a chain that has none at all the page has said it."""
    if not summary["reason"]:
        layout.empty(f"No implied volatility of {summary['underlying']} here", f"Reason: {reason}.")


def provenance(chain: Chain, summary: Record, *relations: str) -> None:
    """The last line of every view."""
    named = ", ".join(f"`serving.{relation}`" for relation in relations)
    layout.provenance(f"{named}, chain `{chain.ingest_run_id}`", chain.source, summary["quoted_at"])
