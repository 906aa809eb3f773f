"""Price: candles with volume, levels, signals and any stored metrics; what is chosen stands in the URL."""

import streamlit as st

from dashboard import badge, choices, data, formats, indicators, layout, links, parts, stretch, tiles, windows
from dashboard.charts.candles import UNITS
from dashboard.data import Record
from dashboard.views import price_chart
from dashboard.windows import Window

DEFAULT_INTERVAL = "1d"  # an annualised figure of minutes is not what most people come for
KEY_METRICS = ("realized_vol", "drawdown", "rolling_sharpe", "rolling_beta")
PRICE = "close"
CHART, FIGURES = "Chart", "Figures"
CAPTION = "Candles with volume, levels, signals and any metric that is stored of every bar. All times UTC."


def show() -> None:
    place = layout.header("Price", CAPTION)
    instruments = {row["symbol"]: row for row in data.rows("instruments")}
    if not instruments:
        layout.empty("No bars yet", "Run `quant ingest crypto` and `quant ingest equities`, then `quant build`.")
        return
    with st.container(horizontal=True, gap="medium", key="choices"):
        series = instruments[choices.symbol(list(instruments))]
        interval = choices.choice("Bars", series["intervals"], "interval", first_choice(series))
        window = chosen_window(interval)
        view = choices.choice("View", [CHART, FIGURES], "view")
    badge.keep_fresh(place, badge.DAILY_DATASET[series["asset_class"]], series["symbol"])
    metrics = data.rows("metrics", symbol=series["symbol"], interval=interval)
    summary(series, metrics)
    if view == FIGURES:
        figures(series, interval, metrics)
        return
    chart(series, window)


def first_choice(series: Record) -> str | None:
    return DEFAULT_INTERVAL if DEFAULT_INTERVAL in series["intervals"] else None


def chosen_window(interval: str) -> Window:
    """The range of the buttons, until the brush below the chart chooses another; a click on a button ends that."""
    ranges = windows.RANGES[interval]
    window = ranges[choices.choice("Range", list(ranges), "range", windows.DEFAULT_RANGE[interval])]
    before = st.session_state.get("window", window)
    st.session_state["window"] = window
    if before != window:
        stretch.leave()
    between = stretch.chosen()
    return windows.between(interval, *between) if between else window


def summary(series: Record, metrics: list[Record]) -> None:
    """The newest price beside the figures that most often go with it, which a build alone changes."""
    if parts.price_of(series) is None:
        return
    live, stored = st.columns([1, 2], gap="xsmall")
    with live:
        layout.refreshing(1, "summary")(lambda: price(series))()
    measured = {metric["metric"]: metric for metric in metrics}
    shown = [measured[name] for name in KEY_METRICS if name in measured]
    if shown:
        grid = stored.grid(len(shown), min_column_width=140, gap="xsmall", key="figures_of_bars")
        for metric in shown:
            asked = links.Asked(series["symbol"], metric["interval"])
            tiles.metric(grid, metric, asked, border=True, note=f"{metric['interval']} bars")


def price(series: Record) -> None:
    row = parts.price_of(series)
    if row is None:
        return
    asked = links.Asked(series["symbol"], DEFAULT_INTERVAL)
    grid = st.grid(2, min_column_width=140, gap="xsmall", key="summary")
    tiles.price(grid, links.to_explanation("Last price", PRICE, asked), row)
    before = links.to_explanation("Previous daily close", PRICE, asked)
    grid.metric(before, formats.price(row["previous_close"]), border=True, height="stretch")


def chart(series: Record, window: Window) -> None:
    chosen = choices.several(
        "Metrics in the chart",
        indicators.drawable(),
        "metrics",
        indicators.default(window.interval),
        indicators.MOST,
        "Search any stored metric",
    )
    seconds = windows.refresh_seconds(series, window, len(chosen))
    arranged = indicators.arranged(chosen, UNITS[series["asset_class"]][0])
    st.subheader(price_chart.title(series, window), anchor=False)
    layout.refreshing(seconds, "candles")(lambda: price_chart.candles(series, window, arranged))()
    price_chart.explain(series, window, chosen)
    layout.guarded(lambda: price_chart.numbers(series, window, chosen))()
    layout.guarded(lambda: price_chart.overview(series, window))()


def figures(series: Record, interval: str, metrics: list[Record]) -> None:
    """The newest final value of everything that is measured on this series."""
    if not metrics:
        layout.empty("Nothing is measured yet", "Run `quant build`: figures are those of final bars.")
        return
    st.subheader(f"Newest final values of {interval} bars", anchor=False)
    grid = st.grid(6, min_column_width=150, gap="xsmall", key="figures")
    for metric in metrics:
        tiles.metric(grid, metric, links.Asked(series["symbol"], interval))
    layout.provenance("`serving.latest_metrics`", series["source"], max(metric["as_of"] for metric in metrics))
