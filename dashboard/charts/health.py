"""Charts of the data health page."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.marks import haloed
from dashboard.charts.style import ACCENT, DOWN, QUIET, UP, minute_tip, time, tip

PROMISED = "datum.value > 1.5 ? '' : datum.value == 1 ? 'promised' : format(datum.value, '.0%')"


def freshness(series: pa.Table) -> Any:
    """One bar per series: its age against its promise. Columns: those of queries/health.sql, and `said`."""
    base = alt.Chart(series).encode(y=alt.Y("series:N", sort=None, title="Series", axis=alt.Axis(labelLimit=160)))
    colour = alt.condition("datum.is_stale", alt.value(DOWN), alt.value(UP))
    axis = alt.Axis(labelExpr=PROMISED, tickCount=6)
    bars = base.mark_bar(height=9).encode(
        x=alt.X("shown:Q", title="Age, as a share of what is promised", scale=alt.Scale(domain=[0, 2.75]), axis=axis),
        color=colour,
        tooltip=[
            alt.Tooltip("series:N", title="Series"),
            alt.Tooltip("source:N", title="Source"),
            alt.Tooltip("said:N", title="Age"),
            minute_tip("last_event_at", "Newest event, UTC"),
            minute_tip("last_fetched_at", "Received, UTC"),
        ],
    )
    ends = haloed(base.encode(x="shown:Q", text="said:N"), align="left", dx=6, fontSize=12)
    promised = alt.Chart(series).mark_rule(strokeDash=[4, 3], color=QUIET).encode(x=alt.datum(1))
    return alt.layer(bars, promised, *ends).properties(height=alt.Step(24))


def builds(rows: pa.Table) -> Any:
    """How long each build took, by when it began. Columns: those of queries/builds.sql."""
    scale = alt.Scale(domain=["full", "incremental"], range=[ACCENT, UP])
    return (
        alt.Chart(rows)
        .mark_bar(size=7)
        .encode(
            x=time("started_at", title="Began, UTC"),
            y=alt.Y("seconds:Q", title="Duration, seconds", axis=alt.Axis(tickCount=5)),
            color=alt.Color("kind:N", scale=scale, legend=alt.Legend(title="Kind")),
            tooltip=[
                alt.Tooltip("build_id:N", title="Build"),
                alt.Tooltip("kind:N", title="Kind"),
                minute_tip("started_at", "Began, UTC"),
                tip("seconds", "Seconds", ",.1f"),
                minute_tip("tested_at", "Tests passed, UTC"),
            ],
        )
        .properties(height=200)
    )
