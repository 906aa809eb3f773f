"""Growth and drawdown against the benchmark, and how far Sharpe ratios can be trusted."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.marks import haloed, hovered
from dashboard.charts.style import DOWN, QUIET, UP, amount, day_tip, time, tip

DASH = [5, 3]


def growth(days: pa.Table, falls: pa.Table) -> Any:
    """Growth over drawdown on one time axis; the worst falls are numbered bands.

    Columns: those of queries/growth.sql and queries/drawdowns.sql.
    """
    tips = [
        day_tip(),
        tip("growth", "Return since the first day", ".2%"),
        tip("benchmark_growth", "of the benchmark", ".2%"),
        tip("drawdown", "Drawdown", ".2%"),
        tip("benchmark_drawdown", "of the benchmark", ".2%"),
    ]
    above = alt.layer(*_growth(days), hovered(_at(days, labels=False), tips))
    below = alt.layer(*_underwater(days, falls), hovered(_at(days, labels=True), tips))
    panes = [above.properties(height=250), below.properties(height=150)]
    return alt.vconcat(*panes, spacing=8).resolve_scale(x="shared")


def _at(days: pa.Table, labels: bool) -> Any:
    return alt.Chart(days).encode(x=time("ts", labels=labels))


def _growth(days: pa.Table) -> list[Any]:
    base = _at(days, labels=False)
    # Each name is a column, so that the legend says it and the specification does not.
    colour = {"scale": alt.Scale(range=[UP, QUIET]), "sort": None, "legend": alt.Legend(symbolType="stroke")}
    title = "Return since the first day"
    chosen = base.mark_line(strokeWidth=1.8).encode(
        y=amount("growth", title, ".0%"), color=alt.Color("symbol:N", **colour)
    )
    other = base.transform_filter("isValid(datum.benchmark) && isValid(datum.benchmark_growth)")
    other = other.mark_line(strokeWidth=1.3, strokeDash=DASH).encode(
        y=amount("benchmark_growth", title, ".0%"), color=alt.Color("benchmark:N", **colour)
    )
    return [chosen, other]


def _underwater(days: pa.Table, falls: pa.Table) -> list[Any]:
    base = _at(days, labels=True)
    area = base.mark_area(color=DOWN, opacity=0.3, line={"color": DOWN, "strokeWidth": 1.3}).encode(
        y=amount("drawdown", "Drawdown", ".0%", zero=True, ticks=4).scale(zero=True, padding=16)
    )
    other = base.transform_filter("isValid(datum.benchmark_drawdown)")
    other = other.mark_line(color=QUIET, strokeWidth=1.1, strokeDash=DASH).encode(y="benchmark_drawdown:Q")
    return [*_bands(falls), area, other, *_numbers(falls)]


def _bands(falls: pa.Table) -> list[Any]:
    shown = alt.Chart(falls).transform_filter("isValid(datum.shown_from)")
    band = shown.mark_rect(color=QUIET, opacity=0.13).encode(x=time("shown_from", labels=True), x2="shown_until")
    return [band]


def _numbers(falls: pa.Table) -> list[Any]:
    """The rank of a fall at its deepest point, the same as in the table below."""
    shown = alt.Chart(falls).transform_filter("isValid(datum.shown_trough)")
    placed = shown.encode(x=time("shown_trough", labels=True), y="depth:Q", text="rank:N")
    return haloed(placed, fontWeight="bold", fontSize=12, dy=11)


def sharpes(rows: pa.Table) -> Any:
    """One interval per symbol, the highest ratio on top. Columns: those of queries/sharpes.sql."""
    chosen = alt.condition("datum.is_chosen", alt.value(UP), alt.value(QUIET))
    tips = [
        alt.Tooltip("symbol:N", title="Symbol"),
        tip("sharpe", "Sharpe ratio", ".3f"),
        tip("sharpe_low", "Lower end", ".3f"),
        tip("sharpe_high", "Upper end", ".3f"),
    ]
    order = alt.EncodingSortField("sharpe", order="descending")
    axis = alt.Axis(title="Symbol", grid=False, ticks=False, domain=False, labelPadding=8)
    base = alt.Chart(rows).encode(y=alt.Y("symbol:N", sort=order, axis=axis), color=chosen, tooltip=tips)
    ends = base.mark_rule(strokeWidth=3, opacity=0.6, strokeCap="round").encode(
        x=alt.X(
            "sharpe_low:Q",
            title="Sharpe ratio, annualised",
            axis=alt.Axis(format=".1f", tickCount=6),
            scale=alt.Scale(padding=8),
        ),
        x2="sharpe_high",
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x="sharpe:Q")
    zero = alt.Chart(rows).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(x=alt.datum(0))
    return alt.layer(zero, ends, point).properties(height=alt.Step(30))
