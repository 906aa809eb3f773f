"""What Yahoo says about a share beside its prices: a chart's meta and a chain's quote."""

from typing import Any

import numpy as np

from ingest.standin.sessions import new_york_offset
from ingest.standin.stock import Share

VALID_RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]
PRE_S, POST_S = 5 * 3600 + 1800, 4 * 3600


def single(value: float) -> float:
    """Rounded to the cent, as in meta."""
    return round(float(value), 2)


def chart_meta(share: Share, now_s: int, interval: str, name: str, previous_close: float) -> dict[str, Any]:
    day, year = _today(share, now_s), _year(share, now_s)
    time_s = market_time(share, now_s)
    offset, zone = new_york_offset(time_s)
    return {
        "currency": "USD",
        "symbol": share.stock.symbol,
        "exchangeName": "PCX" if share.stock.is_fund else "NMS",
        "fullExchangeName": "NYSEArca" if share.stock.is_fund else "NasdaqGS",
        "instrumentType": "ETF" if share.stock.is_fund else "EQUITY",
        "firstTradeDate": int(share.sessions.open_s[0]),
        "regularMarketTime": time_s,
        "hasPrePostMarketData": True,
        "gmtoffset": offset,
        "timezone": zone,
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": day["price"],
        **year,
        "regularMarketDayHigh": day["high"],
        "regularMarketDayLow": day["low"],
        "regularMarketVolume": day["volume"],
        "longName": share.stock.name,
        "shortName": share.stock.name,
        "chartPreviousClose": previous_close,
        "priceHint": 2,
        "currentTradingPeriod": _periods(share, now_s),
        "dataGranularity": interval,
        "range": name,
        "validRanges": VALID_RANGES,
    }


def share_quote(share: Share, time_s: int, now_s: int) -> dict[str, Any]:
    """The `quote` of an option chain."""
    day = _today(share, now_s)
    price, previous = day["price"], day["previous"]
    return {
        **_listing(share, time_s),
        "currency": "USD",
        "marketState": "REGULAR" if share.sessions.is_open(now_s) else "CLOSED",
        "regularMarketChange": single(price - previous),
        "regularMarketChangePercent": 100 * (price / previous - 1),
        "regularMarketTime": market_time(share, now_s),
        "regularMarketPrice": price,
        "regularMarketDayHigh": day["high"],
        "regularMarketDayLow": day["low"],
        "regularMarketDayRange": f"{day['low']} - {day['high']}",
        "regularMarketVolume": day["volume"],
        "regularMarketPreviousClose": previous,
        "regularMarketOpen": day["open"],
        "bid": single(price - 0.01),
        "ask": single(price + 0.01),
        "bidSize": 2,
        "askSize": 3,
        **_year(share, now_s),
    }


def _listing(share: Share, time_s: int) -> dict[str, Any]:
    """Where and under which names the share trades."""
    offset, zone = new_york_offset(time_s)
    return {
        "language": "en-US",
        "region": "US",
        "quoteType": "ETF" if share.stock.is_fund else "EQUITY",
        "typeDisp": "ETF" if share.stock.is_fund else "Equity",
        "quoteSourceName": "Stand-in market",
        "exchange": "PCX" if share.stock.is_fund else "NMS",
        "fullExchangeName": "NYSEArca" if share.stock.is_fund else "NasdaqGS",
        "market": "us_market",
        "exchangeTimezoneName": "America/New_York",
        "exchangeTimezoneShortName": zone,
        "gmtOffSetMilliseconds": offset * 1000,
        "esgPopulated": False,
        "tradeable": False,
        "cryptoTradeable": False,
        "hasPrePostMarketData": True,
        "firstTradeDateMilliseconds": int(share.sessions.open_s[0]) * 1000,
        "priceHint": 2,
        "sourceInterval": 15,
        "exchangeDataDelayedBy": 0,
        **{name: share.stock.name for name in ("longName", "shortName", "displayName")},
        "symbol": share.stock.symbol,
    }


def market_time(share: Share, now_s: int) -> int:
    """The time of the last regular trade: now during a session, else its close."""
    return int(min(now_s, share.sessions.close_s[share.sessions.newest(now_s)]))


def _today(share: Share, now_s: int) -> dict[str, Any]:
    bars = share.bars(share.sessions.newest(now_s) - 1, now_s)
    return {
        "price": single(bars.close[1]),
        "previous": single(bars.close[0]),
        "open": single(bars.open[1]),
        "high": single(bars.high[1]),
        "low": single(bars.low[1]),
        "volume": int(bars.volume[1]),
    }


def _year(share: Share, now_s: int) -> dict[str, float]:
    bars = share.bars(max(0, share.sessions.newest(now_s) - 251), now_s)
    return {"fiftyTwoWeekHigh": single(np.max(bars.high)), "fiftyTwoWeekLow": single(np.min(bars.low))}


def _periods(share: Share, now_s: int) -> dict[str, Any]:
    place = share.sessions.newest(now_s)
    start, end = int(share.sessions.open_s[place]), int(share.sessions.close_s[place])
    offset, zone = new_york_offset(start)
    borders = {"pre": (start - PRE_S, start), "regular": (start, end), "post": (end, end + POST_S)}
    return {
        name: {"timezone": zone, "start": first, "end": last, "gmtoffset": offset}
        for name, (first, last) in borders.items()
    }
