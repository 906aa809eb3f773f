"""Market: what every instrument trades at now, one of them in detail, and what happened last."""

import streamlit as st

from dashboard import badge, choices, data, layout, tables, tiles, windows
from dashboard.charts import style
from dashboard.charts.candles import candles
from dashboard.windows import Window

LAST_HOURS = Window("1m", span=3 * 3600, step=60)
SPARKLINES = {"1m": {"span": 86400, "step": 1800}, "1d": {"span": 90 * 86400, "step": 86400}}
CAPTION = (
    "Newest price, and its change against the previous daily close. Lines: 24 hours where trades are live, "
    "three months of closes elsewhere. All times UTC."
)
TRADES = 60
SHOWN = ["ts", "open", "high", "low", "close", "volume", "is_final"]
CANDLE = [*SHOWN, "is_newest"]
SIGNALS = 50


def show() -> None:
    badge.keep_fresh(layout.header("Market", CAPTION), "trades")
    known = liveness()
    layout.refreshing(1, "tiles")(lambda: prices(known))()
    live = [symbol for symbol, is_live in known.items() if is_live]
    if live:
        symbol = choices.choice("Symbol", live, key="symbol")
        layout.refreshing(2, "detail")(lambda: detail(symbol))()
        tables.data_table(
            f"{symbol}_last_hours", describe(symbol), lambda: windows.candles(symbol, LAST_HOURS).select(SHOWN)
        )
    elif known:
        layout.empty("No trades in the last two hours", "Run `quant ingest crypto`; `quant up` does it all the time.")
    layout.refreshing(10, "events")(events)()


def liveness() -> dict[str, bool]:
    """The symbols that have a price, and whether it comes from a trade."""
    return {row["symbol"]: row["is_live"] for row in data.rows("latest_prices")}


def prices(known: dict[str, bool]) -> None:
    """The newest prices; what the page below is laid out for is looked at each time, and the page follows."""
    if liveness() != known:
        st.rerun()
    shown = data.rows("latest_prices")
    if not shown:
        layout.empty("No prices yet", "Run `quant ingest crypto` and `quant ingest equities`, then `quant build`.")
        return
    closes = {interval: sparklines(interval, size) for interval, size in SPARKLINES.items()}
    grid = st.grid(len(shown), min_column_width=150, gap="xsmall", key="prices")
    for row in shown:
        label = f"{row['symbol']} :gray[{'live' if row['is_live'] else 'close'}]"
        tiles.price(grid, label, row, closes["1m" if row["is_live"] else "1d"].get(row["symbol"]))


def sparklines(interval: str, size: dict[str, int]) -> dict[str, list[float]]:
    """The last close of each `step` seconds out of the last `span`, by symbol."""
    return {row["symbol"]: row["closes"] for row in data.rows("sparklines", interval=interval, **size)}


def detail(symbol: str) -> None:
    chart, tape = st.columns([3, 2], gap="medium")
    with chart:
        st.subheader(f"{symbol}, last 3 hours", anchor=False)
        bars = windows.candles(symbol, LAST_HOURS)
        if bars.num_rows == 0:
            layout.empty("No bars yet", "Run `quant build`.")
        else:
            figure = candles(bars.select(CANDLE), LAST_HOURS.step, "USDT", height=300)
            style.show(figure, f"live_{symbol}", describe(symbol), zoom=True)
    with tape:
        st.subheader("Trades", anchor=False)
        recent(symbol)


def describe(symbol: str) -> str:
    return f"{symbol}: one-minute candles of the last three hours"


def recent(symbol: str) -> None:
    trades = data.table("trades", symbol=symbol, limit=TRADES)
    if trades.num_rows == 0:
        layout.empty("No trade in the last 15 minutes", "Run `quant ingest crypto`, or look at Data health.")
        return
    st.dataframe(
        trades,
        height=440,
        hide_index=True,
        key="tape",
        column_config={
            "ts": st.column_config.DatetimeColumn("Time, UTC", format="HH:mm:ss.SSS", timezone="UTC"),
            "price": st.column_config.NumberColumn("Price", format="%,.2f"),
            "size": st.column_config.NumberColumn("Size", format="%,.5f"),
            "side": st.column_config.TextColumn("Taker", help="Who took the price that the other side quoted"),
        },
    )


def events() -> None:
    st.subheader("Newest signals", anchor=False)
    signals = data.table("signals", limit=SIGNALS)
    if signals.num_rows == 0:
        layout.empty("No signal yet", "Signals are found by `quant build` on final bars.")
    else:
        signal_table(signals)
    prices = data.rows("latest_prices")
    sources = ", ".join(sorted({row["source"] for row in prices}))
    layout.provenance("`serving.latest_prices`", sources, max((row["ts"] for row in prices), default=None))


def signal_table(signals: object) -> None:
    st.dataframe(
        signals,
        hide_index=True,
        key="signals",
        height=280,
        column_config={
            "end_ts": st.column_config.DatetimeColumn("Known at, UTC", format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "symbol": "Symbol",
            "interval": "Interval",
            "direction": "Direction",
            "rule": "Rule",
            "explanation": st.column_config.TextColumn("What happened", width="large"),
            "close": st.column_config.NumberColumn("Close", format="%,.2f"),
            "past_hit_rate": st.column_config.NumberColumn(
                "Right before", format="percent", help="Earlier ones that the next bar went along with, known by then"
            ),
            "past_events": st.column_config.NumberColumn("Of", help="Earlier signals of this rule, bar and direction"),
            "source": "Source",
        },
    )
