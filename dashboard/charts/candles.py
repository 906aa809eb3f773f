"""Candles over volume and panes of metrics on one time axis, with overlays, levels and signals.

A refresh sends the whole specification, so that it is kept short: one layer says what an axis looks like, the column
below the pointer says all numbers, and what is nowhere is not mentioned.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from dashboard import formats
from dashboard.charts import named, panes
from dashboard.charts.style import ACCENT, DOWN, PAPER, PRICE, PRICE_TICK, QUIET, RIGHT, UP, further, time
from dashboard.indicators import Arrangement

UNITS = {"crypto": ("USDT", "coins"), "equity": ("USD", "shares")}  # of price and volume
NOTHING = Arrangement()
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Shape:
    """All that a chart of candles is made of but its rows: charts of one shape share one specification.

    Where `is_wide`, a candle is a bar, and metrics are columns of `bars`; else each has rows of its own.
    """

    asset_class: str
    step: int  # seconds of a candle
    bar: int  # seconds of a bar, of which the metrics are
    theme: str
    height: int = 320
    has_means: bool = False  # moving average and Bollinger band
    has_signals: bool = False
    has_levels: bool = False
    chosen: Arrangement = NOTHING

    @property
    def is_wide(self) -> bool:
        return self.step == self.bar


@lru_cache(maxsize=256)
def specification(shape: Shape) -> str:
    """Rows: `bars` (queries/bars.sql or candles.sql), `levels` (levels.sql), and ts with each metric by its name."""
    layers = [
        *_candles(shape),
        *(_means() if shape.has_means else []),
        *(panes.overlay(name, place, shape) for place, name in enumerate(shape.chosen.overlays)),
        *(_signals() if shape.has_signals else []),
        *(_levels(PAPER[shape.theme]) if shape.has_levels else []),
        _newest(),
        *panes.names(shape.chosen.overlays, panes.OVERLAY_COLORS),
        _column(shape),  # last, since it takes the pointer
    ]
    price = alt.layer(*layers).properties(height=shape.height)
    below = [panes.pane(pane, shape, is_last=pane == shape.chosen.panes[-1]) for pane in shape.chosen.panes]
    stacked = [price, _volume(shape, is_last=not below).properties(height=60), *below]
    chart = alt.vconcat(*stacked, data=named.rows("bars"), spacing=6).resolve_scale(x="shared")
    return named.specification(_placed(chart, shape.step), is_zoomed=True)


def _placed(chart: Any, step: int) -> Any:
    """Where each candle is drawn, worked out in the browser: it would be a third of all bytes of a refresh."""
    left, middle, right = (step * 1000 * share for share in (0.13, 0.5, 0.87))
    start = "toNumber(datum.ts)"
    return chart.transform_calculate(
        x0=f"{start} + {left:g}",
        x1=f"{start} + {right:g}",
        middle=f"{start} + {middle:g}",
        rises="datum.close >= datum.open",
        top="max(datum.open, datum.close)",
        bottom="min(datum.open, datum.close)",
    )


def _direction() -> Any:
    return alt.condition("datum.rises", alt.value(UP), alt.value(DOWN))


def _candles(shape: Shape) -> list[Any]:
    axis = alt.Axis(format=PRICE_TICK, tickCount=6, **RIGHT)
    title = f"Price, {UNITS[shape.asset_class][0]}"
    y = alt.Y("low:Q", title=title, scale=alt.Scale(zero=False), axis=axis)
    wick = alt.Chart().mark_rule(strokeWidth=1).encode(x=time("middle", labels=False), y=y, y2="high")
    body = alt.Chart().mark_rect(strokeWidth=1).encode(x=further("x0"), x2="x1", y="bottom:Q", y2="top")
    # A falling body is filled, a rising one hollow: with the page's own colour, so that no wick shows through.
    hollow = alt.condition("datum.rises", alt.value(PAPER[shape.theme]), alt.value(DOWN))
    return [wick.encode(color=_direction()), body.encode(stroke=_direction(), fill=hollow)]


def _column(shape: Shape) -> Any:
    """All of a candle's time, from top to bottom: it lights up below the pointer and says what it has."""
    over = alt.selection_point(name="over", on="pointerover", clear="pointerout", fields=["ts"], empty=False)
    column = alt.Chart().mark_rect(color=QUIET, tooltip=alt.ExprRef(_said(shape)))
    return column.encode(
        x=further("x0"),
        x2="x1",
        y=alt.value(0),
        y2=alt.value(shape.height),
        opacity=alt.condition(over, alt.value(0.16), alt.value(0)),
    ).add_params(over)


