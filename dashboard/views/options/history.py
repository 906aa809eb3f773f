"""History: volatility of 30 days day by day, beside what the underlying did and beside its own past."""

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from dashboard import data, formats, layout
from dashboard.charts.options.history import places, premium, volatilities
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.parts import Figure, explained, provenance, row_of_tiles

STRETCHES = 80  # four points each, six lines: below 2,000
VOLATILITIES = ("atm_iv_30d", "vix_style_index", "realized_vol")
PLACES = ("iv_rank", "iv_percentile")


def show(chain: Chain, summary: Record) -> None:
    row_of_tiles(chain, figures(summary))
    name = chain.underlying
    points = data.table("option_history", **chain.series, stretches=STRETCHES)
    if points.num_rows == 0:
        layout.empty(f"No day of {name} has a volatility of 30 days", "It needs an expiry on either side of 30 days.")
        return
    rows = of(points, *VOLATILITIES)
    about = f"{name}: volatility of 30 days by the last chain of each day, and realised volatility"
    figure(f"volatility_{name}", "Implied and realised volatility", volatilities(rows), rows, about)
    explained(
        chain,
        {
            "At the forward": "atm_iv_30d",
            "VIX-style index": "vix_style_index",
            "Realised": "variance_risk_premium",  # of which its square is a part; realized_vol takes the mean off
        },
    )
    below(chain, points)
    provenance(chain, summary, "option_history")


def below(chain: Chain, points: pa.Table) -> None:
    name = chain.underlying
    left, right = st.columns(2, gap="medium")
    with left:
        rows = of(points, "iv_minus_realized")
        if rows.num_rows:
            about = f"{name}: implied less realised volatility, in points"
            figure(f"premium_{name}", "Implied less realised", premium(rows), rows, about)
            explained(chain, {"Variance risk premium": "variance_risk_premium"})
        else:
            layout.empty("No realised volatility", f"Run `quant ingest equities` with {name} among its symbols.")
    with right:
        rows = of(points, *PLACES)
        if rows.num_rows:
            about = f"{name}: rank and percentile of volatility in the last year of chains"
            figure(f"places_{name}", "IV rank and percentile", places(rows), rows, about)
            explained(chain, {"IV rank": "iv_rank", "IV percentile": "iv_percentile"})
        else:
            layout.empty("No rank yet", "A year of chains tells it: `quant up` fetches them each day.")


def of(points: pa.Table, *series: str) -> pa.Table:
    return points.filter(pc.is_in(points["series"], pa.array(series)))


def figures(summary: Record) -> list[Figure]:
    return [
        Figure("Realised volatility", formats.percent(summary["realized_vol"]), "variance_risk_premium"),
        Figure("Variance premium", formats.ratio(summary["variance_risk_premium"], 4), "variance_risk_premium"),
        Figure("IV percentile", formats.percent(summary["iv_percentile"], 0), "iv_percentile"),
    ]
