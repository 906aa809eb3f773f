"""Candles over volume, with overlays and signals."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import ACCENT, DOWN, QUIET, RIGHT, UP, ZOOM, minute_tip, time


def candles(table: pa.Table, step: int, unit: str, height: int = 340) -> Any:
    """Candles of `step` seconds over volume on one time axis, with mean, Bollinger band and signals if they are there.

    Rising candles are hollow. Columns: those of queries/candles.sql or queries/bars.sql.
    """
    bars = _placed(table, step)
    zoom = alt.selection_interval(name=ZOOM, bind="scales", encodings=["x"])
    overlays = _overlays(bars) if "sma" in table.column_names else []
    signals = _signals(bars) if "signal" in table.column_names else []
    price = alt.layer(*overlays, *_candles(bars, unit), *signals, _newest(bars))
    volume = bars.mark_bar(opacity=0.65).encode(
        x=time("x0", labels=True),
        x2="x1",
        y=alt.Y("volume:Q", title="Volume", axis=alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=3, **RIGHT)),
        y2=alt.datum(0),
        color=_direction(),
        tooltip=_candle_tooltip(),
    )
    panes = [price.add_params(zoom).properties(height=height), volume.properties(height=80)]
    return alt.vconcat(*panes, spacing=8).resolve_scale(x="shared")


def _placed(table: pa.Table, step: int) -> Any:
    """Where each candle is drawn, worked out in the browser: it would be a third of all bytes of a refresh."""
    left, middle, right = (step * 1000 * share for share in (0.13, 0.5, 0.87))
    start = "toNumber(datum.ts)"
    return alt.Chart(table).transform_calculate(
        x0=f"{start} + {left:g}",
        x1=f"{start} + {right:g}",
        middle=f"{start} + {middle:g}",
        rises="datum.close >= datum.open",
        top="max(datum.open, datum.close)",
        bottom="min(datum.open, datum.close)",
    )


def _direction() -> Any:
    return alt.condition("datum.rises", alt.value(UP), alt.value(DOWN))


def _candles(bars: Any, unit: str) -> list[Any]:
    axis = alt.Axis(format=",.2~f", tickCount=6, **RIGHT)
    y = {"title": f"Price, {unit}", "scale": alt.Scale(zero=False), "axis": axis}
    wick = bars.mark_rule(strokeWidth=1).encode(x=time("middle", labels=False), color=_direction())
    body = bars.mark_rect(strokeWidth=1).encode(
        x=time("x0", labels=False),
        x2="x1",
        y=alt.Y("bottom:Q", **y),
        y2="top",
        stroke=_direction(),
        fill=_direction(),
        fillOpacity=alt.condition("datum.rises", alt.value(0.12), alt.value(1)),
        tooltip=_candle_tooltip(),
    )
    return [wick.encode(y=alt.Y("low:Q", **y), y2="bottom"), wick.encode(y="top:Q", y2="high"), body]


def _candle_tooltip() -> list[Any]:
    prices = [
        alt.Tooltip(f"{name}:Q", title=name.capitalize(), format=",.2f") for name in ("open", "high", "low", "close")
    ]
    volume = alt.Tooltip("volume:Q", title="Volume", format=",.4~f")
    return [
        minute_tip(),
        *prices,
        volume,
        alt.Tooltip("is_final:N", title="Final"),
    ]


def _overlays(bars: Any) -> list[Any]:
    base = bars.encode(x=time("middle", labels=False))
    band = base.mark_area(opacity=0.12, color=QUIET).encode(y="bb_lower:Q", y2="bb_upper")
    edges = [
        base.mark_line(strokeWidth=0.8, color=QUIET, opacity=0.7).encode(y=f"{edge}:Q")
        for edge in ("bb_lower", "bb_upper")
    ]
    mean = base.mark_line(strokeWidth=1.4, color=ACCENT).encode(y="sma:Q")
    return [band, *edges, mean]


def _signals(bars: Any) -> list[Any]:
    base = bars.encode(
        x=time("middle", labels=False),
        tooltip=[minute_tip(), alt.Tooltip("signal_text:N", title="Signal")],
    )
    up = base.transform_filter("datum.signal === 'up'").mark_point(
        shape="triangle-up", filled=True, size=70, color=UP, yOffset=12, opacity=1
    )
    down = base.transform_filter("datum.signal === 'down'").mark_point(
        shape="triangle-down", filled=True, size=70, color=DOWN, yOffset=-12, opacity=1
    )
    return [up.encode(y="low:Q"), down.encode(y="high:Q")]


def _newest(bars: Any) -> Any:
    """A dashed line at the newest close."""
    newest = bars.transform_filter("datum.is_newest")
    return newest.mark_rule(strokeDash=[3, 3], color=QUIET).encode(y="close:Q")
