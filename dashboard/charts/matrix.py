"""Cells of two names and a number between -1 and 1, and text that can be read on a coloured cell."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import DOWN, INK, MIDDLE, SERIES, UP, Shown, amount, day_tip, time, tip

FEW = 14  # names: beyond them the numbers would not fit into the cells
TITLES = {"a": "Member", "b": "With", "symbol": "Member", "component": "Component"}
LIGHT, DARK = "#ffffff", "#0f141a"


def legible(is_strong: str, is_negative: str, shown: Shown) -> Any:
    """The colour of a number on a cell of the signed scale: light on blue, dark on orange, the page's own on pale."""
    return (
        alt.when(f"({is_strong}) && ({is_negative})")
        .then(alt.value(DARK))
        .when(is_strong)
        .then(alt.value(LIGHT))
        .otherwise(alt.value(INK[shown]))
    )


def matrix(cells: pa.Table, row: str, column: str, value: str, title: str, shown: Shown, numbers: bool) -> Any:
    """One cell per row and column, orange at -1, blue at 1; the names in the order of the rows given."""
    axis = alt.Axis(labelAngle=0, labelLimit=110, domain=False, ticks=False)
    base = alt.Chart(cells).encode(
        x=alt.X(f"{column}:N", sort=None, title=TITLES[column], axis=axis),
        y=alt.Y(f"{row}:N", sort=None, title=TITLES[row], axis=axis),
    )
    scale = alt.Scale(domain=[-1, 0, 1], range=[DOWN, MIDDLE[shown], UP], interpolate="rgb")
    tips = [
        alt.Tooltip(f"{name}:{kind}", title=said, **form)
        for name, said, kind, form in _tipped(cells, row, column, value, title)
    ]
    filled = base.mark_rect().encode(
        color=alt.Color(f"{value}:Q", scale=scale, legend=alt.Legend(title=title, gradientLength=180)), tooltip=tips
    )
    if not numbers:
        return filled.properties(height=alt.Step(24))
    strong, negative = f"abs(datum.{value}) > 0.6", f"datum.{value} < 0"
    written = base.mark_text(fontSize=12).encode(
        text=alt.Text(f"{value}:Q", format=".2f"), color=legible(strong, negative, shown)
    )
    return alt.layer(filled, written).properties(height=alt.Step(34))


def _tipped(cells: pa.Table, row: str, column: str, value: str, title: str) -> list[tuple[str, str, str, Any]]:
    numbers = [(value, title, "Q", {"format": ".4f"})]
    if "pca_explained" in cells.column_names:
        numbers.append(("pca_explained", "Variance explained", "Q", {"format": ".1%"}))
    return [(row, TITLES[row], "N", {}), (column, TITLES[column], "N", {}), *numbers]


def pairs(points: pa.Table) -> Any:
    """One line per other member: the trailing correlation with it. Columns: those of portfolio_pairs.sql."""
    return (
        alt.Chart(points)
        .mark_line(strokeWidth=1.4, point=alt.OverlayMarkDef(opacity=0, size=40))
        .encode(
            x=time("ts"),
            y=amount("value", "Correlation", ".1f"),
            color=alt.Color("series:N", scale=alt.Scale(range=list(SERIES))),
            tooltip=[day_tip("ts"), alt.Tooltip("series:N", title="With"), tip("value", "Correlation", ".4f")],
        )
        .properties(height=280)
    )
