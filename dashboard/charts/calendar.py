"""Returns by month of each year, and what months and weekdays have returned in the mean."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import DOWN, MIDDLE, UP, amount, theme, tip

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
NAMES = {"month": MONTHS, "weekday": WEEKDAYS}
# Which of two inks is read on a cell: dark on the bright ones, light on the dark ones; `tone` is -1 to 1.
IS_DARK_INK = {"light": "datum.tone < 0.8", "dark": "datum.tone < -0.85"}
NARROW = 620  # pixels of the plot: below, a cell has no room for decimals


def months(cells: pa.Table) -> Any:
    """One cell per month and one per year, orange below zero, blue above. Columns: those of queries/months.sql."""
    base = (
        alt.Chart(cells)
        .transform_calculate(
            name=f"{[*MONTHS, 'Year']}[datum.period - 1]",
            tone="datum.period_return / datum.greatest_move",
            shade="clamp(datum.period_return, -datum.greatest_move, datum.greatest_move)",
        )
        .encode(
            x=_month_axis(),
            y=alt.Y("year:O", sort="descending", title="Year", axis=_plain_axis(), scale=alt.Scale(paddingInner=0.08)),
        )
    )
    cell = base.mark_rect(cornerRadius=3).encode(color=_colour("shade"), tooltip=_month_tips())
    return alt.layer(cell, *_ends(cells), *_written(base)).properties(height=alt.Step(34))


def _colour(field: str) -> Any:
    """Orange below zero, blue above; a year that is beyond all months has the colour of the end."""
    scale = alt.Scale(range=[DOWN, MIDDLE[theme()], UP], interpolate="rgb", domainMid=0)
    return alt.Color(f"{field}:Q", scale=scale, legend=None)  # each cell says its number


def _month_axis() -> Any:
    # The year stands apart from its months.
    order = [*MONTHS, " ", "Year"]
    scale = alt.Scale(domain=order, paddingInner=0.06, paddingOuter=0)
    return alt.X("name:N", sort=order, title="Month", scale=scale, axis=_plain_axis(orient="top", labelAngle=0))


def _plain_axis(**more: Any) -> Any:
    return alt.Axis(grid=False, ticks=False, domain=False, labelPadding=6, **more)


def _month_tips() -> list[Any]:
    return [
        alt.Tooltip("year:O", title="Year"),
        alt.Tooltip("name:N", title="Month"),
        tip("period_return", "Return", "+.2%"),
        tip("n_obs", "Days", ",.0f"),
    ]


def _ends(cells: pa.Table) -> list[Any]:
    """Unseen marks at plus and minus the greatest move: they make the scale of colours symmetric."""
    greatest = alt.Chart(cells).transform_aggregate(end="max(greatest_move)")
    ends = []
    for sign in ("", "-"):
        end = greatest.transform_calculate(end=f"{sign}datum.end").mark_point(opacity=0)
        ends.append(end.encode(color=_colour("end")))
    return ends


def _written(base: Any) -> list[Any]:
    """The number in its cell; whole per cents where the cells are narrow."""
    ink = alt.condition(IS_DARK_INK[theme()], alt.value("#17202a"), alt.value("#ffffff"))
    written = []
    for format, size, is_shown in ((".1%", 12, f"width >= {NARROW}"), ("d", 9, f"width < {NARROW}")):
        number = "datum.period_return" if size == 12 else "round(100 * datum.period_return)"
        text = base.transform_calculate(text=f"format({number}, '{format}')")
        mark = text.mark_text(fontSize=size, opacity=alt.expr(f"{is_shown} ? 1 : 0"))
        written.append(mark.encode(text="text:N", color=ink, tooltip=_month_tips()))
    return written


def seasons(rows: pa.Table, period: str) -> Any:
    """Mean return of each month or weekday; pale where chance explains it. Columns: those of queries/seasons.sql."""
    names = NAMES[period]
    axis = alt.Axis(labelExpr=f"{names}[datum.value - 1]", labelAngle=0, grid=False, ticks=False)
    tips = [
        tip("mean_return", "Mean return of a day", "+.3%"),
        tip("median_return", "Median", "+.3%"),
        tip("deviation", "Deviation", ".2%"),
        tip("season_win_rate", "Days that rose", ".1%"),
        tip("t_stat", "t statistic", ".2f"),
        tip("n_obs", "Days", ",.0f"),
    ]
    bars = alt.Chart(rows).mark_bar(cornerRadiusEnd=2)
    return bars.encode(
        x=alt.X("period_value:O", title=period.capitalize(), axis=axis),
        y=amount("mean_return", "Mean return of a day", ".2~%", zero=True),
        color=alt.condition("datum.mean_return < 0", alt.value(DOWN), alt.value(UP)),
        opacity=alt.condition("abs(datum.t_stat) >= 2", alt.value(1), alt.value(0.4)),
        tooltip=tips,
    ).properties(height=230)
