"""A bare `websockets` receive loop: `-m bench.peers.bare URL COUNT [json]`. Prints the clock after COUNT frames.

With `json` each frame is also decoded by the standard library, and nothing more.
"""

import asyncio
import json
import sys
import time

from websockets.asyncio.client import connect


async def receive(url: str, count: int, decode: bool) -> None:
    async with connect(url + "/stream?streams=btcusdt@trade", compression=None, proxy=None) as socket:
        for _ in range(count):
            frame = await socket.recv(decode=False)
            if decode:
                json.loads(frame)
        print(time.monotonic(), flush=True)
        await socket.wait_closed()


if __name__ == "__main__":
    asyncio.run(receive(sys.argv[1], int(sys.argv[2]), "json" in sys.argv[3:]))
