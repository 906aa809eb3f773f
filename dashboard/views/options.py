"""Options: the newest implied volatility surface of an underlying, as a map and as smiles."""

import streamlit as st

from dashboard import charts, data, layout, tables

CAPTION = "Implied volatility of out-of-the-money options from the newest chain, by log-moneyness ln(strike / forward)."
CELLS = 1900  # a chart of more marks would leave SVG


def show() -> None:
    badge = layout.header("Options", CAPTION)
    underlyings = data.underlyings()
    if not underlyings:
        layout.empty("No option chain yet", "Run `quant ingest options`, then `quant build`.")
        return
    underlying = layout.choice("Underlying", list(underlyings), key="underlying")
    layout.keep_fresh(badge, "options", underlying)
    cells = data.surface(underlying, CELLS)
    if cells.num_rows == 0:
        reason = underlyings[underlying] or "the next build prices its chain"
        layout.empty(f"The newest chain of {underlying} has no implied volatility", f"Reason: {reason}.")
        return
    st.subheader("Surface", anchor=False)
    charts.show(
        charts.surface(cells), f"surface_{underlying}", f"{underlying}: implied volatility by strike and expiry"
    )
    st.subheader("Smile of each expiry", anchor=False)
    charts.show(charts.smiles(cells), f"smiles_{underlying}", f"{underlying}: implied volatility smile of each expiry")
    rows = cells.drop_columns(["x0", "x1"])
    tables.data_table(f"surface_{underlying}", f"{underlying}: implied volatility of each strike", lambda: rows)
    layout.provenance("`serving.option_surface`", cells["source"][0].as_py(), max(cells["quoted_at"].to_pylist()))
