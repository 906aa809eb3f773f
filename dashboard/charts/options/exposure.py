"""What those who sold the options must hedge, and how much is open, by strike."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.options.axes import series, strike
from dashboard.charts.style import ACCENT, DOWN, QUIET, RIGHT, SERIES, UP, tip

LEVELS = {
    "Spot": (QUIET, [1, 0]),
    "Gamma flip": (SERIES[4], [6, 3]),
    "Call wall": (UP, [2, 2]),
    "Put wall": (DOWN, [2, 2]),
    "Max pain": (SERIES[3], [6, 3]),
}
SIZED = "replace(format(datum.value, '~s'), 'G', 'B')"
SIDES = {"Calls": UP, "Puts": DOWN}
TOGETHER = {**SIDES, "Together": ACCENT}


def gamma_exposure(strikes: pa.Table, levels: pa.Table) -> Any:
    """Bars of calls above and puts below, a dot for both together. Columns: those of queries/option_exposure.sql."""
    tips = [
        tip("strike", "Strike", ",.2f"), tip("call_gex", "Calls", ",.0f"), tip("put_gex", "Puts", ",.0f"),
        tip("strike_gex", "Together", ",.0f"),
    ]  # fmt: skip
    base = alt.Chart(strikes).encode(tooltip=tips)
    title = "Dollars per 1 % move"
    bars = [_bars(base, "call_gex", "Calls", title), _bars(base, "put_gex", "Puts", title)]
    net = base.mark_point(shape="diamond", size=44, filled=True, opacity=1)
    net = net.encode(x=strike(), y="strike_gex:Q", color=alt.datum("Together"))
    return _with_levels([*bars, net], TOGETHER, levels, 320)


def open_interest(strikes: pa.Table, levels: pa.Table) -> Any:
    """The same of contracts; puts hang below."""
    tips = [
        tip("strike", "Strike", ",.2f"), tip("call_open_interest", "Open calls", ",.0f"),
        tip("put_open_interest", "Open puts", ",.0f"),
    ]  # fmt: skip
    base = alt.Chart(strikes).transform_calculate(puts_below="-datum.put_open_interest").encode(tooltip=tips)
    title = "Open interest, contracts"
    bars = [_bars(base, "call_open_interest", "Calls", title, "abs"), _bars(base, "puts_below", "Puts", title, "abs")]
    return _with_levels(bars, SIDES, levels, 260)


def signed_exposure(strikes: pa.Table, field: str, title: str) -> Any:
    """One bar a strike, blue above zero and orange below."""
    color = alt.condition(f"datum.{field} < 0", alt.value(DOWN), alt.value(UP))
    tips = [tip("strike", "Strike", ",.2f"), tip(field, title, ",.0f")]
    bars = alt.Chart(strikes).mark_rect().encode(
        x=strike("x0"), x2="x1", y=_dollars(field, title), y2=alt.datum(0), color=color, tooltip=tips
    )  # fmt: skip
    return bars.properties(height=220)


def _bars(base: Any, field: str, side: str, title: str, sign: str = "") -> Any:
    return base.mark_rect(opacity=0.85).encode(
        x=strike("x0"), x2="x1", y=_dollars(field, title, sign), y2=alt.datum(0), color=alt.datum(side)
    )


def _dollars(field: str, title: str, sign: str = "") -> Any:
    value = f"{sign}(datum.value)" if sign else "datum.value"
    axis = alt.Axis(labelExpr=SIZED.replace("datum.value", value), tickCount=6, **RIGHT)
    return alt.Y(f"{field}:Q", title=title, axis=axis)


def _with_levels(drawn: list[Any], sides: dict[str, str], levels: pa.Table, height: int) -> Any:
    """Rules at the strikes that matter, named in the legend; those that are not known are not in it."""
    named = [level for level in LEVELS if level in set(levels["level"].to_pylist())]
    colors = {**sides, **{level: LEVELS[level][0] for level in named}}
    dashes = alt.Scale(domain=named, range=[LEVELS[level][1] for level in named])
    rules = (
        alt.Chart(levels)
        .mark_rule(strokeWidth=2)
        .encode(
            x=strike(),
            color=series("level", list(colors), list(colors.values())),
            strokeDash=alt.StrokeDash("level:N", scale=dashes, legend=None),
            tooltip=[alt.Tooltip("level:N", title="Level"), tip("strike", "Strike", ",.2f")],
        )
    )
    return alt.layer(*drawn, rules).properties(height=height)
