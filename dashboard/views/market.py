"""Market: what every instrument trades at now, one of them in detail, and what happened last."""

from functools import partial

import pyarrow as pa
import streamlit as st

from dashboard import badge, choices, data, layout, links, parts, tables, tiles, toasts, windows
from dashboard.charts import candles as candle_chart
from dashboard.charts import named, style
from dashboard.charts.candles import Shape
from dashboard.data import Record
from dashboard.views import tape
from dashboard.windows import DAY, HOUR, Window

# Minutes where there are trades; of shares there are days.
LATEST = {"crypto": Window("1m", span=2 * HOUR, step=60), "equity": Window("1d", span=92 * DAY, step=DAY)}
WORDS = {"crypto": "newest 2 hours", "equity": "newest 3 months"}  # that there are, whenever they were
# Of what the lines of the tiles are made: the part of the bars, and how much of it.
SPARKLINES = {
    True: ("crypto_minutes", {"interval": "1m", "span": DAY, "step": 1800}),
    False: ("final_bars", {"interval": "1d", "span": 92 * DAY, "step": DAY}),
}
CAPTION = (
    "Newest price, and its change against the previous daily close. Lines: 24 hours where trades are live, "
    "three months of closes elsewhere. All times UTC."
)
PRICE = "close"
SHOWN = ["ts", "open", "high", "low", "close", "volume", "is_final"]
CANDLE = [*SHOWN[:-1], "is_newest"]
ALERTS = 20
# No multiples of each other: parts that are due at the same instant would come as one large refresh.
TILES_SECONDS, CHART_SECONDS, CLOSES_SECONDS, ALERTS_SECONDS = 1.0, 2.1, 7.9, 11.3


def show() -> None:
    badge.keep_fresh(layout.header("Market", CAPTION), "trades")
    rows = parts.prices()
    known = liveness(rows)
    tiled(known)
    coins = [row for row in rows if row["asset_class"] == "crypto"]
    if coins and not any(row["is_live"] for row in coins):
        layout.empty("No trades in the last two hours", "Run `quant ingest crypto`; `quant up` does it all the time.")
    if rows:
        chosen = choices.symbol([row["symbol"] for row in rows])
        detail(next(row for row in rows if row["symbol"] == chosen))
    layout.refreshing(ALERTS_SECONDS, "events")(events)()


def liveness(rows: list[Record]) -> dict[str, bool]:
    """The symbols that have a price, and whether it comes from a trade."""
    return {row["symbol"]: row["is_live"] for row in rows}


def tiled(known: dict[str, bool]) -> None:
    """What is traded now, and beside it what has closed: of that a refresh each second would send the same again."""
    kinds = sorted(set(known.values()), reverse=True)
    if not kinds:
        layout.refreshing(TILES_SECONDS, "tiles")(lambda: prices(known, is_live=True))()
        return
    places = st.columns([list(known.values()).count(is_live) for is_live in kinds], gap="xsmall")
    seconds = (TILES_SECONDS, CLOSES_SECONDS)  # the first ones also see when trades begin or end
    for place, is_live, often in zip(places, kinds, seconds, strict=False):
        with place:
            layout.refreshing(often, f"tiles_{is_live}")(partial(prices, known, is_live))()


def prices(known: dict[str, bool], is_live: bool) -> None:
    """The newest prices; what the page below is laid out for is looked at each time, and the page follows."""
    rows = parts.prices()
    if liveness(rows) != known:
        st.rerun()
    shown = [row for row in rows if row["is_live"] == is_live]
    if not shown:
        layout.empty("No prices yet", "Run `quant ingest crypto` and `quant ingest equities`, then `quant build`.")
        return
    closes = sparklines(is_live)
    grid = st.grid(len(shown), min_column_width=150, gap="xsmall", key=f"prices_{is_live}")
    for row in shown:
        tiles.price(grid, label(row), row, closes.get(row["symbol"]))


def label(row: Record) -> str:
    """The name leads to what the price is."""
    asked = links.Asked(row["symbol"], "1m" if row["is_live"] else "1d")
    explained = links.to_explanation(row["symbol"], PRICE, asked)
    return f"{explained} :gray[{'live' if row['is_live'] else 'close'}]"


def sparklines(is_live: bool) -> dict[str, list[float]]:
    """The last close of each `step` seconds out of the last `span`, by symbol."""
    part, asked = SPARKLINES[is_live]
    return {row["symbol"]: row["closes"] for row in data.rows("sparklines", part=part, **asked)}


def detail(series: Record) -> None:
    window = LATEST[series["asset_class"]]
    drawn, traded = st.columns([3, 2], gap="medium")
    with drawn:
        st.subheader(f"{series['symbol']}, {WORDS[series['asset_class']]}", anchor=False)
        layout.refreshing(CHART_SECONDS if series["is_live"] else 60, "detail")(lambda: chart(series, window))()
        name = f"{series['symbol']}_latest"
        tables.data_table(name, describe(series), lambda: windows.candles(series, window).select(SHOWN))
    with traded:
        tape.show(series)


def chart(series: Record, window: Window) -> None:
    bars = windows.candles(series, window)
    if bars.num_rows == 0:
        layout.empty("No bars yet", "Run `quant build`.")
        return
    shape = Shape(series["asset_class"], window.step, window.step, style.theme(), height=330)
    named.draw(
        candle_chart.specification(shape),
        {"bars": bars.select(CANDLE)},
        key=f"live_{series['symbol']}",
        description=describe(series),
        selection=style.ZOOM,
    )


def describe(series: Record) -> str:
    step = LATEST[series["asset_class"]].step_name
    return f"{series['symbol']}: {step} candles of the {WORDS[series['asset_class']]}"


def events() -> None:
    st.subheader("Newest alerts", anchor=False)
    alerts = data.table("alerts", limit=ALERTS)
    toasts.show_once(alerts.to_pylist())
    if alerts.num_rows == 0:
        layout.empty("No signal yet", "Signals are found by `quant build` on final bars.")
    else:
        alert_table(alerts)
    shown = parts.prices()
    sources = ", ".join(sorted({row["source"] for row in shown}))
    layout.provenance(
        "`serving.latest_prices`, `serving.bars`, `serving.recent_trades`, `serving.recent_signals`",
        sources,
        max((row["ts"] for row in shown), default=None),
    )


def alert_table(alerts: pa.Table) -> None:
    st.dataframe(
        alerts.drop_columns(["signal_id", "symbol"]),
        hide_index=True,
        key="alerts",
        height=280,
        placeholder="-",
        column_order=["end_ts", "chart", *(name for name in alerts.column_names if name not in HIDDEN)],
        column_config={
            "end_ts": st.column_config.DatetimeColumn("Known at, UTC", format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "chart": st.column_config.LinkColumn("Symbol", display_text=r"symbol=([^&]*)", help="To its candles"),
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


HIDDEN = {"end_ts", "chart", "signal_id", "symbol"}
