"""The smile of one expiry, the curves through it, and by how much they miss."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import moneyness, points, volatility, zero
from dashboard.charts.style import ACCENT, DOWN, QUIET, UP, tip

PUT, CALL, SVI, SSVI = "Put, quoted", "Call, quoted", "SVI of the expiry", "SSVI of the chain"
COLORS = alt.Scale(domain=[PUT, CALL, SVI, SSVI], range=[DOWN, UP, ACCENT, QUIET])


def smile(strikes: pa.Table) -> Any:
    """Quoted dots and both curves over the error of the first. Columns: those of queries/option_surface.sql."""
    base = alt.Chart(strikes).transform_calculate(side=f"datum.is_call ? '{CALL}' : '{PUT}'")
    y = volatility("implied_vol")
    dots = base.mark_point(filled=True, size=42, opacity=0.95).encode(
        x=moneyness(labels=False),
        y=y,
        color=alt.Color("side:N", scale=COLORS, legend=alt.Legend()),
        shape=alt.Shape("side:N", scale=alt.Scale(domain=[PUT, CALL], range=["triangle-down", "circle"]), legend=None),
        tooltip=_tips(),
    )
    curves = [_curve(base, "svi_vol", SVI, []), _curve(base, "ssvi_vol", SSVI, [4, 3])]
    forward = zero(strikes, "x")
    fitted = alt.layer(forward, *curves, dots).properties(height=320)
    errors = base.mark_bar(size=3, color=ACCENT).encode(
        x=moneyness(), y=points("svi_error", "Error, points"), tooltip=_tips()
    )
    return alt.vconcat(fitted, errors.properties(height=96), spacing=8).resolve_scale(x="shared")


def _curve(base: Any, field: str, name: str, dash: list[int]) -> Any:
    line = base.mark_line(strokeWidth=1.6, strokeDash=dash, interpolate="monotone")
    return line.encode(x=moneyness(labels=False), y=f"{field}:Q", color=alt.datum(name))


def _tips() -> list[Any]:
    return [
        alt.Tooltip("side:N", title="Side"),
        tip("strike", "Strike", ",.2f"),
        tip("log_moneyness", "ln(K/F)", ".4f"),
        tip("implied_vol", "Quoted", ".2%"),
        tip("svi_vol", "SVI", ".2%"),
        tip("ssvi_vol", "SSVI", ".2%"),
    ]
