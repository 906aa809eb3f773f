"""What the stand-in knows about an asset: well-known ones by hand, any other by a seeded default."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ingest.standin.seeds import uniform

QUOTES = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "EUR", "TRY", "BTC", "ETH", "BNB")


@dataclass(frozen=True)
class Coin:
    """A spot pair. `volatility` is annual in a calm market, `loading` the correlation with the crypto factor."""

    symbol: str
    level: float
    volatility: float
    loading: float
    price_digits: int
    lot_digits: int
    trades_per_second: float
    notional: float  # of an ordinary trade, in quote units

    @property
    def quote(self) -> str:
        return next((quote for quote in QUOTES if self.symbol.endswith(quote) and self.symbol != quote), "USDT")

    @property
    def base(self) -> str:
        return self.symbol.removesuffix(self.quote) or self.symbol


@dataclass(frozen=True)
class Stock:
    """A share or fund. `level` is the split-adjusted price of 2024-01-01; growth, volatility, yield: annual decimals.

    `volatility` is that of an average market, `loading` the correlation with the equity factor.
    """

    symbol: str
    name: str
    is_fund: bool
    level: float
    growth: float
    volatility: float
    loading: float
    dividend_yield: float
    dividend_month: int  # 1: January, April, July, October; 2 and 3 shift by one and two months
    volume: float
    split_on: date | None = None
    split_ratio: int = 1


COINS = {
    coin.symbol: coin
    for coin in (
        Coin("BTCUSDT", 64_000, 0.42, 0.93, 2, 5, 3.6, 1_800),
        Coin("ETHUSDT", 2_900, 0.55, 0.88, 2, 4, 2.9, 1_300),
        Coin("SOLUSDT", 150, 0.75, 0.78, 2, 3, 2.4, 700),
        Coin("BNBUSDT", 600, 0.50, 0.80, 2, 3, 2.2, 600),
        Coin("XRPUSDT", 1.4, 0.70, 0.72, 4, 1, 2.6, 500),
        Coin("ADAUSDT", 0.62, 0.70, 0.75, 4, 1, 2.0, 350),
        Coin("DOGEUSDT", 0.16, 0.80, 0.72, 5, 0, 2.6, 400),
        Coin("LTCUSDT", 95, 0.60, 0.75, 2, 3, 2.0, 350),
    )
}

STOCKS = {
    stock.symbol: stock
    for stock in (
        Stock("SPY", "SPDR S&P 500", True, 472, 0.075, 0.155, 0.97, 0.012, 3, 7.5e7),
        Stock("QQQ", "Invesco QQQ Trust", True, 405, 0.095, 0.2, 0.93, 0.006, 3, 4.5e7),
        Stock("AAPL", "Apple Inc.", False, 186, 0.10, 0.25, 0.68, 0.0045, 2, 5.5e7),
        Stock("MSFT", "Microsoft Corporation", False, 372, 0.11, 0.23, 0.70, 0.0075, 2, 2.3e7),
        Stock("NVDA", "NVIDIA Corporation", False, 78, 0.17, 0.44, 0.62, 0.0004, 3, 3.2e8, date(2024, 5, 20), 10),
        Stock("GOOG", "Alphabet Inc.", False, 140, 0.10, 0.27, 0.66, 0.004, 3, 2.0e7),
        Stock("AMZN", "Amazon.com, Inc.", False, 150, 0.10, 0.29, 0.66, 0.0, 1, 4.5e7),
        Stock("TSLA", "Tesla, Inc.", False, 245, 0.08, 0.55, 0.50, 0.0, 1, 9.5e7),
        Stock("JPM", "JP Morgan Chase & Co.", False, 168, 0.07, 0.22, 0.68, 0.021, 1, 9.0e6),
    )
}


def coin_of(symbol: str) -> Coin:
    """The pair's parameters; an unknown one gets a price between 0.05 and 500 that depends on its name only."""
    if symbol in COINS:
        return COINS[symbol]
    level = 0.05 * 10 ** (4 * uniform("level", symbol))
    price_digits = min(6, max(2, 4 - math.floor(math.log10(level))))
    lot_digits = min(8 - price_digits, max(0, math.floor(math.log10(level)) + 1))
    spread = uniform("spread", symbol)
    return Coin(symbol, level, 0.6 + 0.5 * spread, 0.6 + 0.2 * spread, price_digits, lot_digits, 2.0, 300.0)


def stock_of(symbol: str, dividend_yields: Mapping[str, float]) -> Stock:
    """The share's parameters; a yield in config.yaml wins, so that the dividends paid and the one priced agree."""
    known = STOCKS.get(symbol) or _unknown_stock(symbol)
    if symbol not in dividend_yields:
        return known
    return Stock(**{**known.__dict__, "dividend_yield": dividend_yields[symbol]})


def _unknown_stock(symbol: str) -> Stock:
    spread = uniform("stock", symbol)
    level = 20 * 10 ** (1.3 * uniform("level", symbol))
    return Stock(symbol, symbol, False, level, 0.06, 0.22 + 0.2 * spread, 0.6, 0.01, 1 + int(3 * spread), 4e6)
