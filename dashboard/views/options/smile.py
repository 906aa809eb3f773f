"""Smile: the quotes of one expiry, the curves through them, and by how much they miss."""

from collections.abc import Iterator

import pyarrow as pa
import streamlit as st

from dashboard import data, formats, links
from dashboard.charts.options.smile import smile
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.markup import Cell, Heading, table
from dashboard.views.options.parts import (
    Told,
    asked,
    expiry_names,
    explained,
    figures_of,
    no_volatility,
    one_expiry,
    provenance,
    row_of_tiles,
)

STRIKES = 450  # a dot, two curves and an error each
PARAMETERS = {"a": "svi_a", "b": "svi_b", "rho": "svi_rho", "m": "svi_m", "sigma": "svi_sigma"}
LEVELS: list[Told] = [
    ("Forward", formats.price, "forward"),
    ("ATM volatility", formats.percent, "atm_forward_iv"),
    ("25-delta put", formats.percent, "iv_25d_put"),
    ("25-delta call", formats.percent, "iv_25d_call"),
    ("Risk reversal", formats.points, "risk_reversal_25d"),
    ("Butterfly", formats.points, "butterfly_25d"),
]
ABOUT = "Raw SVI: total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(strike / forward)."


def show(chain: Chain, summary: Record) -> None:
    expiries = data.rows("option_expiries", **chain.key)
    if not expiries:
        no_volatility(summary, "no expiry is priced yet")
        return
    name, expiry = one_expiry(expiries)
    row_of_tiles(chain, figures_of(expiry, LEVELS, expiry["expires_at"]))
    points = data.table("option_surface", **chain.key, expires_at=expiry["expires_at"], limit=STRIKES)
    if points.num_rows == 0:
        no_volatility(summary, f"no strike of {name} carries one")
    else:
        draw(chain, name, expiry, points.drop_columns(["x0", "x1"]))
    st.subheader("Fit of each expiry", anchor=False)
    st.caption(ABOUT)
    headings = [Heading("Expiry", marked="text"), Heading("Strikes")]
    headings += [Heading(text, links.address(metric, asked(chain))) for text, metric in PARAMETERS.items()]
    headings += [Heading("Error", about="Root mean square, of total variance"), Heading("Least g"), Heading("Status")]
    table(f"{chain.underlying}: SVI fit of each expiry", headings, fits(expiries))
    provenance(chain, summary, "option_snapshot_surface", "option_snapshot_expiries")


def draw(chain: Chain, name: str, expiry: Record, points: pa.Table) -> None:
    title = f"Smile of {name}"
    about = f"{chain.underlying}: quoted volatility of {name} with the SVI and SSVI curves, and the error of the fit"
    figure(f"smile_{chain.underlying}", title, smile(points), points, about)
    metrics = {"Implied volatility": "implied_vol", "SVI curve": "svi_a", "Forward": "forward"}
    explained(chain, metrics, expiry["expires_at"])


def fits(expiries: list[Record]) -> Iterator[list[Cell]]:
    """One row per expiry."""
    for name, row in expiry_names(expiries).items():
        yield [
            Cell(name, "text", names_row=True),
            Cell(formats.count(row["count_strikes"])),
            *(Cell(formats.ratio(row[column], 5)) for column in PARAMETERS.values()),
            Cell(formats.MISSING if row["svi_rmse"] is None else f"{row['svi_rmse']:.1e}"),
            Cell(formats.ratio(row["svi_min_g"], 3)),
            Cell((row["svi_status"] or formats.MISSING).replace("_", " ")),
        ]
