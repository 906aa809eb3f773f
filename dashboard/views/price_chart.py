"""The chart of the page Price: its rows, its panes, and the strip below that chooses the stretch."""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from dashboard import data, formats, layout, links, stretch, tables, windows
from dashboard.charts import candles as candle_chart
from dashboard.charts import named, style
from dashboard.charts import overview as overview_chart
from dashboard.charts.candles import UNITS, Shape
from dashboard.data import Record
from dashboard.indicators import Arrangement
from dashboard.windows import Window

WHOLE_DAYS = {"1d", "1w"}  # intervals that know when a day begins
MOST_LEVELS = 6
CANDIDATES = 100  # of levels, the most touched ones
NAMES = 12  # of levels, that stand above each other in the chart and do not touch
MOST_STRETCHES = 75  # of which a line has four points each
OVERVIEW_STRETCHES = 120
# The rest of the rows is for the tables behind the chart.
UNDRAWN = ["as_of", "is_final"]
DRAWN_LEVELS = ["kind", "level", "touches", "since", "until", "is_passed"]


def candles(series: Record, window: Window, chosen: Arrangement) -> None:
    """All panes on one time axis; only their rows change while the page stands."""
    bars = windows.candles(series, window)
    if bars.num_rows == 0:
        nothing(window)
        return
    shape = shape_of(series, window, chosen)
    marked = levels(series, window, bars).select(DRAWN_LEVELS)
    named.draw(
        candle_chart.specification(shape),
        {**drawn(series, window, chosen.metrics, bars.drop_columns(UNDRAWN)), "levels": marked},
        key=f"candles_{series['symbol']}_{window.span}_{window.step}_{window.since}",
        description=describe(series["symbol"], window),
        selection=style.ZOOM,
    )
    relations = "`serving.bars`, `serving.metrics`, `serving.levels`"
    layout.provenance(relations, series["source"], bars["as_of"][-1].as_py())


def nothing(window: Window) -> None:
    if window.is_newest:
        layout.empty("No bars yet", "Run `quant build`.")
    else:
        layout.empty("No bars in this stretch", "Choose a range above, or another stretch on the strip below.")


def title(series: Record, window: Window) -> str:
    """With the stretch that was chosen; the newest needs no words."""
    said = f"{series['symbol']}, {window.step_name} candles"
    if window.since is None:
        return said
    return f"{said}, {formats.instant(window.since)} to {formats.instant(window.until)}"


def shape_of(series: Record, window: Window, chosen: Arrangement) -> Shape:
    return Shape(
        asset_class=series["asset_class"],
        step=window.step,
        bar=windows.BAR_SECONDS[window.interval],
        theme=style.theme(),
        has_means=window.is_plain,
        has_signals=True,
        has_levels=True,
        chosen=chosen,
    )


def drawn(series: Record, window: Window, chosen: Sequence[str], bars: pa.Table) -> dict[str, pa.Table]:
    """`bars`, with a column for each metric where a candle is one bar; else each metric in rows of its own."""
    if not chosen:
        return {"bars": bars}
    points = lines(series, window, chosen, bars["ts"][0].as_py())
    of = {name: points.filter(pc.equal(points["series"], name)) for name in chosen}
    if not window.is_plain:
        return {
            "bars": bars,
            **{name: each.select(["ts", "value"]).rename_columns(["ts", name]) for name, each in of.items()},
        }
    for name, each in of.items():
        place = pc.index_in(bars["ts"], each["ts"].combine_chunks())
        bars = bars.append_column(name, each["value"].combine_chunks().take(place.combine_chunks()))
    return {"bars": bars}


def lines(series: Record, window: Window, chosen: Sequence[str], since: datetime) -> pa.Table:
    """Every point where a candle is one bar, as few as draw the same lines elsewhere."""
    return data.lines(
        sorted(chosen),
        since,
        windows.MOST_CANDLES if window.is_plain else MOST_STRETCHES,
        window.until,
        source=series["source"],
        symbol=series["symbol"],
        interval=window.interval,
    )


