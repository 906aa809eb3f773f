"""python-binance against the exchange at URL: `-m bench.peers.python_binance_client URL [SECONDS]`.

It does what its users do, by its own methods; only its base addresses are set. Each check that passes prints a line;
the first that fails ends the script with an error. SECONDS is how long the last stream is listened to (60 and more
cover the pings that the server sends every 20 s).
"""

import asyncio
import sys
import time
from itertools import pairwise
from typing import Any

from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException

from bench.peers.claims import check, consecutive

SYMBOL = "BTCUSDT"
MINUTE = 60_000
PATIENCE_SECONDS = 30


async def ask(client: Any) -> None:
    """Everything over REST."""
    served = (await client.get_server_time())["serverTime"]
    check("server time is in milliseconds and near ours", abs(served - time.time() * 1000) < 60_000, served)
    info = await client.get_symbol_info(SYMBOL)
    filters = {rule["filterType"] for rule in info["filters"]}
    wanted = {"PRICE_FILTER", "LOT_SIZE", "NOTIONAL"}
    check("exchangeInfo has the filters that orders are rounded by", wanted <= filters, filters)
    check("a symbol is trading on the spot market", info["status"] == "TRADING" and info["isSpotTradingAllowed"])
    bars = await client.get_historical_klines(SYMBOL, "1m", "30 hours ago UTC")
    starts = [bar[0] for bar in bars]
    check("klines are paged: 30 hours of minutes", 1790 <= len(bars) <= 1801, len(bars))
    check("no minute is missing or twice", starts == list(range(starts[0], starts[0] + MINUTE * len(starts), MINUTE)))
    check("a kline has twelve fields", all(len(bar) == 12 for bar in bars))
    newest = await client.get_recent_trades(symbol=SYMBOL, limit=1000)
    check("the newest trades are consecutive", len(newest) == 1000 and consecutive([row["id"] for row in newest]))
    await page_trades(client, newest[0]["id"])
    await meet_errors(client)


async def page_trades(client: Any, newest: int) -> None:
    paged: list[Any] = []
    while len(paged) < 2500:
        begin = paged[-1]["id"] + 1 if paged else newest - 5000
        paged += await client.get_historical_trades(symbol=SYMBOL, fromId=begin, limit=1000)
    check("historicalTrades pages meet without overlap", consecutive([row["id"] for row in paged]), len(paged))
    aggregates = []
    async for row in client.aggregate_trade_iter(symbol=SYMBOL, last_id=newest - 5000):
        aggregates.append(row)
        if len(aggregates) == 2500:
            break
    check("aggTrades pages meet without overlap", consecutive([row["a"] for row in aggregates]))
    follows = all(row["f"] == last["l"] + 1 for last, row in pairwise(aggregates))
    check("each aggregate begins where the last one ended", follows)
    begin = int(time.time() * 1000) - 10 * MINUTE
    since = [row async for row in client.aggregate_trade_iter(symbol=SYMBOL, start_str=begin)][:500]
    check("aggTrades begin at a time", since[0]["T"] >= begin and consecutive([row["a"] for row in since]), since[0])
    ticker = await client.get_ticker(symbol=SYMBOL)
    check("the day's ticker counts its trades", ticker["lastId"] - ticker["firstId"] + 1 == ticker["count"], ticker)
    best = await client.get_orderbook_ticker(symbol=SYMBOL)
    check("the bid is below the ask", float(best["bidPrice"]) < float(best["askPrice"]), best)


async def meet_errors(client: Any) -> None:
    wrong = {
        -1121: client.get_klines(symbol="NOSUCHUSDT", interval="1m"),
        -1120: client.get_klines(symbol=SYMBOL, interval="7m"),
        -1102: client.get_klines(symbol=SYMBOL),
        -1100: client.get_historical_trades(symbol=SYMBOL, fromId="abc"),
    }
    for code, request in wrong.items():
        try:
            answer: object = await request
        except BinanceAPIException as error:
            answer = (error.status_code, error.code)
        check(f"a wrong request is refused with {code}", answer == (400, code), answer)


async def listen(client: Any, manager: Any, seconds: float) -> None:
    """Everything over sockets."""
    async with manager.trade_socket(SYMBOL) as socket:
        frames = [await receive(socket) for _ in range(5)]
        check("@trade comes bare", {frame["e"] for frame in frames} == {"trade"}, frames)
        check("its ids are consecutive", consecutive([frame["t"] for frame in frames]))
        pong = await socket.ws.ping()
        check("a ping is answered", (await asyncio.wait_for(pong, PATIENCE_SECONDS)) >= 0)
        stored = await client.get_historical_trades(symbol=SYMBOL, fromId=frames[0]["t"], limit=5)
        sent = [(frame["t"], frame["p"], frame["q"], frame["T"], frame["m"]) for frame in frames]
        kept = [(row["id"], row["price"], row["qty"], row["time"], row["isBuyerMaker"]) for row in stored]
        check("REST tells of the same trades", sent == kept, (sent, kept))
    async with manager.kline_socket(SYMBOL, interval="1m") as socket:
        bar = (await receive(socket))["k"]
        check("@kline_1m is the bar of this minute", bar["i"] == "1m" and bar["T"] - bar["t"] == MINUTE - 1, bar)
    kinds = ("trade", "aggTrade", "kline_1m", "bookTicker")
    names = [f"{symbol}@{kind}" for symbol in ("btcusdt", "ethusdt") for kind in kinds]
    async with manager.multiplex_socket(names) as socket:
        seen: set[str] = set()
        end = time.monotonic() + (seconds or PATIENCE_SECONDS)
        while time.monotonic() < end and (seconds or seen != set(names)):
            seen.add((await receive(socket))["stream"])
        check("a combined stream brings every stream under its name", seen == set(names), set(names) ^ seen)


async def receive(socket: Any) -> Any:
    frame = await asyncio.wait_for(socket.recv(), PATIENCE_SECONDS)
    if frame is None or frame.get("e") == "error":
        raise SystemExit(f"FAILED: the stream broke: {frame}")
    return frame


async def main(url: str, seconds: float) -> None:
    class LocalClient(AsyncClient):  # type: ignore[misc]  # mypy does not see the library
        API_URL = url + "/api"

    class LocalManager(BinanceSocketManager):  # type: ignore[misc]  # as above
        STREAM_URL = url.replace("http", "ws", 1) + "/"

    client = await LocalClient.create()
    try:
        await ask(client)
        await listen(client, LocalManager(client), seconds)
    finally:
        await client.close_connection()
    micro = await LocalClient.create(time_unit="MICROSECOND")
    served = (await micro.get_server_time())["serverTime"]
    await micro.close_connection()
    check("times come in microseconds where asked for", abs(served / 1e6 - time.time()) < 60, served)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0))
