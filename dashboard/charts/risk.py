"""Charts of the risk page."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import DOWN, RIGHT, UP, day_tip, time


def growth(days: pa.Table) -> Any:
    """Cumulative return over drawdown on one time axis. Columns: those of queries/drawdown.sql."""
    base = alt.Chart(days)
    tip = [
        day_tip(title="From, UTC"),
        alt.Tooltip("cumulative_return:Q", title="Cumulative return", format=".2%"),
        alt.Tooltip("drawdown:Q", title="Deepest drawdown", format=".2%"),
    ]
    percent = alt.Axis(format=".0%", tickCount=5, **RIGHT)
    gained = base.mark_line(color=UP, strokeWidth=1.6).encode(
        x=time("ts", labels=False), y=alt.Y("cumulative_return:Q", title="Return", axis=percent), tooltip=tip
    )
    under = base.mark_area(color=DOWN, opacity=0.35, line={"color": DOWN, "strokeWidth": 1.2}).encode(
        x=time("ts", labels=True), y=alt.Y("drawdown:Q", title="Drawdown", axis=percent), tooltip=tip
    )
    return alt.vconcat(gained.properties(height=240), under.properties(height=140), spacing=8).resolve_scale(x="shared")
