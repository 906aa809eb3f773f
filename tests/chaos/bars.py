"""The exchange's own one-minute bars, made from the trades as they happen."""

from dataclasses import dataclass

from tests.chaos.market import MadeTrade, as_decimal

MINUTE = 60_000  # milliseconds
SETTLED_AFTER = 200  # milliseconds: the market's clock steps back by less


@dataclass
class Bar:
    """One symbol's minute; prices in units of 1e-8, sums of size too, of notional in units of 1e-16."""

    symbol: str
    minute: int
    open: int
    high: int
    low: int
    close: int
    first_id: int
    last_id: int
    volume: int = 0
    notional: int = 0
    count: int = 0
    taker: int = 0

    def add(self, trade: MadeTrade) -> None:
        """Trades come in the order of their ids."""
        self.high, self.low, self.close = max(self.high, trade.price), min(self.low, trade.price), trade.price
        self.last_id, self.count = trade.trade_id, self.count + 1
        self.volume += trade.size
        self.notional += trade.price * trade.size
        self.taker += 0 if trade.is_buyer_maker else trade.size

    def event(self, is_final: bool, now_ms: int) -> dict[str, object]:
        """As the stream sends it."""
        opened, high, low, closed, volume, notional, taker = self._figures()
        begin = self.minute * MINUTE
        bar = {"t": begin, "T": begin + MINUTE - 1, "s": self.symbol, "i": "1m", "f": self.first_id, "L": self.last_id}
        bar |= {"o": opened, "c": closed, "h": high, "l": low, "v": volume, "n": self.count, "x": is_final}
        bar |= {"q": notional, "V": taker, "Q": "0", "B": "0"}
        return {"e": "kline", "E": now_ms, "s": self.symbol, "k": bar}

    def row(self) -> list[object]:
        """As REST gives it."""
        opened, high, low, closed, volume, notional, taker = self._figures()
        begin = self.minute * MINUTE
        prices = [begin, opened, high, low, closed, volume, begin + MINUTE - 1, notional]
        return [*prices, self.count, taker, "0", "0"]

    def _figures(self) -> tuple[str, ...]:
        prices = (self.open, self.high, self.low, self.close, self.volume, self.notional // 10**8, self.taker)
        return tuple(as_decimal(value) for value in prices)


class Bars:
    """All bars since the market began."""

    def __init__(self) -> None:
        self._bars: dict[tuple[str, int], Bar] = {}
        self._closed: set[tuple[str, int]] = set()

    def add(self, trade: MadeTrade) -> None:
        key = trade.symbol, trade.milliseconds // MINUTE
        if key not in self._bars:
            price, trade_id = trade.price, trade.trade_id
            self._bars[key] = Bar(*key, price, price, price, price, trade_id, trade_id)
        self._bars[key].add(trade)

    def newly_closed(self, now_ms: int) -> list[Bar]:
        """Bars that ended since the last call."""
        ended = [
            key for key in self._bars if key not in self._closed and (key[1] + 1) * MINUTE + SETTLED_AFTER <= now_ms
        ]
        self._closed.update(ended)
        return [self._bars[key] for key in ended]

    def open_ones(self) -> list[Bar]:
        return [bar for key, bar in self._bars.items() if key not in self._closed]

    def rows(self, symbol: str, since_ms: int, limit: int) -> list[list[object]]:
        """Ascending by time, the open one last."""
        minutes = sorted(minute for name, minute in self._bars if name == symbol and minute * MINUTE >= since_ms)
        return [self._bars[symbol, minute].row() for minute in minutes[:limit]]
