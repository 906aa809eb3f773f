"""Charts of the signals page."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import DOWN, UP, minute_tip, reference, time, tip

DIRECTIONS = ["up", "down"]


def _direction() -> tuple[Any, Any]:
    """Colour and shape of up and down; one legend for both."""
    color = alt.Color("direction:N", scale=alt.Scale(domain=DIRECTIONS, range=[UP, DOWN]))
    shape = alt.Shape("direction:N", scale=alt.Scale(domain=DIRECTIONS, range=["triangle-up", "triangle-down"]))
    return color, shape


def _rules() -> Any:
    return alt.Y("rule:N", title="Rule", axis=alt.Axis(grid=True, labelLimit=150, domain=False, ticks=False))


def timeline(stretches: pa.Table) -> Any:
    """A row per rule; each mark the events of a stretch of time. Columns: those of signal_timeline.sql."""
    color, shape = _direction()
    return (
        alt.Chart(stretches)
        .mark_point(filled=True, opacity=0.85)
        .encode(
            x=time("ts"),
            y=_rules(),
            yOffset=alt.YOffset("direction:N", scale=alt.Scale(domain=DIRECTIONS)),
            color=color,
            shape=shape,
            size=alt.Size("count_events:Q", scale=alt.Scale(type="sqrt", range=[40, 260]), legend=None),
            tooltip=[
                minute_tip(title="Newest, UTC"),
                alt.Tooltip("rule:N", title="Rule"),
                alt.Tooltip("direction:N", title="Direction"),
                tip("count_events", "Events", ",d"),
                alt.Tooltip("newest:N", title="Of"),
                alt.Tooltip("explanation:N", title="What"),
            ],
        )
        .properties(height=alt.Step(15))
    )


def outcomes(table: pa.Table, field: str, title: str, format: str, references: tuple[float, ...]) -> Any:
    """A row per rule, a mark per series or asset class, interval and direction; larger is more events."""
    color, shape = _direction()
    marks = (
        alt.Chart(table)
        .mark_point(filled=True, opacity=0.8)
        .encode(
            x=alt.X(f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=format, tickCount=7)),
            y=_rules(),
            color=color,
            shape=shape,
            size=alt.Size("count_events:Q", scale=alt.Scale(type="sqrt", range=[30, 300]), legend=None),
            tooltip=[
                alt.Tooltip("rule:N", title="Rule"),
                alt.Tooltip("direction:N", title="Direction"),
                alt.Tooltip("interval:N", title="Bars"),
                alt.Tooltip("asset_class:N", title="Asset class"),
                tip("count_events", "Events", ",d"),
                tip("hit_rate", "Hit rate", ".1%"),
                tip("mean_return", "Mean return", ".3%"),
                tip("usual_return", "After any bar", ".3%"),
                tip("t_statistic", "t", ".2f"),
            ],
        )
    )
    rules = [reference(table, "x", value) for value in references]
    return alt.layer(*rules, marks).properties(height=alt.Step(26))
