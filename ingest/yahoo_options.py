"""yfinance option chains -> rows as they are stored."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import exchange_calendars
import pandas as pd
import pyarrow as pa

from ingest.errors import SourceError
from ingest.record import OPTION_QUOTE
from ingest.sessions import expiry_of
from ingest.yahoo_equity import number

QUOTES = {"bid": "bid", "ask": "ask", "last_price": "lastPrice", "vendor_iv": "impliedVolatility"}
SYMBOL_TAIL = 15  # of a contract's symbol, behind its root: day (6), C or P, strike (8)
COUNTS = {"volume": "volume", "open_interest": "openInterest"}


def quotes_table(
    underlying: str,
    chains: Iterable[tuple[str, Any]],
    calendar: exchange_calendars.ExchangeCalendar,
    am_settled: Collection[str],
    origin: Mapping[str, object],
) -> pa.Table:
    """One row per contract of `chains`, pairs of expiry date (YYYY-MM-DD) and yfinance's calls, puts, underlying.

    Contracts whose root is in `am_settled` expire at the open. Zeros stay as Yahoo sends them (an absent bid is 0
    there); what is missing or no number becomes NULL.
    """
    rows: list[dict[str, object]] = []
    for expiry, chain in chains:
        if chain.underlying is None:
            continue  # a date that Yahoo lists without a chain
        expiry_on = date.fromisoformat(expiry)
        shared = {
            "underlying": underlying,
            "expiry_on": expiry_on,
            "spot": number(chain.underlying.get("regularMarketPrice")),
            "quoted_at": _quoted_at(underlying, chain.underlying),
            **origin,
        }
        instants = [expiry_of(calendar, expiry_on, at_open) for at_open in (False, True)]
        for frame, is_call in ((chain.calls, True), (chain.puts, False)):
            for values in frame.to_dict("records"):
                expires_at = instants[values["contractSymbol"][:-SYMBOL_TAIL] in am_settled]
                rows.append({**shared, "is_call": is_call, "expires_at": expires_at, **_quote(values)})
    return pa.Table.from_pylist(rows, OPTION_QUOTE)


def _quote(values: Mapping[str, Any]) -> dict[str, object]:
    last_trade_at = values["lastTradeDate"]
    currency = values["currency"]
    return {
        "contract_symbol": values["contractSymbol"],
        "strike": number(values["strike"]),
        "last_trade_at": None if pd.isna(last_trade_at) else last_trade_at.to_pydatetime(),
        "currency": currency if isinstance(currency, str) else None,
        **{name: number(values[column]) for name, column in QUOTES.items()},
        **{name: _count(values[column]) for name, column in COUNTS.items()},
    }


def _count(value: object) -> int | None:
    count = number(value)
    return None if count is None else int(count)


def _quoted_at(symbol: str, quote: Mapping[str, Any]) -> datetime:
    seconds = quote.get("regularMarketTime")
    if not isinstance(seconds, int):
        raise SourceError(f"{symbol}: the chain comes without regularMarketTime, so nobody can tell how old it is")
    return datetime.fromtimestamp(seconds, UTC)
