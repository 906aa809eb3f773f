"""Axes and tips of option charts: moneyness, strikes, days to expiry."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import QUIET, RIGHT, UTC_DAY


def moneyness(field: str = "log_moneyness", labels: bool = True) -> Any:
    axis = alt.Axis(format=".2f", tickCount=10, labels=labels, ticks=labels)
    title = "Log-moneyness ln(K/F)" if labels else None
    return alt.X(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False))


def strike(field: str = "strike", labels: bool = True) -> Any:
    axis = alt.Axis(format=",.0f", tickCount=10, grid=False, labels=labels, ticks=labels)
    title = "Strike, USD" if labels else None
    return alt.X(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False))


def days(field: str = "days") -> Any:
    """By the square root, as a spread of prices grows: a week and a year both have their place."""
    axis = alt.Axis(format=",.0f", tickCount=8, grid=False)
    return alt.X(
        f"{field}:Q",
        title="Days to expiry",
        axis=axis,
        scale=alt.Scale(type="sqrt", nice=False, zero=False, padding=12),
    )


def volatility(field: str, title: str = "Implied volatility") -> Any:
    axis = alt.Axis(format=".1%", tickCount=5, **RIGHT)
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=axis)


def points(field: str, title: str) -> Any:
    """A difference of volatilities, in points: per cent without the sign, which would read as a share."""
    axis = alt.Axis(labelExpr="format(datum.value * 100, ',.2~f')", tickCount=5, **RIGHT)
    return alt.Y(f"{field}:Q", title=title, axis=axis)


def series(field: str, names: Sequence[str], colors: Sequence[str]) -> Any:
    """A colour for each, always the same."""
    legend = alt.Legend(symbolType="square", symbolStrokeWidth=0)
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=legend)


def expiry_tip() -> Any:
    return alt.Tooltip("expires_at:T", title="Expiry", **UTC_DAY)


def expiry_day_tip() -> Any:
    return alt.Tooltip("expiry_on:T", title="Expiry", **UTC_DAY)


def zero(rows: pa.Table, axis: str) -> Any:
    """A rule at 0 of the x or the y axis."""
    once = alt.Chart(rows).transform_aggregate(rows="count()")
    return once.mark_rule(color=QUIET, strokeDash=[3, 3]).encode(**{axis: alt.datum(0)})
