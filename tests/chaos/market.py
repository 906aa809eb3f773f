"""The market of the adversarial exchange: every trade follows from seed, symbol and id, so a judge can make it anew."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property

MASK = 2**64 - 1
FIRST_IDS = {"BTCUSDT": 5_000_000_000, "ETHUSDT": 1_700_000_001, "SOLUSDT": 999_999_999}
SHARES = {"BTCUSDT": 0.6, "ETHUSDT": 0.3, "SOLUSDT": 0.1}  # of all trades per second
PRICES = {"BTCUSDT": 64_000_00000000, "ETHUSDT": 3_100_00000000, "SOLUSDT": 140_00000000}  # in units of 1e-8
LARGEST_UNITS = 10**18 - 1  # what decimal(18, 8) can hold
ABSENT_BLOCK = 1500  # every third block of so many ids lacks a few


@dataclass(frozen=True, slots=True)
class MadeTrade:
    """`milliseconds` since 1970 by the market's clock; price and size in units of 1e-8."""

    symbol: str
    trade_id: int
    milliseconds: int
    price: int
    size: int
    is_buyer_maker: bool


@dataclass(frozen=True)
class Market:
    """`rate` trades a second in all, from `start_ms` (market time) on."""

    seed: int
    start_ms: int
    rate: float

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(FIRST_IDS)

    @cached_property
    def rates(self) -> dict[str, float]:
        return {symbol: share * self.rate for symbol, share in SHARES.items()}

    def fields(self) -> dict[str, float]:
        return asdict(self)

    def last_id(self, symbol: str, seconds: float) -> int:
        """The newest id after so many seconds of trading; the one before the first when there is none."""
        return FIRST_IDS[symbol] + int(seconds * self.rates[symbol]) - 1

    def is_absent(self, symbol: str, trade_id: int) -> bool:
        """Whether the exchange never had this id: neither stream nor REST will ever bring it."""
        block, place = divmod(trade_id - FIRST_IDS[symbol], ABSENT_BLOCK)
        chance = mixed(self.seed, FIRST_IDS[symbol], block, 1)
        if block < 1 or chance % 3:
            return False
        first = (chance >> 8) % (ABSENT_BLOCK - 100)
        length = 60 if (chance >> 40) % 8 == 0 else 1 + (chance >> 48) % 7
        return bool(first <= place < first + length)

    def last_existing(self, symbol: str, trade_id: int) -> int:
        """`trade_id`, or the greatest one below that exists."""
        while self.is_absent(symbol, trade_id):
            trade_id -= 1
        return trade_id

    def trade(self, symbol: str, trade_id: int) -> MadeTrade:
        """The clock ties often and steps back now and then; prices and sizes reach the limits of what can be stored."""
        chance = mixed(self.seed, FIRST_IDS[symbol], trade_id, 0)
        number = trade_id - FIRST_IDS[symbol]
        milliseconds = self.start_ms + int(number * 1000 / self.rates[symbol])
        if chance % 50 == 0:
            milliseconds -= (chance >> 8) % 40
        price = PRICES[symbol] + ((chance >> 16) % 200_001 - 100_000) * 1000
        size = 1 + (chance >> 33) % 5_00000000
        if (chance >> 20) % 5000 == 0:
            price, size = (1, LARGEST_UNITS) if chance >> 63 else (LARGEST_UNITS, 1)
        return MadeTrade(symbol, trade_id, milliseconds, price, size, bool(chance >> 62 & 1))

    def trades(self, symbol: str, first_id: int, last_id: int) -> Iterator[MadeTrade]:
        """All that exist from `first_id` to `last_id`, both included."""
        for trade_id in range(max(first_id, FIRST_IDS[symbol]), last_id + 1):
            if not self.is_absent(symbol, trade_id):
                yield self.trade(symbol, trade_id)


def mixed(*parts: int) -> int:
    """64 bits that look random and are the same for the same parts. Source: Steele et al., SplitMix64 (2014)."""
    value = 0
    for part in parts:
        value = (value + part + 0x9E3779B97F4A7C15) & MASK
        value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
        value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
        value ^= value >> 31
    return value


def as_decimal(units: int) -> str:
    """Units of 1e-8 as the exchange writes them."""
    return f"{units // 10**8}.{units % 10**8:08d}"
