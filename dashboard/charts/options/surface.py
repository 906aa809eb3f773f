"""The surface of implied volatility: as a map, and as the smiles of all expiries."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import expiry_tip, moneyness, volatility
from dashboard.charts.style import tip

# Two expiries of a day, at the open and at the close, are two rows.
INSTANT: dict[str, Any] = {"timeUnit": "utcyearmonthdatehoursminutes"}


def surface(cells: pa.Table) -> Any:
    """One cell per strike and expiry, coloured by implied volatility. Columns: those of queries/option_surface.sql."""
    color = alt.Color(
        "implied_vol:Q",
        scale=alt.Scale(scheme="viridis"),
        legend=alt.Legend(title="Implied volatility", format=".0%", orient="top", gradientLength=220),
    )
    y = alt.Y("expires_at:O", title="Expiry", axis=alt.Axis(format="%d %b %Y"), **INSTANT)
    cell = alt.Chart(cells).mark_rect()
    drawn = cell.encode(x=moneyness("x0"), x2="x1", y=y, color=color, tooltip=_tips())
    return drawn.properties(height=alt.Step(34))


def smiles(cells: pa.Table) -> Any:
    """A curve per expiry, by SVI, over the dots that are quoted."""
    # The ends of viridis would drown in a dark or a light page.
    scheme = alt.SchemeParams(name="viridis", extent=[0.25, 0.85])
    legend = alt.Legend(title="Expiry", format="%d %b %Y")
    color = alt.Color("expires_at:O", scale=alt.Scale(scheme=scheme), legend=legend, **INSTANT)
    base = alt.Chart(cells).encode(x=moneyness(), color=color)
    curves = base.mark_line(strokeWidth=1.4).encode(y=volatility("svi_vol"))
    dots = base.mark_point(filled=True, size=16, opacity=1).encode(y=volatility("implied_vol"), tooltip=_tips())
    return alt.layer(curves, dots).properties(height=300)


def _tips() -> list[Any]:
    return [
        expiry_tip(),
        tip("strike", "Strike", ",.2f"),
        tip("log_moneyness", "ln(K/F)", ".4f"),
        tip("implied_vol", "Implied volatility", ".2%"),
        tip("svi_vol", "SVI curve", ".2%"),
        alt.Tooltip("is_call:N", title="Call"),
    ]
