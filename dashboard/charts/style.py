"""What all charts share: colours, axes, how they are drawn. A specification holds nothing that changes with the data,
so that a refresh only swaps rows: no domain, no title with a time, no parameter without a name.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

import altair as alt
import pyarrow as pa
import streamlit as st

# Blue and orange stay apart for deutan, protan and tritan eyes; shape or sign always says the same.
UP, DOWN, QUIET, ACCENT = "#2f78c8", "#d9722b", "#7b8794", "#15937f"
# Of lines side by side; those of config.toml, apart in lightness too.
SERIES = ("#2f78c8", "#d9722b", "#15937f", "#b34a93", "#8a7a1f", "#6a5acd", "#5b6770", "#b5483a")
# Of text on a chart; and the page behind it, as in config.toml.
INK = {"light": "#17202a", "dark": "#e6ebf1"}
PAPER = {"light": "#ffffff", "dark": "#0f141a"}
# A heat map's middle is the page's own grey: a pale cell would glare in the dark.
MIDDLE = {"light": "#e8ebef", "dark": "#2a323c"}
Shown = Literal["light", "dark"]
ZOOM = "zoom"
RIGHT = {"orient": "right", "minExtent": 52}  # titles of stacked panes stand in one line
PRICE, PRICE_TICK = ",.8~r", ",.6~r"  # digits that count: a coin of 0.0812 has its own as one of 98,765.43 has
BARE = {"labels": False, "ticks": False, "domain": False}
UTC_MINUTE = {"timeUnit": "utcyearmonthdatehoursminutes", "format": "%Y-%m-%d %H:%M"}
UTC_DAY = {"timeUnit": "utcyearmonthdate", "format": "%Y-%m-%d"}
NAME_WIDTH = 136  # pixels of a name in a legend
MOST_MARKS = 2000  # of one chart: beyond them the browser leaves SVG, and a screen reader sees nothing
# The coarsest unit that began at a tick names it: hour, day, month or year.
TIME_LABEL = (
    "utchours(datum.value) + utcminutes(datum.value) > 0 ? utcFormat(datum.value, '%H:%M') :"
    " utcdate(datum.value) > 1 ? utcFormat(datum.value, '%d %b') :"
    " utcmonth(datum.value) > 0 ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%Y')"
)


def styled(chart: Any) -> Any:
    """At full width, in the type of all charts."""
    # The height is that of the plot, without axes and legend; and panes that hold layers stretch only when told how.
    chart = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    # As many names beside each other as there is room for; panes have no width in common, so the window's is asked.
    room = "windowSize()[0] - 120" if isinstance(chart, alt.VConcatChart | alt.HConcatChart) else "width"
    columns = alt.ExprRef(f"max(1, floor(({room}) / {NAME_WIDTH}))")
    return (
        chart.configure_view(strokeWidth=0)
        .configure_axis(gridOpacity=0.5, labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="top", title=None, columns=columns)
    )


def show(chart: Any, key: str, description: str, zoom: bool = False) -> None:
    """Draw at full width. `zoom` keeps the visitor's zoom over refreshes; it needs the parameter of that name."""
    chart = styled(chart)
    if zoom:
        st.altair_chart(chart, width="stretch", key=key, alt=description, on_select="rerun", selection_mode=ZOOM)
    else:
        st.altair_chart(chart, width="stretch", key=key, alt=description)


def theme() -> Shown:
    """What the visitor's page wears; light where there is no browser."""
    return "dark" if st.context.theme.type == "dark" else "light"


def time(field: str = "ts", labels: bool = True, title: str = "Time, UTC") -> Any:
    """The time axis: UTC whatever the visitor's clock says. Without labels it has the grid of the pane below."""
    scale = alt.Scale(type="utc", nice=False)
    if not labels:
        return alt.X(f"{field}:T", title=None, scale=scale, axis=alt.Axis(tickCount=8, **BARE))
    axis = alt.Axis(labelExpr=TIME_LABEL, tickCount=8, labelOverlap=True)
    return alt.X(f"{field}:T", title=title, scale=scale, axis=axis)


def further(field: str) -> Any:
    """The time of a further layer: what the first one says of the axis counts."""
    return alt.X(f"{field}:T")


def amount(field: str, title: str, format: str = ",.2~f", zero: bool = False, ticks: int = 5) -> Any:
    """The axis of a number, on the right as prices are; `title` says the unit."""
    axis = alt.Axis(format=format, tickCount=ticks, **RIGHT)
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=zero), axis=axis)


def day_tip(field: str = "ts", title: str = "Day, UTC") -> Any:
    return alt.Tooltip(f"{field}:T", title=title, **UTC_DAY)


def minute_tip(field: str = "ts", title: str = "From, UTC") -> Any:
    return alt.Tooltip(f"{field}:T", title=title, **UTC_MINUTE)


def tip(field: str, title: str, format: str) -> Any:
    return alt.Tooltip(f"{field}:Q", title=title, format=format)


def reference(table: pa.Table, axis: Literal["x", "y"], value: float) -> Any:
    """One rule at a number that stays, across a chart of `table`."""
    one = alt.Chart(table).transform_aggregate(n="count()")
    return one.mark_rule(strokeDash=[4, 3], color=QUIET).encode(**{axis: alt.datum(value)})


def named(names: Mapping[str, str], of: str = "datum.label") -> str:
    """An expression that says what the values of a column are called; of a legend's label unless `of` says more."""
    return f"{json.dumps(dict(names))}[{of}]"


def level(table: pa.Table, field: str, dash: tuple[int, int] = (4, 3), color: str = QUIET) -> Any:
    """A rule at the height of each row of `table`."""
    return alt.Chart(table).mark_rule(strokeDash=list(dash), color=color).encode(y=f"{field}:Q")
