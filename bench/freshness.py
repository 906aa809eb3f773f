"""From a trade leaving the stand-in to the API showing it: percentiles over some minutes.

A trade leaves at its exchange time T (the stand-in sends it then). It is shown when an answer of
GET /metrics/{symbol}, complete at the client, carries its id or a later one. Polling adds its own delay
to every figure, so the truth is a little better.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field

import httpx
import numpy as np
from websockets.asyncio.client import connect

from bench.product import Product, running_product


@dataclass
class Watch:
    """Trades of one symbol that were sent and not yet shown: id -> exchange time in seconds."""

    waiting: dict[int, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)

    def shown(self, trade_id: int, at: float) -> None:
        for known in [known for known in self.waiting if known <= trade_id]:
            self.delays.append(at - self.waiting.pop(known))


async def listen(product: Product, symbol: str, watch: Watch) -> None:
    url = product.standin.replace("http", "ws", 1) + f"/ws/{symbol.lower()}@trade"
    async with connect(url) as socket:
        async for frame in socket:
            event = json.loads(frame)
            watch.waiting[event["t"]] = event["T"] / 1000


async def poll(client: httpx.AsyncClient, product: Product, symbol: str, watch: Watch, seconds: float) -> None:
    while True:
        started = time.perf_counter()
        answer = (await client.get(f"{product.api}/metrics/{symbol}")).raise_for_status().json()
        watch.requests.append(time.perf_counter() - started)
        watch.shown(answer["price"]["trade_id"] or 0, time.time())
        await asyncio.sleep(seconds)


async def measure(product: Product, symbols: list[str], minutes: float, poll_seconds: float) -> dict[str, Watch]:
    watches = {symbol: Watch() for symbol in symbols}
    async with httpx.AsyncClient(timeout=30) as client:
        tasks = [asyncio.create_task(listen(product, symbol, watch)) for symbol, watch in watches.items()]
        tasks += [asyncio.create_task(poll(client, product, s, watch, poll_seconds)) for s, watch in watches.items()]
        done, pending = await asyncio.wait(tasks, timeout=minutes * 60, return_when=asyncio.FIRST_EXCEPTION)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()
    return watches


def report(watches: dict[str, Watch]) -> None:
    delays = np.concatenate([watch.delays for watch in watches.values()])
    requests = np.concatenate([watch.requests for watch in watches.values()])
    now = time.time()
    overdue = sum(now - sent > 5 for watch in watches.values() for sent in watch.waiting.values())
    for name, values in (("trade -> API answer, s", delays), ("one request, s", requests)):
        p50, p95, p99 = np.percentile(values, [50, 95, 99])
        print(f"{name:24} n={len(values):6}  p50 {p50:.3f}  p95 {p95:.3f}  p99 {p99:.3f}  max {values.max():.3f}")
    print(f"trades never shown after 5 s: {overdue}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--poll-seconds", type=float, default=0.2)
    parser.add_argument("--symbols", nargs="+", default=["BTCUSDT", "ETHUSDT", "SOLUSDT"])
    arguments = parser.parse_args()
    with running_product() as product:
        print(f"healthy after {product.seconds:.1f} s; measuring {arguments.minutes:g} minutes", flush=True)
        report(asyncio.run(measure(product, arguments.symbols, arguments.minutes, arguments.poll_seconds)))


if __name__ == "__main__":
    main()
