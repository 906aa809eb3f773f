"""Which part of a live view has the rows of a series: a part is planned sooner than the whole (see decision 0030)."""

from dashboard import data
from dashboard.data import Record

CRYPTO_BARS = {"1m": "crypto_minutes", "1d": "crypto_days"}
PRICES = {"crypto": "crypto_prices", "equity": "equity_prices"}


def of_bars(asset_class: str, interval: str) -> str:
    """The part of serving.bars that has all bars of such a series."""
    return CRYPTO_BARS.get(interval, "coarse_crypto_bars") if asset_class == "crypto" else "equity_bars"


def prices() -> list[Record]:
    """The newest price of every symbol; closes change rarely and are asked less often."""
    return [row for part in PRICES.values() for row in data.rows("latest_prices", part=part)]


def price_of(series: Record) -> Record | None:
    """The same of one symbol."""
    rows = data.rows("latest_prices", part=PRICES[series["asset_class"]])
    return next((row for row in rows if row["symbol"] == series["symbol"]), None)
