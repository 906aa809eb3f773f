"""Price: candles with volume, overlays and signals; symbol, interval and range live in the URL."""

import pyarrow as pa
import streamlit as st

from dashboard import charts, data, formats, layout
from dashboard.data import Record, Window

HOUR, DAY = 3600, 86400
# At most 365 candles each, so that all marks of a chart stay below 2,000.
RANGES = {
    "1m": {
        "1h": Window("1m", HOUR, 60),
        "6h": Window("1m", 6 * HOUR, 60),
        "1d": Window("1m", DAY, 300),
        "3d": Window("1m", 3 * DAY, 900),
    },
    "1d": {
        "3M": Window("1d", 92 * DAY, DAY),
        "1Y": Window("1d", 365 * DAY, DAY),
        "5Y": Window("1d", 5 * 365 * DAY, 7 * DAY),
    },
}
DEFAULT_RANGE = {"1m": "6h", "1d": "1Y"}
DATASET = {"1m": "klines", "1d": "klines"}
STEP_NAMES = {60: "1-minute", 300: "5-minute", 900: "15-minute", DAY: "daily", 7 * DAY: "weekly"}
UNITS = {"crypto": "USDT", "equity": "USD"}


def show() -> None:
    instruments = {row["symbol"]: row for row in data.instruments()}
    if not instruments:
        layout.header("Price", "Candles, overlays and signals.", "klines")
        layout.empty("No bars yet", "Run `quant ingest crypto` and `quant ingest equities`, then `quant build`.")
        return
    top = st.container()
    with st.container(horizontal=True, gap="medium", key="choices"):
        chosen = instruments[layout.choice("Symbol", list(instruments), key="symbol")]
        interval = layout.choice("Interval", chosen["intervals"], key="interval")
        window = RANGES[interval][layout.choice("Range", list(RANGES[interval]), "range", DEFAULT_RANGE[interval])]
    with top:
        dataset = "equities" if chosen["asset_class"] == "equity" else "klines"
        layout.header(
            "Price", f"{chosen['symbol']}, {STEP_NAMES[window.step]} candles. All times UTC.", dataset, chosen["symbol"]
        )
    layout.refreshing(2, "candles")(lambda: candles(chosen, window))()
    figures(chosen, interval)


def candles(chosen: Record, window: Window) -> None:
    symbol = chosen["symbol"]
    bars = data.candles(symbol, window)
    if bars.num_rows == 0:
        layout.empty("No bars yet", "Run `quant build`.")
        return
    title = f"{symbol}: {STEP_NAMES[window.step]} candles with volume, moving average, Bollinger band and signals"
    figure = charts.candles(bars, UNITS[chosen["asset_class"]], overlays=True)
    charts.show(figure, f"candles_{symbol}_{window.span}_{window.step}", title, zoom=True)
    explain(window)
    layout.provenance("serving.bars", chosen["source"], bars["next_ts"][-1].as_py())


def explain(window: Window) -> None:
    metrics = data.settings().metrics
    of = f"{metrics.window_short} {STEP_NAMES[60 if window.interval == '1m' else DAY]} bars"
    st.caption(
        f"Hollow blue rises, filled orange falls. Green line: mean of {of}; band: {metrics.bollinger_width:g} population "
        "standard deviations around it. Triangles are signals. Scroll to zoom, drag to move, double-click to reset."
    )


def figures(chosen: Record, interval: str) -> None:
    """The newest final value of what is measured on this series."""
    rows = data.metrics(chosen["symbol"], interval)
    if not rows:
        return
    st.subheader("Newest final values", anchor=False)
    grid = st.grid(6, min_column_width=150, gap="xsmall")
    for row in rows:
        grid.metric(formats.name(row["metric"]), formats.value(row["value"], row["unit"]), help=layout.explanation(row))
