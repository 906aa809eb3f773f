"""A yfinance price frame -> rows as they are stored."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd
import pyarrow as pa

from ingest.record import EQUITY_PRICE
from ingest.sessions import session_of

PRICES = {"open": "Open", "high": "High", "low": "Low", "close": "Close"}
Origin = Mapping[str, object]  # source, fetched_at, ingest_run_id


def prices_table(
    symbol: str,
    frame: pd.DataFrame,
    currency: str | None,
    calendar: exchange_calendars.ExchangeCalendar,
    final_delay: timedelta,
    origin: Origin,
) -> pa.Table:
    """One row per day of `frame`, which yfinance stamps with midnight at the exchange.

    Prices are split-adjusted as of the fetch. What is not a number becomes NULL, and such a bar is never final;
    a whole one is final `final_delay` after the session's close.
    """
    shared = {"symbol": symbol, "interval": "1d", "currency": currency, **origin}
    rows = [
        {**shared, **_row(stamp, values, calendar)}
        for stamp, values in zip(frame.index, frame.to_dict("records"), strict=True)
    ]
    for row in rows:
        whole = all(row[name] is not None for name in PRICES)
        if not whole and row["volume"] == 0:
            row["volume"] = None  # yfinance writes 0 where Yahoo says null
        row["is_final"] = whole and _instant(origin["fetched_at"]) > _instant(row["end_ts"]) + final_delay
    return pa.Table.from_pylist(rows, EQUITY_PRICE)


def _row(
    stamp: pd.Timestamp, values: Mapping[object, object], calendar: exchange_calendars.ExchangeCalendar
) -> dict[str, object]:
    zone = ZoneInfo(str(stamp.tz))
    begin, end = session_of(calendar, stamp.date(), zone)
    volume = number(values["Volume"])
    return {
        "session_date": stamp.date(),
        "ts": begin,
        "end_ts": end,
        **{name: number(values[column]) for name, column in PRICES.items()},
        "vendor_adj_close": number(values["Adj Close"]),
        "volume": None if volume is None else int(volume),
        # A fund's capital gains are paid out like a dividend, and lower its price like one.
        "dividend": (number(values["Dividends"]) or 0.0) + (number(values.get("Capital Gains")) or 0.0),
        "split_ratio": number(values["Stock Splits"]) or 0.0,
    }


def number(value: object) -> float | None:
    """A finite float, else None."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    as_float = float(str(value))
    return as_float if abs(as_float) != float("inf") else None


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is no instant")
    return value
