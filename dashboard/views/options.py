"""Options: the newest implied volatility surface of an underlying, as a map and as smiles."""

import streamlit as st

from dashboard import badge, choices, data, layout, tables
from dashboard.charts import style
from dashboard.charts.options import smiles, surface

CAPTION = "Implied volatility of out-of-the-money options from the newest chain, by log-moneyness ln(strike / forward)."
CELLS = 1900  # a chart of more marks would leave SVG


def show() -> None:
    place = layout.header("Options", CAPTION)
    underlyings = {row["underlying"]: row["reason"] for row in data.rows("underlyings")}
    if not underlyings:
        layout.empty("No option chain yet", "Run `quant ingest options`, then `quant build`.")
        return
    underlying = choices.choice("Underlying", list(underlyings), key="underlying")
    badge.keep_fresh(place, "options", underlying)
    cells = data.table("surface", underlying=underlying, limit=CELLS)
    if cells.num_rows == 0:
        reason = underlyings[underlying] or "the next build prices its chain"
        layout.empty(f"The newest chain of {underlying} has no implied volatility", f"Reason: {reason}.")
        return
    st.subheader("Surface", anchor=False)
    style.show(surface(cells), f"surface_{underlying}", f"{underlying}: implied volatility by strike and expiry")
    st.subheader("Smile of each expiry", anchor=False)
    style.show(smiles(cells), f"smiles_{underlying}", f"{underlying}: implied volatility smile of each expiry")
    rows = cells.drop_columns(["x0", "x1"])
    tables.data_table(f"surface_{underlying}", f"{underlying}: implied volatility of each strike", lambda: rows)
    layout.provenance("`serving.option_surface`", cells["source"][0].as_py(), max(cells["quoted_at"].to_pylist()))
