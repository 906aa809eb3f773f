"""Parity: the forwards that calls and puts imply, how far strikes are from them, and prices that break a rule."""

from collections.abc import Iterator

import streamlit as st

from dashboard import data, formats, layout, links, tables
from dashboard.charts.options.parity import forwards, gaps
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.markup import Cell, Heading, table
from dashboard.views.options.parts import asked, expiry_names, explained, provenance

STRIKES = 900
VIOLATIONS = 500
FORWARDS = ["expiry_on", "days", "spot", "forward", "rate", "implied_dividend_yield", "n_pairs", "parity_error"]
COLUMNS = {
    "Forward": "forward",
    "Discount": "discount",
    "Implied rate": "implied_rate",
    "Implied yield": "implied_dividend_yield",
    "Implied borrow": "implied_borrow",
}


def show(chain: Chain, summary: Record) -> None:
    name = chain.underlying
    expiries = data.table("option_expiries", **chain.key)
    left, right = st.columns(2, gap="medium")
    with left:
        rows = expiries.select(FORWARDS)
        about = f"{name}: the forward that calls and puts imply, by days to expiry, beside the spot"
        figure(f"forwards_{name}", "Implied forward", forwards(rows), rows, about)
        explained(chain, {"Implied forward": "forward"})
    with right:
        rows = data.table("option_parity", **chain.key, limit=STRIKES)
        about = f"{name}: call less put, less what European parity makes of it, by strike"
        if rows.num_rows:
            figure(f"parity_{name}", "Parity gap", gaps(rows), rows, about)
            explained(chain, {"Parity residual": "put_call_parity_residual"})
        else:
            layout.empty("No strike is quoted on both sides", f"Reason: {summary['reason'] or 'one-sided quotes'}.")
    st.subheader("Forward of each expiry", anchor=False)
    headings = [
        Heading("Expiry", marked="text"),
        *(Heading(text, links.address(of, asked(chain))) for text, of in COLUMNS.items()),
    ]
    headings += [Heading("Pairs"), Heading("Error"), Heading("Method")]
    table(f"{name}: implied forward of each expiry", headings, of_expiries(expiries.to_pylist()))
    checks(chain)
    provenance(chain, summary, "option_snapshot_parity", "option_snapshot_expiries", "option_snapshot_checks")


def of_expiries(expiries: list[Record]) -> Iterator[list[Cell]]:
    """One row per expiry."""
    for name, row in expiry_names(expiries).items():
        yield [
            Cell(name, "text", names_row=True),
            Cell(formats.price(row["forward"])),
            Cell(formats.ratio(row["discount"], 5)),
            *(Cell(formats.percent(row[f"implied_{what}"])) for what in ("rate", "dividend_yield", "borrow")),
            Cell(formats.count(row["n_pairs"])),
            Cell(formats.ratio(row["parity_error"], 4)),
            Cell((row["forward_method"] or formats.MISSING).replace("_", " ")),
        ]


def checks(chain: Chain) -> None:
    """Prices that can be traded and break a rule."""
    st.subheader("Arbitrage checks", anchor=False)
    found = data.table("option_checks", **chain.key, limit=VIOLATIONS)
    if found.num_rows == 0:
        layout.good("No violation", "Parity, spreads, butterflies, calendars and the fitted curves keep their rules.")
        return
    st.dataframe(
        found,
        hide_index=True,
        placeholder="-",
        key=f"checks_{chain.underlying}",
        column_config=tables.columns(found),
        alt=f"{chain.underlying}: rules that prices break",
    )
