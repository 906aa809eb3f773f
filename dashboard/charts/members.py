"""Bars and dots by name: what each member or segment adds, what theory would hold, how exposed a portfolio is."""

from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.charts.style import DOWN, INK, SERIES, UP, Shown, named, reference, tip

TITLES = {"symbol": "Member", "segment": "Segment", "factor": "Factor"}
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross")


def _names(field: str, grid: bool = False) -> Any:
    """The axis of names, in the order of the rows."""
    axis = alt.Axis(labelLimit=140, grid=grid, domain=False, ticks=False)
    return alt.Y(f"{field}:N", sort=None, title=TITLES[field], axis=axis)


def bars(table: pa.Table, name: str, field: str, title: str, shown: Shown, format: str = ".2%") -> Any:
    """One bar per name, blue above zero and orange below, its number at its end; in the order of the rows."""
    base = alt.Chart(table).encode(
        x=alt.X(f"{field}:Q", title=title, scale=alt.Scale(padding=56), axis=alt.Axis(format="~%", tickCount=6)),
        y=_names(name),
        tooltip=[alt.Tooltip(f"{name}:N", title="Member"), tip(field, title, format)],
    )
    drawn = base.mark_bar(height={"band": 0.7}).encode(
        color=alt.condition(f"datum.{field} >= 0", alt.value(UP), alt.value(DOWN))
    )
    text = alt.Text(f"{field}:Q", format=format)
    right = base.transform_filter(f"datum.{field} >= 0").mark_text(align="left", dx=5, color=INK[shown])
    left = base.transform_filter(f"datum.{field} < 0").mark_text(align="right", dx=-5, color=INK[shown])
    return alt.layer(drawn, right.encode(text=text), left.encode(text=text)).properties(height=alt.Step(30))


def groups(table: pa.Table, name: str, kind: str, kinds: dict[str, str], title: str) -> Any:
    """Under each name a bar for each of `kinds` (value of the column `kind` -> what it is called)."""
    scale = alt.Scale(domain=list(kinds), range=list(SERIES[: len(kinds)]))
    return (
        alt.Chart(table)
        .transform_calculate(called=named(kinds, f"datum.{kind}"))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=title, axis=alt.Axis(format="~%", tickCount=6)),
            y=_names(name),
            yOffset=alt.YOffset(f"{kind}:N", scale=alt.Scale(domain=list(kinds))),
            color=alt.Color(f"{kind}:N", scale=scale, legend=alt.Legend(labelExpr=named(kinds))),
            tooltip=[
                alt.Tooltip(f"{name}:N", title="Of"),
                alt.Tooltip("called:N", title="What"),
                tip("value", title, ".3%"),
            ],
        )
        .properties(height=alt.Step(16 if len(kinds) > 2 else 12))
    )


def dots(table: pa.Table, schemes: dict[str, str]) -> Any:
    """A row of dots per member: its weight as held and as theory would have it. Columns: portfolio_optimal.sql."""
    domain = list(schemes)
    return (
        alt.Chart(table)
        .transform_calculate(called=named(schemes, "datum.scheme"))
        .mark_point(filled=True, size=90, opacity=0.9)
        .encode(
            x=alt.X("value:Q", title="Weight", axis=alt.Axis(format="~%", tickCount=7)),
            y=_names("symbol", grid=True),
            color=alt.Color(
                "scheme:N",
                scale=alt.Scale(domain=domain, range=list(SERIES[: len(domain)])),
                legend=alt.Legend(labelExpr=named(schemes)),
            ),
            shape=alt.Shape("scheme:N", scale=alt.Scale(domain=domain, range=list(SHAPES)), legend=None),
            tooltip=[
                alt.Tooltip("symbol:N", title="Member"),
                alt.Tooltip("called:N", title="Weighting"),
                tip("value", "Weight", ".2%"),
            ],
        )
        .properties(height=alt.Step(30))
    )


def exposures(table: pa.Table) -> Any:
    """One row per factor: its exposure, and the interval in which the true one lies. Columns: portfolio_factors.sql."""
    tips = [
        alt.Tooltip("factor:N", title="Factor"),
        tip("exposure", "Exposure", ".4f"),
        tip("exposure_low", "Not below", ".4f"),
        tip("exposure_high", "Not above", ".4f"),
        tip("hac_t_value", "t, robust", ".2f"),
    ]
    base = alt.Chart(table).encode(y=_names("factor", grid=True), tooltip=tips)
    x = alt.X("exposure_low:Q", title="Exposure, return for a return of 1 of the factor", axis=alt.Axis(tickCount=7))
    interval = base.mark_rule(strokeWidth=3, color=UP).encode(x=x, x2="exposure_high")
    point = base.mark_point(filled=True, size=110, color=UP, opacity=1).encode(x="exposure:Q")
    return alt.layer(reference(table, "x", 0), interval, point).properties(height=alt.Step(48))


def stakes(curve: pa.Table, shown: Shown) -> Any:
    """Growth over the part of the full stake, the usual parts marked. Columns: those of portfolio_stake_growth.sql."""
    base = alt.Chart(curve).encode(
        x=alt.X("fraction:Q", title="Share of Kelly's full stake", axis=alt.Axis(format=".2~f", tickCount=9)),
        y=alt.Y("growth:Q", title="Log growth to expect, a year", axis=alt.Axis(format=".1%")),
        tooltip=[tip("fraction", "Part", ".2f"), tip("growth", "Growth a year", ".2%")],
    )
    line = base.mark_line(color=UP, strokeWidth=2, point=alt.OverlayMarkDef(opacity=0, size=40, color=UP))
    usual = base.transform_filter("datum.is_usual")
    points = usual.mark_point(filled=True, size=110, color=DOWN, opacity=1)
    names = usual.mark_text(dy=-14, color=INK[shown]).encode(text=alt.Text("growth:Q", format=".1%"))
    return alt.layer(reference(curve, "y", 0), line, points, names).properties(height=280)
