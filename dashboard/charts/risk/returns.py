"""Daily returns: how they are spread, and how often they were worse than the value at risk."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.marks import haloed, hovered
from dashboard.charts.style import ACCENT, DOWN, QUIET, UP, amount, day_tip, time, tip

HEIGHT = 330
LINES = 4
STEP = 18  # between the labels of neighbouring lines, so that none covers another
NAME = "(width < 420 ? replace(datum.name, 'VaR, ', '') : datum.name)"  # a phone has no room for the whole


def histogram(bins: pa.Table, lines: pa.Table) -> Any:
    """Bars of days, a normal curve, and a labelled line for each value at risk and expected shortfall.

    Columns: those of queries/histogram.sql and queries/tails.sql.
    """
    tips = [
        tip("x0", "From", ".2%"),
        tip("x1", "to", ".2%"),
        tip("days", "Days", ",.0f"),
        tip("normal_days", "If returns were normal", ",.1f"),
    ]
    base = alt.Chart(bins)
    axis = alt.Axis(format=".2~%", tickCount=9, grid=False)
    bars = base.mark_bar(binSpacing=1, opacity=0.75).encode(
        x=alt.X("x0:Q", bin="binned", title="Daily return", axis=axis),
        x2="x1",
        y=amount("days", "Days", ",.0f", zero=True),
        color=alt.condition("datum.is_beyond", alt.value(DOWN), alt.value(UP)),
        tooltip=tips,
    )
    curve = base.mark_line(color=ACCENT, strokeWidth=1.6, interpolate="monotone").encode(
        x="middle:Q", y=amount("normal_days", "Days", ",.0f", zero=True)
    )
    marked = [layer for place in range(LINES) for layer in _line(lines, place)]
    return alt.layer(bars, curve, *marked).properties(height=HEIGHT)


def _line(lines: pa.Table, place: int) -> list[Any]:
    """The mildest has the highest label, so that the lines left of it pass below."""
    base = (
        alt.Chart(lines)
        .transform_filter(f"datum.place == {place}")
        .transform_calculate(text=f"{NAME} + '  ' + format(datum.value, '.2%')")
    )
    top = 8 + STEP * place
    tips = [alt.Tooltip("name:N", title="Line"), tip("value", "Return", ".3%")]
    measured = "datum.metric === 'var_historical' || datum.metric === 'es_historical'"
    rule = base.mark_rule(strokeWidth=1.6).encode(
        x="value:Q",
        y=alt.value(top),
        y2=alt.value(HEIGHT),
        color=alt.condition(measured, alt.value(DOWN), alt.value(QUIET)),
        strokeDash=alt.condition("datum.metric === 'es_historical'", alt.value([5, 3]), alt.value([1, 0])),
        tooltip=tips,
    )
    placed = base.encode(x="value:Q", y=alt.value(top + 5), text="text:N")
    return [rule, *haloed(placed, align="right", baseline="middle", dx=-5, fontSize=12)]


def exceptions(days: pa.Table) -> Any:
    """Daily returns, the value at risk known before each, and a point where it lost more.

    Columns: those of queries/exceptions.sql.
    """
    base = alt.Chart(days).encode(x=time())
    tips = [
        day_tip(),
        tip("simple_return", "Return", "+.2%"),
        tip("value_at_risk", "Value at risk", "+.2%"),
        alt.Tooltip("is_exception:N", title="Exception"),
    ]
    scale = amount("simple_return", "Daily return", ".2~%", zero=True)
    bars = base.mark_rule(color=QUIET, opacity=0.5).encode(y=scale, y2=alt.datum(0))
    promise = base.mark_line(color=UP, strokeWidth=1.6, interpolate="step-after").encode(y="value_at_risk:Q")
    worse = base.transform_filter("datum.is_exception").mark_point(filled=True, size=34, color=DOWN, opacity=1)
    return alt.layer(bars, promise, worse.encode(y="simple_return:Q"), hovered(base, tips)).properties(height=270)