def levels(series: Record, window: Window, bars: pa.Table) -> pa.Table:
    """Where most swings turned, within the prices shown; `is_passed` by the last of them, of an open bar maybe."""
    asked = {"source": series["source"], "symbol": series["symbol"], "interval": window.interval}
    found = data.table("levels", **asked, since=bars["ts"][0].as_py(), until=window.until, limit=CANDIDATES)
    height = pc.subtract(pc.max(bars["high"]), pc.min(bars["low"])).as_py()
    found = told_apart(found, height / NAMES)
    last, is_support = bars["close"][-1], pc.equal(found["kind"], "support")
    below, above = pc.less(found["level"], last), pc.greater(found["level"], last)
    return found.append_column("is_passed", pc.if_else(is_support, above, below))


def told_apart(levels: pa.Table, least: float) -> pa.Table:
    """The first few of `levels` whose names do not cover each other: each more than `least` from those before it.

    The name of a support stands below its line, that of a resistance above.
    """
    sides = [-1 if kind == "support" else 1 for kind in levels["kind"].to_pylist()]
    names = [level + side * least / 2 for level, side in zip(levels["level"].to_pylist(), sides, strict=True)]
    kept: list[int] = []
    for place, name in enumerate(names):
        if len(kept) < MOST_LEVELS and all(abs(name - names[other]) > least for other in kept):
            kept.append(place)
    return levels.take(pa.array(kept, pa.int64()))


def numbers(series: Record, window: Window, chosen: Sequence[str]) -> None:
    """What the chart draws, as tables and files."""
    about = describe(series["symbol"], window)
    name = f"{series['symbol']}_{window.step_name}"

    def bars() -> pa.Table:
        return windows.candles(series, window)

    def with_metrics() -> pa.Table:
        shown = bars().drop_columns(["is_newest"])
        return drawn(series, window, chosen, shown)["bars"] if shown.num_rows else shown

    tables.data_table(name, about, with_metrics)
    tables.data_table(f"{name}_levels", f"{about}: its levels", lambda: levels(series, window, bars()), label="Levels")
    if chosen and not window.is_plain:
        points = f"{about}: its metrics"
        tables.data_table(
            f"{name}_metrics", points, lambda: lines(series, window, chosen, bars()["ts"][0].as_py()), label="Metrics"
        )


def overview(series: Record, window: Window) -> None:
    """All bars as a line: the stretch that the candles show is shaded, another can be drawn over it."""
    asked = {"source": series["source"], "symbol": series["symbol"], "interval": window.interval}
    points = data.table("overview", **asked, stretches=OVERVIEW_STRETCHES)
    bars = windows.candles(series, window)
    if points.num_rows == 0 or bars.num_rows == 0:
        return
    st.subheader(f"All {window.interval} bars of {series['symbol']}", anchor=False)
    name = f"{series['symbol']}_{window.interval}_overview"
    key = f"{name}_{stretch.strip()}"
    about = f"{series['symbol']}: closes of all {window.interval} bars; drag to choose the stretch that is drawn above"
    named.draw(
        overview_chart.specification(UNITS[series["asset_class"]][0]),
        {"points": points, "shown": pa.table({"since": bars["ts"][:1], "until": bars["ts"][-1:]})},
        key=key,
        description=about,
        selection=overview_chart.BRUSH,
        on_select=lambda: stretch.choose(stretch.brushed(st.session_state[key], overview_chart.BRUSH, "ts")),
    )
    tables.data_table(name, about, lambda: points)


def describe(symbol: str, window: Window) -> str:
    overlays = "moving average, Bollinger band, " if window.is_plain else ""
    return f"{symbol}: {window.step_name} candles, volume, {overlays}levels, signals, chosen metrics"


def explain(series: Record, window: Window, chosen: Sequence[str]) -> None:
    """How to read the chart, and the way from each line to what it means."""
    metrics = data.settings().metrics
    overlays = (
        f"Green line: mean of {metrics.window_short} {window.step_name} bars; band: "
        f"{metrics.bollinger_width:g} population standard deviations around it. "
    )
    st.caption(
        f"Hollow blue rises, filled orange falls. {overlays if window.is_plain else ''}Dashed blue and orange: support "
        "and resistance. Triangles are signals of the price. Scroll to zoom, drag to move, double-click to reset; drag "
        "on the strip below to choose another stretch, click beside it to come back."
        f"{' ' + windows.day_of(series['asset_class']) if window.interval in WHOLE_DAYS else ''}"
    )
    if chosen:
        asked = links.Asked(series["symbol"], window.interval)
        known = " · ".join(links.to_explanation(formats.name(name), name, asked) for name in chosen)
        st.caption(f"Metrics of final {window.interval} bars: {known}")
