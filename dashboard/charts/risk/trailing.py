"""Trailing Sharpe ratio, volatility and beta on one time axis."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.marks import hovered
from dashboard.charts.style import ACCENT, DOWN, QUIET, UP, amount, day_tip, time, tip


def rolling(days: pa.Table, whole: pa.Table) -> Any:
    """Three panes; a dashed line is the figure of the whole sample.

    Columns: those of queries/rolling.sql; sharpe, annual_vol and beta in the one row of `whole`.
    """
    tips = [
        day_tip(),
        tip("rolling_sharpe", "Sharpe ratio", ".2f"),
        tip("realized_vol", "Volatility, annualised", ".2%"),
        tip("rolling_beta", "Beta", ".2f"),
    ]
    panes = [
        _pane(days, whole, amount("rolling_sharpe", "Sharpe ratio", ".1f", ticks=4), "sharpe", UP, tips),
        _pane(days, whole, amount("realized_vol", "Volatility p.a.", ".0%", ticks=4), "annual_vol", DOWN, tips),
        _pane(days, whole, amount("rolling_beta", "Beta, ratio", ".1f", ticks=4), "beta", ACCENT, tips, is_last=True),
    ]
    return alt.vconcat(*panes, spacing=12).resolve_scale(x="shared")


def _pane(
    days: pa.Table, whole: pa.Table, height: Any, level: str, colour: str, tips: list[Any], is_last: bool = False
) -> Any:
    base = alt.Chart(days).encode(x=time("ts", labels=is_last))
    line = base.mark_line(color=colour, strokeWidth=1.6).encode(y=height)
    all_days = alt.Chart(whole).transform_calculate(level=f"datum.{level}").transform_filter("isValid(datum.level)")
    rule = all_days.mark_rule(color=QUIET, strokeDash=[4, 3]).encode(y="level:Q")
    return alt.layer(rule, line, hovered(base, tips)).properties(height=135)
