"""Volatility as several estimators see it, and where the newest stands among all windows of its length."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.marks import haloed
from dashboard.charts.style import DOWN, SERIES, UP, amount, day_tip, time, tip

ESTIMATORS = {
    "realized_vol": "Close to close",
    "parkinson_vol": "Parkinson",
    "garman_klass_vol": "Garman-Klass",
    "rogers_satchell_vol": "Rogers-Satchell",
    "yang_zhang_vol": "Yang-Zhang",
    "ewma_vol": "EWMA",
    "garch11_vol": "GARCH(1,1)",
}
OF_MODELS = ("ewma_vol", "garch11_vol")  # dashed: they weigh the past instead of cutting it off


def estimators(points: pa.Table) -> Any:
    """One line per estimator; a click on its name in the legend leaves it alone. Columns: those of data.lines."""
    names = alt.Legend(labelExpr=f"{ESTIMATORS}[datum.label]", symbolType="stroke")
    chosen = alt.selection_point(name="estimator", fields=["series"], bind="legend")
    dashes = [[5, 3] if name in OF_MODELS else [1, 0] for name in ESTIMATORS]
    base = alt.Chart(points).encode(
        x=time(),
        y=amount("value", "Volatility p.a.", ".0%"),
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=list(ESTIMATORS), range=SERIES[: len(ESTIMATORS)]), legend=names
        ),
    )
    named = base.transform_calculate(estimator=f"{ESTIMATORS}[datum.series]")
    lines = base.mark_line(strokeWidth=1.5).encode(
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=list(ESTIMATORS), range=dashes), legend=names),
        opacity=alt.condition(chosen, alt.value(1), alt.value(0.12)),
    )
    tips = [alt.Tooltip("estimator:N", title="Estimator"), day_tip(), tip("value", "Volatility p.a.", ".2%")]
    points_under_pointer = named.mark_point(size=70, opacity=0, filled=True).encode(tooltip=tips)
    return alt.layer(lines.add_params(chosen), points_under_pointer).properties(height=330)


def cone(windows: pa.Table) -> Any:
    """Lowest to highest and the middle half by length of window; points are the newest.

    Columns: those of queries/volatility_cone.sql.
    """
    tips = [
        alt.Tooltip("window_bars:O", title="Window, days"),
        tip("newest_vol", "Newest", ".2%"),
        tip("least_vol", "Lowest", ".2%"),
        tip("lower_vol", "A quarter below", ".2%"),
        tip("median_vol", "Median", ".2%"),
        tip("upper_vol", "A quarter above", ".2%"),
        tip("greatest_vol", "Highest", ".2%"),
    ]
    base = alt.Chart(windows).encode(
        x=alt.X("window_bars:O", title="Window, days", axis=alt.Axis(labelAngle=0, grid=False)), tooltip=tips
    )
    height = amount("least_vol", "Volatility p.a.", ".0%", zero=True)
    whole = base.mark_area(color=UP, opacity=0.12).encode(y=height, y2="greatest_vol")
    half = base.mark_area(color=UP, opacity=0.25).encode(y="lower_vol:Q", y2="upper_vol")
    median = base.mark_line(color=UP, strokeWidth=1.5).encode(y="median_vol:Q")
    newest = base.mark_line(
        color=DOWN, strokeWidth=1.3, strokeDash=[4, 3], point=alt.OverlayMarkDef(color=DOWN, size=70, filled=True)
    ).encode(y="newest_vol:Q")
    label = haloed(base.encode(y="newest_vol:Q", text=alt.Text("newest_vol:Q", format=".0%")), dy=-13, fontSize=12)
    return alt.layer(whole, half, median, newest, *label).properties(height=300)
