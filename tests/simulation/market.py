"""The truth: every trade that the simulated exchange ever made, and what its REST said about each."""

import json
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from random import Random

UNITS = 100_000_000  # of price and size in 1
MINUTE_MS = 60_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Made:
    """A trade as the exchange knows it; time in milliseconds, price and size in units of 1e-8."""

    trade_id: int
    ms: int
    price: int
    size: int
    is_buyer_maker: bool
    shown_at: float  # virtual time from which REST knows it


@dataclass
class Book:
    """One symbol."""

    symbol: str
    first_id: int
    trades: list[Made] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)  # of `trades`, ascending
    denied: Counter[int] = field(default_factory=Counter)  # how often REST answered without a trade that was made

    @property
    def next_id(self) -> int:
        return self.ids[-1] + 1 if self.ids else self.first_id

    def make(self, random: Random, now_ms: int, time: float, lag: float, skip: int) -> Made:
        """One more trade; ids are consecutive but for `skip` of them, times nearly ascend."""
        late = random.choice((0, 0, 0, 0, 1, random.randint(0, 1500)))
        made = Made(
            self.next_id + skip,
            now_ms - late,
            random.randint(1, 9 * UNITS * 1000),
            random.randint(1, UNITS),
            random.random() < 0.5,
            time + lag,
        )
        self.trades.append(made)
        self.ids.append(made.trade_id)
        return made

    def rows(self, first_id: int, limit: int, time: float) -> list[Made]:
        """What REST knows by now, from an id on."""
        start = bisect_left(self.ids, first_id)
        return list(islice((made for made in self.trades[start:] if made.shown_at <= time), limit))

    def deny(self, first_id: int, last_id: int, given: set[int]) -> None:
        """An answer that spanned these ids went out with the given ones alone."""
        start = bisect_left(self.ids, first_id)
        for trade_id in self.ids[start:]:
            if trade_id > last_id:
                return
            if trade_id not in given:
                self.denied[trade_id] += 1

    def minute(self, begin_ms: int) -> list[Made]:
        """The trades of one minute by the exchange's clock."""
        recent = self.trades[-2000:]
        return [made for made in recent if begin_ms <= made.ms < begin_ms + MINUTE_MS]


def text(units: int) -> str:
    """27123.45000000"""
    return f"{units // UNITS}.{units % UNITS:08d}"


def trade_frame(symbol: str, made: Made) -> bytes:
    """As the combined stream sends it."""
    return (
        b'{"stream":"%b@trade","data":{"e":"trade","E":%d,"s":"%b","t":%d,"p":"%b","q":"%b","T":%d,"m":%b,"M":true}}'
        % (
            symbol.lower().encode(),
            made.ms,
            symbol.encode(),
            made.trade_id,
            text(made.price).encode(),
            text(made.size).encode(),
            made.ms,
            b"true" if made.is_buyer_maker else b"false",
        )
    )


def trade_row(made: Made) -> dict[str, object]:
    """As REST gives it."""
    return {
        "id": made.trade_id,
        "price": text(made.price),
        "qty": text(made.size),
        "quoteQty": "1",
        "time": made.ms,
        "isBuyerMaker": made.is_buyer_maker,
        "isBestMatch": True,
    }


def bar_row(trades: list[Made], begin_ms: int, length_ms: int) -> list[object]:
    """A bar as REST gives it; the price of an empty one is 1."""
    prices = [made.price for made in trades] or [UNITS]
    volume = sum(made.size for made in trades)
    opened, high, low, closed = (text(price) for price in (prices[0], max(prices), min(prices), prices[-1]))
    end_ms = begin_ms + length_ms - 1
    return [begin_ms, opened, high, low, closed, text(volume), end_ms, text(volume), len(trades), "0", "0", "0"]


def bar_frame(symbol: str, trades: list[Made], begin_ms: int) -> bytes:
    """A closed minute as the stream sends it."""
    return _frame(symbol, trades, "1m", bar_row(trades, begin_ms, MINUTE_MS))


def open_day_frame(symbol: str, trades: list[Made], now_ms: int) -> bytes:
    """The day as far as it has come, made of `trades`."""
    return _frame(symbol, trades, "1d", bar_row(trades, now_ms // DAY_MS * DAY_MS, DAY_MS))


def _frame(symbol: str, trades: list[Made], interval: str, row: list[object]) -> bytes:
    names = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
    bar = dict(zip(names, row, strict=True))
    ids = [made.trade_id for made in trades] or [-1]
    bar |= {"s": symbol, "i": interval, "f": min(ids), "L": max(ids), "x": interval == "1m"}
    event = {"e": "kline", "E": row[6], "s": symbol, "k": bar}
    return json.dumps({"stream": f"{symbol.lower()}@kline_{interval}", "data": event}).encode()
