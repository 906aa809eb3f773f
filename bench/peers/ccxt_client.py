"""ccxt against the exchange at URL: `-m bench.peers.ccxt_client URL`. Only its base addresses are set.

Each check that passes prints a line; the first that fails ends the script with an error.
"""

import asyncio
import sys
import time
from typing import Any

import ccxt
import ccxt.pro

from bench.peers.claims import check, consecutive

SYMBOL, EXCHANGE_SYMBOL = "BTC/USDT", "BTCUSDT"
MINUTE = 60_000
PATIENCE_SECONDS = 30


def local_binance(url: str) -> Any:
    addresses = {"public": f"{url}/api/v3", "private": f"{url}/api/v3", "v1": f"{url}/api/v1"}
    streams = {"spot": url.replace("http", "ws", 1) + "/ws"}
    options = {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"}
    # The key is only looked at by ccxt itself, which does not know that historicalTrades has needed none since 2023.
    return ccxt.pro.binance({"apiKey": "none", "urls": {"api": {**addresses, "ws": streams}}, "options": options})


async def ask(exchange: Any) -> None:
    """Everything over REST."""
    markets = await exchange.load_markets()
    market = markets[SYMBOL]
    check("load_markets finds the spot pair", market["id"] == EXCHANGE_SYMBOL and market["spot"] and market["active"])
    check("it knows tick and lot", market["precision"]["price"] > 0 and market["precision"]["amount"] > 0, market)
    check("server time is near ours", abs(await exchange.fetch_time() - time.time() * 1000) < 60_000)
    bars: list[Any] = []
    page: list[Any] = []
    since = int(time.time() * 1000) // MINUTE * MINUTE - 1500 * MINUTE
    while not bars or len(page) == 1000:
        page = await exchange.fetch_ohlcv(SYMBOL, "1m", since=bars[-1][0] + MINUTE if bars else since, limit=1000)
        bars += page
    starts = [bar[0] for bar in bars]
    check("klines are paged by time", starts == list(range(since, since + MINUTE * len(starts), MINUTE)), len(bars))
    check("up to this minute", time.time() * 1000 - starts[-1] < 2 * MINUTE)
    trades = await exchange.fetch_trades(SYMBOL, since=since, limit=1000)
    check("trades begin at a time", len(trades) == 1000 and trades[0]["timestamp"] >= since, trades[0])
    check("in the order of their ids", consecutive([int(trade["id"]) for trade in trades]))
    begin = int(trades[0]["id"])
    raw = await exchange.public_get_historicaltrades({"symbol": EXCHANGE_SYMBOL, "fromId": begin, "limit": 1000})
    check(
        "historicalTrades begin at an id", consecutive([int(row["id"]) for row in raw]) and int(raw[0]["id"]) == begin
    )
    ticker = await exchange.fetch_ticker(SYMBOL)
    check("the ticker encloses its price", ticker["low"] <= ticker["last"] <= ticker["high"], ticker)
    best = (await exchange.fetch_bids_asks([SYMBOL]))[SYMBOL]
    check("the bid is below the ask", best["bid"] < best["ask"], best)
    try:
        answer: object = await exchange.public_get_klines({"symbol": "NOSUCHUSDT", "interval": "1m"})
    except ccxt.BadSymbol:
        answer = "BadSymbol"
    check("an unknown symbol is a BadSymbol", answer == "BadSymbol", answer)


async def listen(exchange: Any) -> None:
    """Everything over sockets: ccxt subscribes by control frames."""
    ids: list[int] = []
    while len(ids) < 10:
        fresh = await asyncio.wait_for(exchange.watch_trades(SYMBOL), PATIENCE_SECONDS)
        ids += [int(trade["id"]) for trade in fresh if not ids or int(trade["id"]) > ids[-1]]
    check("watch_trades brings consecutive ids", consecutive(ids), ids)
    [bar] = await asyncio.wait_for(exchange.watch_ohlcv(SYMBOL, "1m"), PATIENCE_SECONDS)
    check("watch_ohlcv brings the bar of this minute", time.time() * 1000 - bar[0] < 2 * MINUTE, bar)
    seen: set[str] = set()
    end = time.monotonic() + PATIENCE_SECONDS
    while len(seen) < 2 and time.monotonic() < end:
        several = exchange.watch_trades_for_symbols([SYMBOL, "ETH/USDT"])
        seen |= {trade["symbol"] for trade in await asyncio.wait_for(several, PATIENCE_SECONDS)}
    check("one connection carries several symbols", seen == {SYMBOL, "ETH/USDT"}, seen)
    best = (await asyncio.wait_for(exchange.watch_bids_asks([SYMBOL]), PATIENCE_SECONDS))[SYMBOL]
    check("watch_bids_asks brings the best prices", best["bid"] < best["ask"], best)
    await asyncio.wait_for(exchange.un_watch_trades(SYMBOL), PATIENCE_SECONDS)
    check("unsubscribing is acknowledged", True)


async def main(url: str) -> None:
    exchange = local_binance(url)
    try:
        await ask(exchange)
        await listen(exchange)
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
