"""Asks the API as fast as it answers, or at a steady rate; a process of its own, made to cost little.

Standard input: a JSON object with port, seconds, clients, rate (null: closed loop, each client asks again at once),
questions (name -> paths) and live (names of those that read live views). Standard output: a JSON object with what came
of it. At a steady rate a question counts from the instant at which it was due, so that a server which stands still is
not asked less.
"""

import asyncio
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import Any

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


class Client(asyncio.Protocol):
    """One connection, one question at a time."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.name, self.due = "", 0.0
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.load.free(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.load.count("connection lost", self)

    def ask(self, name: str, path: str, due: float) -> None:
        self.name, self.due = name, due
        self.transport.write(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0 or not is_whole(self.buffer, head):
            return
        status = bytes(self.buffer[9:12]).decode()
        self.buffer.clear()
        self.load.count(status, self)
        self.load.free(self)


def is_whole(buffer: bytearray, head: int) -> bool:
    at = buffer.find(b"content-length: ", 0, head)
    if at < 0:
        return buffer.endswith(b"0\r\n\r\n")  # chunked
    length = int(buffer[at + 16 : buffer.find(b"\r", at)])
    return len(buffer) >= head + 4 + length


class Load:
    def __init__(self, order: dict[str, Any]) -> None:
        self.rate, self.seconds = order["rate"], order["seconds"]
        self.questions = endless(order["questions"])
        self.waiting: deque[float] = deque()  # instants at which a question was due
        self.idle: deque[Client] = deque()
        self.statuses: Counter[str] = Counter()
        self.latencies: dict[str, list[float]] = defaultdict(list)
        self.ends_at = float("inf")
        self.is_over = False

    def free(self, client: Client) -> None:
        if self.is_over:
            return
        if self.rate is None:
            client.ask(*next(self.questions), time.perf_counter())
        elif self.waiting:
            client.ask(*next(self.questions), self.waiting.popleft())
        else:
            self.idle.append(client)

    def count(self, status: str, client: Client) -> None:
        if self.is_over:
            return
        self.statuses[status] += 1
        if status == "200":
            self.latencies[client.name].append(time.perf_counter() - client.due)

    def due(self, at: float) -> None:
        if self.idle:
            self.idle.popleft().ask(*next(self.questions), at)
        else:
            self.waiting.append(at)

    async def run(self, port: int, clients: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(clients):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", port)
        started = time.perf_counter()
        if self.rate is None:
            await asyncio.sleep(self.seconds)
        else:
            await self._steadily(started)
        self.took = time.perf_counter() - started
        self.is_over = True

    async def _steadily(self, started: float) -> None:
        for number in range(int(self.rate * self.seconds)):
            at = started + number / self.rate
            if (ahead := at - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            self.due(at)
        await asyncio.sleep(1)


def endless(questions: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each name as often as any other, in a random order that is always the same."""
    generator = random.Random(7)
    deck = [(name, path) for name, paths in questions.items() for path in generator.choices(paths, k=40)]
    while True:
        generator.shuffle(deck)
        yield from deck


def summary(load: Load, live: list[str]) -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    stored = [latency for name, latencies in load.latencies.items() if name not in live for latency in latencies]
    everything = [latency for latencies in load.latencies.values() for latency in latencies]
    return {
        "per_second": len(everything) / load.took,
        "statuses": dict(load.statuses),
        "unanswered": len(load.waiting),
        "cpu_share": (used.ru_utime + used.ru_stime) / load.took,
        "all": percentiles(everything),
        "stored": percentiles(stored),
        "by_name": {name: percentiles(latencies) for name, latencies in sorted(load.latencies.items())},
    }


def percentiles(latencies: list[float]) -> dict[str, float]:
    """Milliseconds."""
    ordered = sorted(latencies)
    last = len(ordered) - 1
    found = {name: ordered[round(share * last)] * 1000 for name, share in PERCENTILES.items()} if ordered else {}
    return {"count": len(ordered), **found}


def main() -> None:
    order = json.load(sys.stdin)
    load = Load(order)
    asyncio.run(load.run(order["port"], order["clients"]))
    print(json.dumps(summary(load, order["live"])))


if __name__ == "__main__":
    main()
