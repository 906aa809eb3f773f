"""Charts of a portfolio through time: what it became, what it held, how its trailing figures went."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import (
    DOWN,
    QUIET,
    RIGHT,
    SERIES,
    UP,
    ZOOM,
    amount,
    day_tip,
    named,
    time,
    tip,
)

LINES = {"cumulative_return": "Portfolio", "benchmark_return": "Benchmark"}
PANES = {
    "realized_vol": ("Volatility, a year", ".0%", UP),
    "rolling_sharpe": ("Sharpe ratio", ".1f", SERIES[2]),
    "rolling_beta": ("Beta, ratio", ".1f", SERIES[3]),
}


def growth(days: pa.Table, is_compared: bool) -> Any:
    """What was earned since the start over the drawdown, on one time axis. Columns: those of portfolio_growth.sql."""
    lines = LINES if is_compared else {"cumulative_return": "Portfolio"}
    zoom = alt.selection_interval(name=ZOOM, bind="scales", encodings=["x"])
    base = alt.Chart(days).encode(x=time("ts", labels=False))
    scale = alt.Scale(domain=list(lines), range=[UP, QUIET][: len(lines)])
    earned = (
        base.transform_fold(list(lines), as_=["line", "value"])
        .mark_line(strokeWidth=1.6)
        .encode(
            y=amount("value", "Return since the start", ".0%"),
            color=alt.Color("line:N", scale=scale, legend=alt.Legend(labelExpr=named(lines))),
        )
    )
    under = (
        alt.Chart(days)
        .mark_area(color=DOWN, opacity=0.35, line={"color": DOWN, "strokeWidth": 1.2})
        .encode(x=time("ts"), y=amount("drawdown", "Drawdown", ".0%", ticks=3))
    )
    tips = [day_tip("ts"), *(tip(name, title, ".2%") for name, title in lines.items())]
    # A wide and unseen rule on each session, so that a hand finds its numbers.
    hover = base.mark_rule(opacity=0, strokeWidth=9, aria=False).encode(
        tooltip=[*tips, tip("drawdown", "Drawdown", ".2%")]
    )
    panes = [alt.layer(earned, hover).add_params(zoom).properties(height=260), under.properties(height=96)]
    return alt.vconcat(*panes, spacing=8).resolve_scale(x="shared")


def weights(table: pa.Table) -> Any:
    """What each member weighed, one over the other; short ones below zero. Columns: those of portfolio_weights.sql."""
    by_member: dict[str, Any] = {
        "sort": None,
        "scale": alt.Scale(range=list(SERIES)),
    }
    return (
        alt.Chart(table)
        .transform_stack(
            stack="weight", groupby=["ts"], as_=["low", "high"], sort=[alt.SortField("place", "ascending")]
        )
        .mark_rect(strokeWidth=1)
        .encode(
            x=time("ts"),
            x2="until",
            y=alt.Y("low:Q", title="Share of the portfolio", axis=alt.Axis(format=".0%", tickCount=5, **RIGHT)),
            y2="high",
            color=alt.Color("member:N", **by_member),
            stroke=alt.Stroke("member:N", **by_member),  # no seam between a member's sessions
            tooltip=[day_tip("ts", "Session"), alt.Tooltip("member:N", title="Member"), tip("weight", "Weight", ".2%")],
        )
        .properties(height=300)
    )


def rolling(points: pa.Table) -> Any:
    """A pane for each trailing figure, on one time axis. Columns: those of portfolio_rolling.sql."""
    last = list(PANES)[-1]
    panes = []
    for name, (title, format, color) in PANES.items():
        pane = (
            alt.Chart(points)
            .transform_filter(f"datum.series === '{name}'")
            .mark_line(color=color, strokeWidth=1.4, point=alt.OverlayMarkDef(opacity=0, size=40, color=color))
            .encode(
                x=time("ts", labels=name == last),
                y=amount("value", title, format, ticks=4),
                tooltip=[day_tip("ts"), tip("value", title, ".4f")],
            )
        )
        panes.append(pane.properties(height=110))
    return alt.vconcat(*panes, spacing=10).resolve_scale(x="shared")
