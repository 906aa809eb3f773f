"""Volatility of 30 days by day, what the underlying did, and where it stands in its past."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import points, series, volatility, zero
from dashboard.charts.style import ACCENT, DOWN, QUIET, UP, amount, day_tip, time, tip

VOLATILITIES = {
    "atm_iv_30d": ("Implied, at the forward", UP),
    "vix_style_index": ("VIX-style index", ACCENT),
    "realized_vol": ("Realised", DOWN),
}
PLACES = {"iv_rank": ("IV rank", UP), "iv_percentile": ("IV percentile", DOWN)}


def volatilities(days: pa.Table) -> Any:
    """Columns: ts, series, value."""
    return _lines(days, VOLATILITIES, volatility("value", "Volatility"), ".2%", 320)


def places(days: pa.Table) -> Any:
    """Columns: ts, series, value; 0 is the least of a year, 1 the greatest."""
    return _lines(days, PLACES, amount("value", "Place in a year", ".0%"), ".0%", 240)


def premium(days: pa.Table) -> Any:
    """Columns: ts, value."""
    color = alt.condition("datum.value < 0", alt.value(DOWN), alt.value(UP))
    tips = [day_tip(), tip("value", "Implied less realised", ".2%")]
    base = alt.Chart(days).encode(x=time(), y=points("value", "Volatility, points"), tooltip=tips)
    line = base.mark_line(color=QUIET, strokeWidth=1.2)
    dots = base.mark_point(filled=True, size=26, opacity=1).encode(color=color)
    return alt.layer(zero(days, "y"), line, dots).properties(height=240)


def _lines(days: pa.Table, named: dict[str, tuple[str, str]], y: Any, shown: str, height: int) -> Any:
    name = " : ".join(f"datum.series === '{column}' ? '{text}'" for column, (text, _) in named.items())
    tips = [day_tip(), alt.Tooltip("name:N", title="What"), tip("value", "Value", shown)]
    color = series("name", [text for text, _ in named.values()], [color for _, color in named.values()])
    base = alt.Chart(days).transform_calculate(name=f"{name} : ''").encode(x=time(), y=y, color=color, tooltip=tips)
    dots = base.mark_point(filled=True, size=30, opacity=1)
    return alt.layer(base.mark_line(strokeWidth=1.6), dots).properties(height=height)
