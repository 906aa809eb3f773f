"""The tape of the page Market: what the trades of the last minutes say, and the newest of them."""

from typing import Any

import streamlit as st

from dashboard import data, formats, layout, links, windows
from dashboard.data import Record
from dashboard.windows import DAY, Window

MINUTES = 15
TRADES = 40
SECONDS = 3.7
SESSION = Window("1d", span=7 * DAY, step=DAY)
Figure = tuple[str, str, str, str]  # name, metric of the catalogue that explains it, value, meaning
NOTHING = ("No trade in the last 15 minutes", "Run `quant ingest crypto`, or look at Data health.")


def show(series: Record) -> None:
    if series["asset_class"] != "crypto":
        layout.refreshing(60, "session")(lambda: session(series))()
        return
    st.subheader(f"Tape, last {MINUTES} minutes", anchor=False)
    layout.refreshing(SECONDS, "tape")(lambda: told_and_listed(series))()


def told_and_listed(series: Record) -> None:
    statistics(series)
    trades(series["symbol"])


def statistics(series: Record) -> None:
    """Average price, speed and size of what was traded, and who took the price."""
    row = data.row("tape", symbol=series["symbol"], span=MINUTES * 60)
    if row is None:
        layout.empty(*NOTHING)
        return
    tiled("tape_statistics", links.Asked(series["symbol"], "1m"), figures(row), of_when(row["seconds"]))


def of_when(seconds: float) -> str:
    """Which while the figures are of: a recording that began since has seen no more."""
    if seconds < MINUTES * 60:
        return f"Of the last {formats.age(seconds)}: nothing was recorded before."
    return f"Of the last {MINUTES} minutes."


def tiled(key: str, asked: links.Asked, told: list[Figure], whose: str) -> None:
    grid = st.grid(3, min_column_width=150, gap="xsmall", key=key)
    for label, metric, text, meaning in told:
        shown = links.to_explanation(label, metric, asked)
        grid.metric(shown, text, help=f"{meaning} {whose}", border=True, height="stretch")


def session(series: Record) -> None:
    """Of shares there are no trades, but the newest session."""
    bars = windows.candles(series, SESSION)
    st.subheader("Newest session", anchor=False)
    if bars.num_rows == 0:
        layout.empty("No session yet", "Run `quant ingest equities`, then `quant build`.")
        return
    row = bars.slice(bars.num_rows - 1).to_pylist()[0]
    told: list[Figure] = [
        (name.capitalize(), f"bar_{name}", formats.price(row[name]), f"{words} price, in USD.")
        for name, words in {"open": "First", "high": "Highest", "low": "Lowest", "close": "Last"}.items()
    ]
    told.append(("Volume", "bar_volume", formats.money(row["volume"]), "Shares that changed hands."))
    said = "final" if row["is_final"] else "still open"
    tiled("session", links.Asked(series["symbol"], "1d"), told, f"Session of {row['ts']:%Y-%m-%d}, {said}.")
    st.caption(f"Session of {row['ts']:%A, %d %B %Y}, {said}. {windows.day_of('equity')} Yahoo gives no trades.")


def figures(row: Record) -> list[Figure]:
    imbalance = row["taker_imbalance"]
    return [
        ("VWAP", "bar_vwap", formats.price(row["vwap"]), "Average price, weighted by size, in USDT."),
        ("Trades / min", "bar_trades", formats.ratio(row["trades_per_minute"], 1), "How many a minute."),
        ("Notional", "notional", formats.money(row["notional"]), "Price times size of all trades, in USDT."),
        (
            "Taker imbalance",
            "taker_imbalance",
            formats.MISSING if imbalance is None else f"{imbalance:+.1%}",
            "Bought less sold by those who took the price, as a share of the volume: +100% all bought, -100% all sold.",
        ),
        ("Low", "bar_low", formats.price(row["low"]), "Lowest price, in USDT."),
        ("High", "bar_high", formats.price(row["high"]), "Highest price, in USDT."),
    ]


def trades(symbol: str) -> None:
    """The newest ones; above them it is said when there are none."""
    shown = data.table("trades", symbol=symbol, limit=TRADES)
    if shown.num_rows == 0:
        return
    columns: dict[str, Any] = {
        "ts": st.column_config.DatetimeColumn("Time, UTC", format="HH:mm:ss.SSS", timezone="UTC"),
        "price": st.column_config.NumberColumn("Price", format=formats.price_format(shown["price"][0].as_py())),
        "size": st.column_config.NumberColumn("Size", format="%,.5f"),
        "side": st.column_config.TextColumn("Taker", help="Who took the price that the other side quoted"),
    }
    st.dataframe(shown, height=250, hide_index=True, key="newest_trades", column_config=columns)
