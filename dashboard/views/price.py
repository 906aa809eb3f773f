"""Price: candles with volume, overlays and signals; symbol, interval and range live in the URL."""

import pyarrow as pa
import streamlit as st

from dashboard import badge, choices, data, formats, layout, links, tables, tiles, windows
from dashboard.charts import style
from dashboard.charts.candles import candles as candle_chart
from dashboard.data import Record
from dashboard.windows import Window

HOUR, DAY = 3600, 86400
# At most 365 candles each, so that all marks of a chart stay below 2,000.
RANGES = {
    "1m": {
        "1h": Window("1m", HOUR, 60),
        "6h": Window("1m", 6 * HOUR, 60),
        "1d": Window("1m", DAY, 300),
        "3d": Window("1m", 3 * DAY, 900),
    },
    "5m": {"6h": Window("5m", 6 * HOUR, 300), "1d": Window("5m", DAY, 300)},
    "15m": {"1d": Window("15m", DAY, 900), "3d": Window("15m", 3 * DAY, 900)},
    "1h": {"3d": Window("1h", 3 * DAY, HOUR), "2w": Window("1h", 14 * DAY, HOUR)},
    "4h": {"2w": Window("4h", 14 * DAY, 4 * HOUR), "2M": Window("4h", 60 * DAY, 4 * HOUR)},
    "1d": {
        "3M": Window("1d", 92 * DAY, DAY),
        "1Y": Window("1d", 365 * DAY, DAY),
        "5Y": Window("1d", 5 * 365 * DAY, 7 * DAY),
    },
    "1w": {"1Y": Window("1w", 365 * DAY, 7 * DAY), "5Y": Window("1w", 5 * 365 * DAY, 7 * DAY)},
}
DEFAULT_INTERVAL = "1d"  # an annualised figure of minutes is not what most people come for
DEFAULT_RANGE = {"1m": "6h", "5m": "1d", "15m": "1d", "1h": "3d", "4h": "2w", "1d": "1Y", "1w": "1Y"}
STEP_NAMES = {
    **{60: "one-minute", 300: "five-minute", 900: "15-minute", HOUR: "hourly", 4 * HOUR: "four-hour"},
    **{DAY: "daily", 7 * DAY: "weekly"},
}
KEY_METRICS = ("realized_vol", "drawdown", "rolling_sharpe", "rolling_beta")
UNITS = {"crypto": "USDT", "equity": "USD"}


def show() -> None:
    place = layout.header("Price", "Candles with volume, overlays and signals. All times UTC.")
    instruments = {row["symbol"]: row for row in data.rows("instruments")}
    if not instruments:
        layout.empty("No bars yet", "Run `quant ingest crypto` and `quant ingest equities`, then `quant build`.")
        return
    with st.container(horizontal=True, gap="medium", key="choices"):
        chosen = instruments[choices.choice("Symbol", list(instruments), "symbol", labelled=True)]
        interval = choices.choice("Bars", chosen["intervals"], "interval", first_choice(chosen), labelled=True)
        ranges = RANGES[interval]
        window = ranges[choices.choice("Range", list(ranges), "range", DEFAULT_RANGE[interval], labelled=True)]
    badge.keep_fresh(place, badge.DAILY_DATASET[chosen["asset_class"]], chosen["symbol"])
    metrics = data.rows("metrics", symbol=chosen["symbol"], interval=interval)
    layout.refreshing(1, "summary")(lambda: summary(chosen["symbol"], metrics))()
    layout.refreshing(refresh_seconds(window), "candles")(lambda: candles(chosen, window))()
    name = f"{chosen['symbol']}_{STEP_NAMES[window.step]}"
    tables.data_table(
        name, describe(chosen["symbol"], window), lambda: rows(chosen["symbol"], window).drop_columns(["is_newest"])
    )
    figures(chosen, interval, metrics)


def first_choice(chosen: Record) -> str | None:
    return DEFAULT_INTERVAL if DEFAULT_INTERVAL in chosen["intervals"] else None


def refresh_seconds(window: Window) -> float:
    """A long window moves little and weighs more: 2 s for an hour, 6 s for six, 10 s beyond."""
    return min(max(window.span / HOUR, 2), 10)


def rows(symbol: str, window: Window) -> pa.Table:
    """With overlays where a candle is one bar: a mean of 20 days is not one of 20 weeks."""
    return windows.candles(symbol, window)


def candles(chosen: Record, window: Window) -> None:
    symbol = chosen["symbol"]
    bars = rows(symbol, window)
    if bars.num_rows == 0:
        layout.empty("No bars yet", "Run `quant build`.")
        return
    st.subheader(f"{symbol}, {STEP_NAMES[window.step]} candles", anchor=False)
    figure = candle_chart(bars.drop_columns(["as_of"]), window.step, UNITS[chosen["asset_class"]])
    style.show(figure, f"candles_{symbol}_{window.span}_{window.step}", describe(symbol, window), zoom=True)
    explain(window)
    layout.provenance("`serving.bars`", chosen["source"], bars["as_of"][-1].as_py())


def describe(symbol: str, window: Window) -> str:
    overlays = "moving average, Bollinger band and " if window.is_plain else ""
    return f"{symbol}: {STEP_NAMES[window.step]} candles with volume, {overlays}signals"


def summary(symbol: str, metrics: list[Record]) -> None:
    """The newest price beside the figures that most often go with it, as far as there are any."""
    row = next((row for row in data.rows("latest_prices") if row["symbol"] == symbol), None)
    if row is None:
        return
    measured = {metric["metric"]: metric for metric in metrics}
    grid = st.grid(6, min_column_width=150, gap="xsmall", key="summary")
    tiles.price(grid, "Last price", row)
    grid.metric("Previous daily close", formats.price(row["previous_close"]), border=True, height="stretch")
    for name in (name for name in KEY_METRICS if name in measured):
        tiles.metric(grid, measured[name], links.Asked(symbol, measured[name]["interval"]), border=True)


def explain(window: Window) -> None:
    metrics = data.settings().metrics
    overlays = (
        f"Green line: mean of {metrics.window_short} {STEP_NAMES[window.step]} bars; band: "
        f"{metrics.bollinger_width:g} population standard deviations around it. "
    )
    st.caption(
        f"Hollow blue rises, filled orange falls. {overlays if window.is_plain else ''}"
        "Triangles are signals of the price. Scroll to zoom, drag to move, double-click to reset."
    )


def figures(chosen: Record, interval: str, metrics: list[Record]) -> None:
    """The newest final value of everything that is measured on this series."""
    if not metrics:
        return
    st.subheader(f"Newest final values of {interval} bars", anchor=False)
    grid = st.grid(6, min_column_width=150, gap="xsmall", key="figures")
    for metric in metrics:
        tiles.metric(grid, metric, links.Asked(chosen["symbol"], interval))
    layout.provenance("`serving.latest_metrics`", chosen["source"], max(metric["as_of"] for metric in metrics))
