"""cryptofeed as it comes: `-m bench.peers.cryptofeed_trades STREAM_URL REST_URL COUNT`.

Prints the clock after COUNT trades have reached the callback.
A subclass has the local addresses; nothing else is changed. They are named wss first, because its connections refuse
any other, and are ws when it connects: TLS would be its cost alone.
"""

import asyncio
import sys
import time
from typing import Any, ClassVar

from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import TRADES
from cryptofeed.exchanges import Binance

SYMBOLS = ["BTC-USDT", "ETH-USDT", "SOL-USDT"]


def local_binance(stream_url: str, rest_url: str) -> type[Any]:
    options = {"compression": None, "proxy": None}

    class LocalBinance(Binance):  # type: ignore[misc]  # mypy does not see the library
        websocket_endpoints: ClassVar = [WebsocketEndpoint(stream_url.replace("ws:", "wss:", 1), options=options)]
        rest_endpoints: ClassVar = [RestEndpoint(rest_url, routes=Routes("/api/v3/exchangeInfo"))]

        def connect(self) -> list[Any]:
            connections: list[Any] = super().connect()
            for connection, *_ in connections:
                connection.address = connection.address.replace("wss:", "ws:", 1)
            return connections

    return LocalBinance


def main(stream_url: str, rest_url: str, count: int) -> None:
    received = 0

    async def on_trade(trade: Any, received_at: float) -> None:
        nonlocal received
        received += 1
        if received == count:
            print(time.monotonic(), flush=True)

    handler = FeedHandler({"uvloop": True, "log": {"disabled": True}})  # its defaults, but for a log file
    asyncio.set_event_loop(asyncio.new_event_loop())  # of uvloop's kind; it expects to find one
    feed = local_binance(stream_url, rest_url)
    handler.add_feed(feed(symbols=SYMBOLS, channels=[TRADES], callbacks={TRADES: on_trade}))
    handler.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
