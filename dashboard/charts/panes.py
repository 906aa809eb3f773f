"""Lines of stored metrics: over the price, or in panes of their own below it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from dashboard import formats
from dashboard.charts import named
from dashboard.charts.style import ACCENT, DOWN, PRICE, PRICE_TICK, QUIET, RIGHT, SERIES, UP, further, time
from dashboard.indicators import BARS, Pane

if TYPE_CHECKING:
    from dashboard.charts.candles import Shape

COLORS = (UP, DOWN, ACCENT, *SERIES[3:])
OVERLAY_COLORS = (*SERIES[3:], UP, DOWN)  # apart from the mean and the candles
HEIGHT = 80
LETTER = 6  # pixels of one, about
FORMATS = {"decimal": ".1%", "decimal per year": ".1%", "0 to 100": ".0f", "price": PRICE_TICK, "volume": "~s"}
PRECISE = {"decimal": ".2%", "decimal per year": ".2%", "0 to 100": ".2f", "price": PRICE, "volume": ",.4~s"}


def overlay(name: str, place: int, shape: "Shape") -> Any:
    """A level of the price, over the candles."""
    line = _points(name, shape).mark_line(strokeWidth=1.3, color=OVERLAY_COLORS[place % len(OVERLAY_COLORS)])
    return line.encode(x=further("middle"), y=f"{name}:Q")


def pane(shown: Pane, shape: "Shape", is_last: bool) -> Any:
    """One axis for metrics of one kind; only the last pane says the time."""
    axis = alt.Axis(format=FORMATS.get(shown.unit, ",.2~f"), tickCount=3, **RIGHT)
    colors = (COLORS[place % len(COLORS)] for place in range(len(shown.metrics)))
    lines = [(name, _drawn(name, _points(name, shape), next(colors))) for name in shown.metrics]
    y = alt.Y(f"{shown.metrics[0]}:Q", title=shown.title, scale=alt.Scale(zero=False), axis=axis)
    layers = [
        lines[0][1].encode(x=time("middle", labels=is_last), y=y),
        *(line.encode(x=further("middle"), y=f"{name}:Q") for name, line in lines[1:]),
        *(_guide(height) for height in shown.guides),
        *names(shown.metrics, COLORS),
    ]
    return alt.layer(*layers).properties(height=HEIGHT)


def said(name: str, shape: "Shape") -> str:
    """An expression of the browser: the metric's value in words."""
    unit = next((pane.unit for pane in shape.chosen.panes if name in pane.metrics), "price")
    return f"datum.{name} == null ? '-' : format(datum.{name}, '{PRECISE.get(unit, ',.3~f')}')"


def _points(name: str, shape: "Shape") -> Any:
    """The rows that have the metric, each in the middle of its bar."""
    if shape.is_wide:
        return alt.Chart()
    return alt.Chart(named.rows(name)).transform_calculate(middle=f"toNumber(datum.ts) + {shape.bar * 500:g}")


def _drawn(name: str, base: Any, color: str) -> Any:
    if name in BARS:
        return base.mark_area(interpolate="step", opacity=0.45, color=QUIET)
    return base.mark_line(strokeWidth=1.3, color=color)


def _once() -> Any:
    """A mark that has no row of its own is drawn for the last candle."""
    return alt.Chart().transform_filter("datum.is_newest")


def _guide(height: float) -> Any:
    return _once().mark_rule(strokeDash=[2, 3], color=QUIET).encode(y=alt.datum(height))


def names(metrics: Sequence[str], colors: Sequence[str]) -> list[Any]:
    """Which line is which, in its own colour, in one row from the upper left corner."""
    said = [formats.name(name) for name in metrics]
    starts = [6 + sum(len(before) * LETTER + 12 for before in said[:place]) for place in range(len(said))]
    return [
        _once()
        .mark_text(align="left", baseline="top", fontSize=11, text=text)
        .encode(
            x=alt.value(start),
            y=alt.value(2),
            color=alt.value(QUIET if name in BARS else colors[place % len(colors)]),
        )
        for place, (name, text, start) in enumerate(zip(metrics, said, starts, strict=True))
    ]
