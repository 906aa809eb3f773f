"""All of a series, small: where the candles above are, and a brush that chooses another stretch."""

from functools import lru_cache
from typing import Any

import altair as alt

from dashboard.charts import named
from dashboard.charts.style import ACCENT, QUIET, RIGHT, further, time

BRUSH = "brush"


@lru_cache(maxsize=16)
def specification(currency: str) -> str:
    """Rows: `points` (queries/overview.sql) and `shown`, one row of since and until."""
    brush = alt.selection_interval(name=BRUSH, encodings=["x"])
    y = alt.Y(
        "close:Q",
        title=f"Close, {currency}",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(format=",.3~r", tickCount=2, **RIGHT),
    )
    line: Any = alt.Chart(named.rows("points")).mark_line(color=QUIET, strokeWidth=1).encode(x=time(), y=y)
    rect = alt.Chart(named.rows("shown")).mark_rect(color=ACCENT, opacity=0.16)
    shown = rect.encode(x=further("since"), x2="until", y=alt.value(0), y2=alt.value("height"))
    return named.specification(alt.layer(line.add_params(brush), shown).properties(height=64))