def _said(shape: Shape) -> str:
    """An expression of the browser: the candle's numbers by their names, and its signals if there are any."""
    said = [
        "'From, UTC': utcFormat(datum.ts, '%Y-%m-%d %H:%M')",
        *(f"{name.capitalize()}: format(datum.{name}, '{PRICE}')" for name in PRICES),
        "Volume: format(datum.volume, ',.4~f')",
    ]
    if shape.is_wide:
        said += [f"'{formats.name(name)}': {panes.said(name, shape)}" for name in shape.chosen.metrics]
    if not shape.has_signals:
        return f"{{{', '.join(said)}}}"
    return f"merge({{{', '.join(said)}}}, datum.signal_text ? {{Signals: datum.signal_text}} : {{}})"


def _volume(shape: Shape, is_last: bool) -> Any:
    axis = alt.Axis(labelExpr="replace(format(datum.value, '~s'), 'G', 'B')", tickCount=3, **RIGHT)
    title = f"Vol., {UNITS[shape.asset_class][1]}"
    bars = alt.Chart().mark_bar(opacity=0.65)
    y = alt.Y("volume:Q", title=title, axis=axis)
    return bars.encode(x=time("x0", labels=is_last), x2="x1", y=y, y2=alt.datum(0), color=_direction())


def _means() -> list[Any]:
    band = alt.Chart().mark_area(opacity=0.16, color=QUIET).encode(x=further("middle"), y="bb_lower:Q", y2="bb_upper")
    return [band, alt.Chart().mark_line(strokeWidth=1.4, color=ACCENT).encode(x=further("middle"), y="sma:Q")]


def _levels(paper: str) -> list[Any]:
    """Where swings turned, from their first turn on: support blue, resistance orange, and the words say it too."""
    base = alt.Chart(named.rows("levels"))
    color = alt.condition("datum.kind === 'support'", alt.value(UP), alt.value(DOWN))
    line = base.mark_rule(strokeDash=[6, 3]).encode(x=further("since"), x2="until", y="level:Q", color=color)
    touched = f"datum.kind + ' ' + format(datum.level, '{PRICE_TICK}') + ' (' + datum.touches + 'x'"
    words = alt.ExprRef(f"{touched} + (datum.is_passed ? ', passed)' : ')')")
    beside = alt.ExprRef("datum.kind === 'support' ? 9 : -6")
    at = {"align": "right", "fontSize": 11, "dx": -4, "dy": beside, "text": words}
    halo = base.mark_text(**at, stroke=paper, strokeWidth=3, strokeJoin="round", color=paper)  # candles lie below
    place = {"x": further("until"), "y": "level:Q"}
    return [line, halo.encode(**place), base.mark_text(**at).encode(**place, color=color)]


def _signals() -> list[Any]:
    """Below the low where one points up, above the high where it points down."""
    return [
        alt.Chart()
        .transform_filter(f"datum.signal === '{way}'")
        .mark_point(shape=f"triangle-{way}", filled=True, size=70, color=color, yOffset=offset, opacity=1)
        .encode(x=further("middle"), y=f"{price}:Q")
        for way, price, color, offset in (("up", "low", UP, 12), ("down", "high", DOWN, -12))
    ]


def _newest() -> Any:
    """A dashed line at the last close."""
    rule = alt.Chart().transform_filter("datum.is_newest").mark_rule(strokeDash=[3, 3], color=QUIET)
    return rule.encode(y="close:Q")
