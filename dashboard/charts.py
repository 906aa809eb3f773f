"""Arrow in, Altair out. A specification holds nothing that changes with the data, so that a refresh only swaps rows."""

from typing import Any

import altair as alt
import pyarrow as pa
import streamlit as st

# Blue and orange stay apart for deutan, protan and tritan eyes; shape or sign always says the same.
UP, DOWN, QUIET, ACCENT = "#2f78c8", "#d9722b", "#7b8794", "#15937f"

ZOOM = "zoom"
RIGHT = {"orient": "right", "minExtent": 52}  # titles of stacked panes stand in one line
UTC_MINUTE = {"timeUnit": "utcyearmonthdatehoursminutes", "format": "%Y-%m-%d %H:%M"}
UTC_DAY = {"timeUnit": "utcyearmonthdate", "format": "%Y-%m-%d"}
# The coarsest unit that began at a tick names it: hour, day, month or year.
TIME_LABEL = (
    "utchours(datum.value) + utcminutes(datum.value) > 0 ? utcFormat(datum.value, '%H:%M') :"
    " utcdate(datum.value) > 1 ? utcFormat(datum.value, '%d %b') :"
    " utcmonth(datum.value) > 0 ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%Y')"
)


def show(chart: Any, key: str, description: str, zoom: bool = False) -> None:
    """Draw at full width. `zoom` keeps the visitor's zoom over refreshes; it needs the parameter of that name."""
    # The height is that of the plot, without axes and legend; and panes that hold layers stretch only when told how.
    chart = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    chart = (
        chart.configure_view(strokeWidth=0)
        .configure_axis(gridOpacity=0.5, labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="top", title=None)
    )
    if zoom:
        st.altair_chart(chart, width="stretch", key=key, alt=description, on_select="rerun", selection_mode=ZOOM)
    else:
        st.altair_chart(chart, width="stretch", key=key, alt=description)


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
        x=_time("x0", labels=True),
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


def _time(field: str, labels: bool) -> Any:
    axis = alt.Axis(labelExpr=TIME_LABEL, tickCount=8, labelOverlap=True, labels=labels, ticks=labels, domain=labels)
    return alt.X(
        f"{field}:T", title="Time, UTC" if labels else None, scale=alt.Scale(type="utc", nice=False), axis=axis
    )


def _direction() -> Any:
    return alt.condition("datum.rises", alt.value(UP), alt.value(DOWN))


def _candles(bars: Any, unit: str) -> list[Any]:
    axis = alt.Axis(format=",.2~f", tickCount=6, **RIGHT)
    y = {"title": f"Price, {unit}", "scale": alt.Scale(zero=False), "axis": axis}
    wick = bars.mark_rule(strokeWidth=1).encode(x=_time("middle", labels=False), color=_direction())
    body = bars.mark_rect(strokeWidth=1).encode(
        x=_time("x0", labels=False),
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
        alt.Tooltip("ts:T", title="From, UTC", **UTC_MINUTE),
        *prices,
        volume,
        alt.Tooltip("is_final:N", title="Final"),
    ]


def _overlays(bars: Any) -> list[Any]:
    base = bars.encode(x=_time("middle", labels=False))
    band = base.mark_area(opacity=0.12, color=QUIET).encode(y="bb_lower:Q", y2="bb_upper")
    edges = [
        base.mark_line(strokeWidth=0.8, color=QUIET, opacity=0.7).encode(y=f"{edge}:Q")
        for edge in ("bb_lower", "bb_upper")
    ]
    mean = base.mark_line(strokeWidth=1.4, color=ACCENT).encode(y="sma:Q")
    return [band, *edges, mean]


def _signals(bars: Any) -> list[Any]:
    base = bars.encode(
        x=_time("middle", labels=False),
        tooltip=[alt.Tooltip("ts:T", title="From, UTC", **UTC_MINUTE), alt.Tooltip("signal_text:N", title="Signal")],
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


def growth(days: pa.Table) -> Any:
    """Cumulative return over drawdown on one time axis. Columns: those of queries/drawdown.sql."""
    base = alt.Chart(days)
    tip = [
        alt.Tooltip("ts:T", title="From, UTC", **UTC_DAY),
        alt.Tooltip("cumulative_return:Q", title="Cumulative return", format=".2%"),
        alt.Tooltip("drawdown:Q", title="Deepest drawdown", format=".2%"),
    ]
    percent = alt.Axis(format=".0%", tickCount=5, **RIGHT)
    gained = base.mark_line(color=UP, strokeWidth=1.6).encode(
        x=_time("ts", labels=False), y=alt.Y("cumulative_return:Q", title="Return", axis=percent), tooltip=tip
    )
    under = base.mark_area(color=DOWN, opacity=0.35, line={"color": DOWN, "strokeWidth": 1.2}).encode(
        x=_time("ts", labels=True), y=alt.Y("drawdown:Q", title="Drawdown", axis=percent), tooltip=tip
    )
    return alt.vconcat(gained.properties(height=240), under.properties(height=140), spacing=8).resolve_scale(x="shared")


def surface(cells: pa.Table) -> Any:
    """One cell per strike and expiry, coloured by implied volatility. Columns: those of queries/surface.sql."""
    return (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X(
                "x0:Q",
                title="Log-moneyness ln(K/F)",
                axis=alt.Axis(format=".2f", tickCount=10),
                scale=alt.Scale(nice=False),
            ),
            x2="x1",
            y=alt.Y("expiry_on:O", title="Expiry", timeUnit="utcyearmonthdate", axis=alt.Axis(format="%d %b %Y")),
            color=alt.Color(
                "implied_vol:Q",
                scale=alt.Scale(scheme="viridis"),
                legend=alt.Legend(title="Implied volatility", format=".0%", orient="top", gradientLength=220),
            ),
            tooltip=_option_tooltip(),
        )
        .properties(height=260)
    )


def smiles(cells: pa.Table) -> Any:
    """One line per expiry over log-moneyness."""
    return (
        alt.Chart(cells)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.4)
        .encode(
            x=_moneyness("log_moneyness"),
            y=alt.Y(
                "implied_vol:Q", title="Implied volatility", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")
            ),
            color=alt.Color(
                "expiry_on:O",
                timeUnit="utcyearmonthdate",
                # The ends of viridis would drown in a dark or a light page.
                scale=alt.Scale(scheme=alt.SchemeParams(name="viridis", extent=[0.25, 0.85])),
                legend=alt.Legend(title="Expiry", format="%d %b %Y", orient="top", columns=3),
            ),
            tooltip=_option_tooltip(),
        )
        .properties(height=300)
    )


def _moneyness(field: str) -> Any:
    axis = alt.Axis(format=".2f", tickCount=10)
    return alt.X(f"{field}:Q", title="Log-moneyness ln(K/F)", axis=axis, scale=alt.Scale(nice=False))


def _option_tooltip() -> list[Any]:
    return [
        alt.Tooltip("expiry_on:T", title="Expiry", **UTC_DAY),
        alt.Tooltip("strike:Q", title="Strike", format=",.2f"),
        alt.Tooltip("log_moneyness:Q", title="ln(K/F)", format=".4f"),
        alt.Tooltip("implied_vol:Q", title="Implied volatility", format=".2%"),
        alt.Tooltip("is_call:N", title="Call"),
    ]
