"""How much of a return follows from earlier ones."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import ACCENT, QUIET, amount, tip


def correlogram(lags: pa.Table, field: str, title: str) -> Any:
    """A bar per lag between the dashed bounds that chance alone would keep; full colour beyond them.

    Columns: those of queries/autocorrelations.sql.
    """
    tips = [
        alt.Tooltip("lag:O", title="Lag, bars"),
        tip(field, title, "+.4f"),
        tip("chance", "Chance alone, at most", ".4f"),
    ]
    base = alt.Chart(lags)
    bars = base.mark_bar(color=ACCENT, width=alt.RelativeBandSize(0.5), cornerRadiusEnd=2).encode(
        x=alt.X("lag:O", title="Lag, bars", axis=alt.Axis(labelAngle=0, grid=False)),
        y=amount(field, f"{title}, ratio", ".2~f", zero=True),
        opacity=alt.condition(f"abs(datum.{field}) > datum.chance", alt.value(1), alt.value(0.4)),
        tooltip=tips,
    )
    bounds = [
        base.transform_aggregate(chance="max(chance)")
        .transform_calculate(bound=f"{sign}datum.chance")
        .mark_rule(color=QUIET, strokeDash=[4, 3])
        .encode(y="bound:Q")
        for sign in ("", "-")
    ]
    return alt.layer(bars, *bounds).properties(height=240)
