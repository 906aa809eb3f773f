"""What a chain says by time to expiry: level, wings, skew, and how far the spot may go."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import days, expiry_day_tip, points, series, volatility, zero
from dashboard.charts.style import ACCENT, DOWN, QUIET, SERIES, UP, amount, tip

TERM = {"At the forward": UP, "Model-free": ACCENT, "Between expiries": DOWN, "Constant maturity": SERIES[3]}


def term_structure(levels: pa.Table) -> Any:
    """Columns: those of queries/option_term.sql, one row per volatility."""
    color = series("series", list(TERM), list(TERM.values()))
    tips = [
        alt.Tooltip("series:N", title="Volatility"),
        expiry_day_tip(),
        tip("days", "Days", ",.1f"),
        tip("vol", "A year", ".2%"),
    ]
    base = alt.Chart(levels).encode(x=days(), y=volatility("vol", "Volatility"), color=color, tooltip=tips)
    lines = base.transform_filter("datum.series === 'At the forward' || datum.series === 'Model-free'")
    dots = lines.mark_point(filled=True, size=40, opacity=1)
    between = base.transform_filter("datum.series === 'Between expiries'").mark_rule(strokeWidth=2.5)
    constant = base.transform_filter("datum.series === 'Constant maturity'")
    diamonds = constant.mark_point(filled=False, shape="diamond", size=110, strokeWidth=2, opacity=1)
    steps = between.encode(x=days("days_before"), x2="days")
    return alt.layer(steps, lines.mark_line(strokeWidth=1.6), dots, diamonds).properties(height=300)


def wings(expiries: pa.Table) -> Any:
    """Columns: iv_25d_put, atm_forward_iv and iv_25d_call by expiry."""
    names = {"iv_25d_put": "25-delta put", "atm_forward_iv": "At the forward", "iv_25d_call": "25-delta call"}
    return _lines(expiries, names, (DOWN, QUIET, UP), volatility("value", "Volatility"), ".2%")


def skew(expiries: pa.Table) -> Any:
    """Columns: risk_reversal_25d and butterfly_25d by expiry."""
    names = {"risk_reversal_25d": "Risk reversal", "butterfly_25d": "Butterfly"}
    drawn = _lines(expiries, names, (UP, ACCENT), points("value", "Volatility, points"), ".2%")
    return alt.layer(zero(expiries, "y"), drawn).properties(height=240)


def _lines(expiries: pa.Table, names: dict[str, str], colors: tuple[str, ...], y: Any, shown: str) -> Any:
    name = " : ".join(f"datum.column === '{column}' ? '{text}'" for column, text in names.items())
    base = (
        alt.Chart(expiries)
        .transform_fold(list(names), as_=["column", "value"])
        .transform_calculate(name=f"{name} : ''")
        .transform_filter("isValid(datum.value)")
        .encode(
            x=days(),
            y=y,
            color=series("name", list(names.values()), colors),
            tooltip=[
                alt.Tooltip("name:N", title="What"),
                expiry_day_tip(),
                tip("days", "Days", ",.1f"),
                tip("value", "Volatility", shown),
            ],
        )
    )
    dots = base.mark_point(filled=True, size=40, opacity=1)
    return alt.layer(base.mark_line(strokeWidth=1.6), dots).properties(height=240)


def expected_move(expiries: pa.Table) -> Any:
    """The spot, the band of one standard deviation, and what the straddle costs as a dashed edge."""
    tips = [
        expiry_day_tip(), tip("days", "Days", ",.1f"), tip("spot", "Spot", ",.2f"),
        tip("expected_move", "Expected move", ",.2f"), tip("expected_move_straddle", "Straddle", ",.2f"),
        tip("move_low", "From", ",.2f"), tip("move_high", "To", ",.2f"),
    ]  # fmt: skip
    base = alt.Chart(expiries).encode(x=days(), tooltip=tips)
    low = amount("move_low", "Price, USD")
    band = base.mark_area(opacity=0.18, color=UP, line={"color": UP, "strokeWidth": 1.4}).encode(y=low, y2="move_high")
    lower = base.mark_point(filled=True, size=36, color=UP, opacity=1).encode(y=low)
    upper = base.mark_point(filled=True, size=36, color=UP, opacity=1).encode(y="move_high:Q")
    straddle = [
        base.mark_line(strokeDash=[4, 3], strokeWidth=1.4, color=DOWN).encode(y=f"{edge}:Q")
        for edge in ("straddle_low", "straddle_high")
    ]
    spot = base.mark_line(color=QUIET, strokeWidth=1.2).encode(y="spot:Q")
    return alt.layer(band, *straddle, spot, lower, upper).properties(height=260)
