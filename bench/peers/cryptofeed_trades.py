"""cryptofeed as it comes: `-m bench.peers.cryptofeed_trades STREAM_URL REST_URL COUNT`.

Prints the clock after COUNT trades have reached the callback.
Only its own documented handles are used: endpoints of a subclass, the hook that may change the address before
connecting (its connection class refuses addresses that are not wss), and the callback of the trades channel.
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
    class LocalBinance(Binance):  # type: ignore[misc]  # the library ships no types
        websocket_endpoints: ClassVar = [WebsocketEndpoint(stream_url.replace("ws:", "wss:", 1), authentication=True)]
        rest_endpoints: ClassVar = [RestEndpoint(rest_url, routes=Routes("/api/v3/exchangeInfo"))]

        async def _ws_authentication(self, address: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
            return address.replace("wss:", "ws:", 1), {**options, "compression": None, "proxy": None}

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
