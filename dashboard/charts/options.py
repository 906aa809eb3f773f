"""Charts of the options page."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import day_tip


def surface(cells: pa.Table) -> Any:
    """One cell per strike and expiry, coloured by implied volatility. Columns: those of queries/surface.sql."""
    return (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X(
                "x0:Q",
                title="Log-moneyness ln(K/F)",
                axis=alt.Axis(format=".2f", tickCount=10),
                scale=alt.Scale(nice=False),
            ),
            x2="x1",
            y=alt.Y("expiry_on:O", title="Expiry", timeUnit="utcyearmonthdate", axis=alt.Axis(format="%d %b %Y")),
            color=alt.Color(
                "implied_vol:Q",
                scale=alt.Scale(scheme="viridis"),
                legend=alt.Legend(title="Implied volatility", format=".0%", orient="top", gradientLength=220),
            ),
            tooltip=_option_tooltip(),
        )
        .properties(height=260)
    )


def smiles(cells: pa.Table) -> Any:
    """One line per expiry over log-moneyness."""
    return (
        alt.Chart(cells)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.4)
        .encode(
            x=_moneyness("log_moneyness"),
            y=alt.Y(
                "implied_vol:Q", title="Implied volatility", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")
            ),
            color=alt.Color(
                "expiry_on:O",
                timeUnit="utcyearmonthdate",
                # The ends of viridis would drown in a dark or a light page.
                scale=alt.Scale(scheme=alt.SchemeParams(name="viridis", extent=[0.25, 0.85])),
                legend=alt.Legend(title="Expiry", format="%d %b %Y", orient="top", columns=3),
            ),
            tooltip=_option_tooltip(),
        )
        .properties(height=300)
    )


def _moneyness(field: str) -> Any:
    axis = alt.Axis(format=".2f", tickCount=10)
    return alt.X(f"{field}:Q", title="Log-moneyness ln(K/F)", axis=axis, scale=alt.Scale(nice=False))


def _option_tooltip() -> list[Any]:
    return [
        day_tip("expiry_on", "Expiry"),
        alt.Tooltip("strike:Q", title="Strike", format=",.2f"),
        alt.Tooltip("log_moneyness:Q", title="ln(K/F)", format=".4f"),
        alt.Tooltip("implied_vol:Q", title="Implied volatility", format=".2%"),
        alt.Tooltip("is_call:N", title="Call"),
    ]
