"""Binance's JSON: streams and REST bodies of one pair, prices and sizes as strings with eight decimals."""

from collections.abc import Iterator
from typing import Any

from ingest.standin import rows
from ingest.standin.assets import Coin
from ingest.standin.klines import end_of
from ingest.standin.rows import IntArray
from ingest.standin.tape import Trades

Json = dict[str, Any]


def decimal(value: int, digits: int) -> str:
    """`value` units of 10**-digits, with the eight decimals that the exchange always writes."""
    whole, part = divmod(value * 10 ** (8 - digits), 10**8)
    return f"{whole}.{part:08d}"


class Messages:
    """`micro` says whether times are microseconds, as `timeUnit=MICROSECOND` asks for."""

    def __init__(self, coin: Coin) -> None:
        self.coin = coin

    def price(self, ticks: int) -> str:
        return decimal(int(ticks), self.coin.price_digits)

    def size(self, lots: int) -> str:
        return decimal(int(lots), self.coin.lot_digits)

    def quote(self, value: int) -> str:
        return decimal(int(value), self.coin.price_digits + self.coin.lot_digits)

    def trade(self, trades: Trades, place: int, now_us: int, micro: bool) -> Json:
        unit = 1 if micro else 1000
        return {
            "e": "trade",
            "E": now_us // unit,
            "s": self.coin.symbol,
            "t": int(trades.id[place]),
            "p": self.price(trades.price[place]),
            "q": self.size(trades.size[place]),
            "T": int(trades.time_us[place]) // unit,
            "m": bool(trades.is_buyer_maker[place]),
            "M": True,
        }

    def aggregate_trade(self, trades: Trades, place: int, now_us: int, micro: bool) -> Json:
        """Every taker here meets one maker, so that an aggregate holds exactly one trade, under its id."""
        trade = self.trade(trades, place, now_us, micro)
        head = {"e": "aggTrade", "E": trade["E"], "s": trade["s"], "a": trade["t"], "p": trade["p"], "q": trade["q"]}
        return {**head, "f": trade["t"], "l": trade["t"], "T": trade["T"], "m": trade["m"], "M": True}

    def book_ticker(self, trades: Trades, place: int) -> Json:
        """Best bid and ask around the trade: a seller-initiated one hit the bid, a buyer-initiated one the ask."""
        bid = int(trades.price[place]) - 1 + int(trades.is_buyer_maker[place])
        sizes = int(trades.size[place]) * 3 + 17, int(trades.size[place - 1]) * 3 + 11
        return {
            "u": int(trades.id[place]) * 4,
            "s": self.coin.symbol,
            "b": self.price(bid),
            "B": self.size(sizes[0]),
            "a": self.price(bid + 1),
            "A": self.size(sizes[1]),
        }

    def kline(self, bar: IntArray, interval: str, now_us: int, is_closed: bool, micro: bool) -> Json:
        unit, start = (1000 if micro else 1), int(bar[rows.START])
        end = (end_of(interval, start) + 1) * unit - 1
        first, count = int(bar[rows.FIRST]), int(bar[rows.COUNT])
        return {
            "e": "kline",
            "E": now_us // (1 if micro else 1000),
            "s": self.coin.symbol,
            "k": {
                "t": start * unit,
                "T": end,
                "s": self.coin.symbol,
                "i": interval,
                "f": first,
                "L": first + count - 1 if count else -1,
                "o": self.price(bar[rows.OPEN]),
                "c": self.price(bar[rows.CLOSE]),
                "h": self.price(bar[rows.HIGH]),
                "l": self.price(bar[rows.LOW]),
                "v": self.size(bar[rows.VOLUME]),
                "n": count,
                "x": is_closed,
                "q": self.quote(bar[rows.QUOTE]),
                "V": self.size(bar[rows.BOUGHT]),
                "Q": self.quote(bar[rows.BOUGHT_QUOTE]),
                "B": "0",
            },
        }

    def kline_rows(self, bars: IntArray, interval: str, micro: bool) -> list[list[Any]]:
        frames = (self.kline(bar, interval, 0, True, micro)["k"] for bar in bars)
        return [[k["t"], *(k[key] for key in "ohlcv"), k["T"], k["q"], k["n"], k["V"], k["Q"], "0"] for k in frames]

    def trade_rows(self, parts: Iterator[Trades], micro: bool) -> list[Json]:
        """The body of /trades and /historicalTrades."""
        unit = 1 if micro else 1000
        return [
            {
                "id": trade_id,
                "price": self.price(price),
                "qty": self.size(size),
                "quoteQty": self.quote(price * size),
                "time": time_us // unit,
                "isBuyerMaker": bool(is_buyer_maker),
                "isBestMatch": True,
            }
            for part in parts
            for trade_id, price, size, is_buyer_maker, time_us in columns(part)
        ]

    def aggregate_rows(self, parts: Iterator[Trades], micro: bool) -> list[Json]:
        kept = ("a", "p", "q", "f", "l", "T", "m", "M")
        frames = (self.aggregate_trade(part, place, 0, micro) for part in parts for place in range(len(part.id)))
        return [{key: frame[key] for key in kept} for frame in frames]


def columns(trades: Trades) -> Iterator[tuple[int, int, int, int, int]]:
    """Plain Python numbers, trade by trade."""
    arrays = (trades.id, trades.price, trades.size, trades.is_buyer_maker, trades.time_us)
    return zip(*(array.tolist() for array in arrays), strict=True)
