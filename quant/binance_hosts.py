"""What Binance's public hosts can do: they differ, and two of them are another market altogether."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Host:
    """`market`: whose trade ids it speaks of; `weight_per_minute`: what one address of ours may ask for."""

    market: str = "binance"
    has_trade_history: bool = True
    weight_per_minute: int = 6000


MARKET_DATA_ONLY = Host(has_trade_history=False)  # lists trades, aggTrades, klines; historicalTrades it does not
UNITED_STATES = Host(market="binance-us", weight_per_minute=1200)  # an exchange of its own: other ids, other prices
HOSTS = {
    "data-api.binance.vision": MARKET_DATA_ONLY,
    "data-stream.binance.vision": MARKET_DATA_ONLY,
    "api.binance.us": UNITED_STATES,
    "stream.binance.us": UNITED_STATES,
}


def host_of(url: str) -> Host:
    """What stands behind an address; an unknown one is taken for a full Binance host."""
    return HOSTS.get(urlsplit(url).hostname or "", Host())


def market_of(urls: Sequence[str]) -> str:
    """The one market of these addresses. Raises ValueError if there are two: their ids would fall into one series."""
    markets = {host_of(url).market: url for url in urls}
    if len(markets) > 1:
        both = " and ".join(markets.values())
        raise ValueError(f"{both} are different markets with different trade ids: keep the hosts of one")
    return next(iter(markets))
