"""Chain: calls, strike and puts of one expiry, with greeks."""

from collections.abc import Iterator

import streamlit as st

from dashboard import choices, data, formats, layout, links, tables
from dashboard.data import Record
from dashboard.views.options.chains import Chain
from dashboard.views.options.markup import Cell, Heading, table
from dashboard.views.options.parts import asked, one_expiry, provenance

STRIKES = ("25", "50", "100", "200")
COLUMNS = {
    "Open": "open_interest",
    "Volume": "volume",
    "Theta": "theta_per_day",
    "Vega": "vega_per_point",
    "Gamma": "gamma",
    "Delta": "delta",
    "IV": "implied_vol",
    "Bid": "bid",
    "Ask": "ask",
}
RECORDED = {"open_interest", "volume", "bid", "ask"}  # the vendor's, without a formula
PUTS = ("Bid", "Ask", "IV", "Delta", "Gamma", "Vega", "Theta", "Volume", "Open")
GROUPS = (
    f'<tr><th class="group" scope="colgroup" colspan="{len(COLUMNS)}">Calls</th><th></th>'
    f'<th class="group" scope="colgroup" colspan="{len(COLUMNS)}">Puts</th></tr>'
)
CAPTION = (
    "Theta per calendar day, vega per point of volatility. Shaded: in the money. Framed: the strike nearest to the "
    "forward, {forward}. Bars: open interest. A dash is no quote or no volatility; hover says why."
)


def show(chain: Chain, summary: Record) -> None:
    expiries = data.rows("option_expiries", **chain.key)
    if not expiries:
        layout.empty("No expiry is priced yet", "Run `quant build`.")
        return
    with st.container(horizontal=True, gap="medium"):
        name, expiry = one_expiry(expiries)
        limit = int(choices.choice("Strikes", STRIKES, "strikes"))
    strikes = data.table("option_chain", **chain.key, expires_at=expiry["expires_at"], limit=limit)
    what = f"{chain.underlying}: calls and puts of {name}"
    st.subheader(f"Chain of {name}", anchor=False)
    st.caption(CAPTION.format(forward=formats.price(expiry["forward"])))
    table(what, list(headings(chain, expiry)), (row_of(row) for row in strikes.to_pylist()), GROUPS)
    tables.data_table(f"chain_{chain.underlying}", what, lambda: strikes.drop_columns(["call_share", "put_share"]))
    provenance(chain, summary, "option_snapshot_quotes")


def headings(chain: Chain, expiry: Record) -> Iterator[Heading]:
    whose = asked(chain, expiry["expires_at"])
    for text in (*COLUMNS, "Strike", *PUTS):
        metric = COLUMNS.get(text)
        of = links.address(metric, whose) if metric and metric not in RECORDED else None
        yield Heading(text, of)


def row_of(row: Record) -> list[Cell]:
    near = "near" if row["is_at_the_money"] else ""
    forward = row["forward"] or row["strike"]  # of no spot there is none, and nothing is in the money
    calls = "inside" if row["strike"] < forward else ""
    puts = "inside" if row["strike"] > forward else ""
    return [
        *(side_cell(row, "call", text, f"{calls} {near}") for text in COLUMNS),
        Cell(f"{row['strike']:,g}", f"strike {near}".strip(), names_row=True),
        *(side_cell(row, "put", text, f"{puts} {near}") for text in PUTS),
    ]


def side_cell(row: Record, side: str, text: str, marked: str) -> Cell:
    column = COLUMNS[text]
    shown = text_of(column, row[f"{side}_{column}"])
    if column == "open_interest":
        return Cell(shown, f"held {side} {marked}".strip(), row[f"{side}_share"] or 0.0)
    return Cell(shown, marked.strip(), about=None if column != "implied_vol" else why(row, side))


def why(row: Record, side: str) -> str | None:
    """Why a quote has no volatility: of what is not two-sided by what it is, else by what the solver found."""
    if row[f"{side}_implied_vol"] is not None or row[f"{side}_quality"] is None:
        return None
    said = row[f"{side}_iv_status"] if row[f"{side}_quality"] == "two_sided" else row[f"{side}_quality"]
    return f"No volatility: {str(said).replace('_', ' ')}"


def text_of(column: str, value: float | None) -> str:
    if value is None:
        return "-"
    if column in {"open_interest", "volume"}:
        return formats.count(value)
    if column == "implied_vol":
        return formats.percent(value)
    return f"{value:,.2f}" if column in {"bid", "ask"} else f"{value:.{4 if column == 'gamma' else 3}f}"
