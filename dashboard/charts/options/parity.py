"""The forwards that calls and puts imply, and how far single strikes are from them."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import days, expiry_day_tip, expiry_tip, series, strike, zero
from dashboard.charts.style import DOWN, QUIET, UP, amount, tip


def forwards(expiries: pa.Table) -> Any:
    """The forward by days to expiry, and the spot. Columns: those of queries/option_expiries.sql."""
    tips = [
        expiry_day_tip(), tip("days", "Days", ",.1f"), tip("forward", "Forward", ",.4f"), tip("spot", "Spot", ",.2f"),
        tip("rate", "Rate", ".2%"), tip("implied_dividend_yield", "Implied yield", ".2%"),
        tip("n_pairs", "Pairs", ",.0f"), tip("parity_error", "Error", ",.4f"),
    ]  # fmt: skip
    base = alt.Chart(expiries).encode(x=days(), tooltip=tips)
    color = series("line", ["Implied forward", "Spot"], [UP, QUIET])
    spot = base.mark_line(strokeDash=[4, 3]).encode(y="spot:Q", color=alt.datum("Spot"))
    line = base.mark_line(strokeWidth=1.6).encode(y=amount("forward", "Price, USD"), color=alt.datum("Implied forward"))
    dots = base.transform_calculate(line="'Implied forward'").mark_point(filled=True, size=46, opacity=1)
    dots = dots.encode(y="forward:Q", color=color)
    return alt.layer(spot, line, dots).properties(height=280)


def gaps(strikes: pa.Table) -> Any:
    """The residual of each strike; what breaks a bound is a cross. Columns: those of queries/option_parity.sql."""
    tips = [
        expiry_tip(), tip("strike", "Strike", ",.2f"), tip("put_call_parity_residual", "Gap", ",.4f"),
        tip("least_gap", "Sold at", ",.2f"), tip("greatest_gap", "Bought at", ",.2f"),
        tip("lower_bound", "At least", ",.2f"), tip("upper_bound", "At most", ",.2f"), tip("breach", "Breach", ",.4f"),
    ]  # fmt: skip
    base = alt.Chart(strikes).transform_calculate(kind="datum.is_violation ? 'Violation' : 'Within bounds'")
    kinds = ["Within bounds", "Violation"]
    dots = base.mark_point(filled=True, size=24, opacity=0.8).encode(
        x=strike(),
        y=amount("put_call_parity_residual", "Call less put less parity, USD", ",.3~f"),
        color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[UP, DOWN])),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["circle", "cross"])),
        tooltip=tips,
    )
    return alt.layer(zero(strikes, "y"), dots).properties(height=280)
