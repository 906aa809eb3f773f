"""Rows of Binance's REST answers -> records, as binance_parse does it with frames."""

import msgspec

from ingest.binance_parse import UNREADABLE, DeadLetter, Id, Millis, price_of
from ingest.binance_record import Kline, Trade, bar_end, instant
from ingest.digits import amount, positive


class RestTrade(msgspec.Struct):
    """One row of /api/v3/trades and /api/v3/historicalTrades."""

    id: Id
    price: str
    qty: str
    time: Millis
    isBuyerMaker: bool


# open time, open, high, low, close, volume, close time, quote volume, trades, taker base, taker quote, unused
RestKline = tuple[Millis, str, str, str, str, str, Millis, str, Id, str, str, str]

_rest_trade = msgspec.json.Decoder(RestTrade)
_rest_kline = msgspec.json.Decoder(RestKline)
_rows = msgspec.json.Decoder(list[msgspec.Raw])


def parse_rest_trade(row: bytes, symbol: str, fetched_at: int) -> Trade | DeadLetter:
    """One trade of a REST page."""
    try:
        trade = _rest_trade.decode(row)
        ts = instant(trade.time, fetched_at)
        price, size = positive(trade.price), positive(trade.qty)
    except (*UNREADABLE, ValueError) as error:
        return DeadLetter(f"{symbol}: {error}")
    return Trade(symbol, trade.id, ts, price, size, trade.isBuyerMaker, "backfill", fetched_at)


def parse_rest_kline(row: bytes, symbol: str, interval: str, fetched_at: int) -> Kline | DeadLetter:
    """One bar of a REST page; final when its end had passed at `fetched_at`."""
    try:
        return _rest_bar(_rest_kline.decode(row), symbol, interval, fetched_at)
    except (*UNREADABLE, ValueError) as error:
        return DeadLetter(f"{symbol} {interval}: {error}")


def split_rows(page: bytes) -> list[bytes]:
    """The rows of a REST answer, undecoded. Raises ValueError when it is no list."""
    try:
        return [bytes(row) for row in _rows.decode(page)]
    except UNREADABLE as error:
        raise ValueError(f"answer is no list of rows: {error}") from error


def _rest_bar(row: RestKline, symbol: str, interval: str, fetched_at: int) -> Kline:
    begin, first, high, low, last, volume, last_instant, quote_volume, trade_count, taker_buy_volume, *_ = row
    end = bar_end(last_instant, fetched_at)
    return Kline(
        symbol=symbol,
        interval=interval,
        ts=instant(begin, fetched_at),
        end_ts=end,
        open=price_of(first),
        high=price_of(high),
        low=price_of(low),
        close=price_of(last),
        volume=amount(volume),
        quote_volume=amount(quote_volume),
        trade_count=trade_count,
        taker_buy_volume=amount(taker_buy_volume),
        first_trade_id=None,
        last_trade_id=None,
        is_final=end <= fetched_at,
        fetched_at=fetched_at,
    )
