"""The connection: lost, silent, refused or announced to end, it comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

import ingest.binance
from ingest.binance import BinanceStream
from ingest.dial import Socket, StreamLostError
from ingest.world import World
from quant.boundary import EPOCH
from quant.settings import Settings, load_settings
from tests.ingest.exchange import Exchange, wait_until
from tests.ingest.market_time import seen
from tests.ingest.recorder_session import Session, frames, rows

SHUTDOWN = b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}'


@pytest.fixture(autouse=True)
def _come_back_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.binance, "FIRST_DELAY_SECONDS", 0.01)


def test_announced_end_is_met_with_a_new_connection_before_the_old_one_breaks(
    settings: Settings, exchange: Exchange
) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([*frames(1), SHUTDOWN])
        exchange.wait_for_streams(2)
        wait_until(lambda: len(exchange.listeners) == 2, "both connections")
        exchange.send(frames(2))  # on both: the second copy is dropped
        wait_until(lambda: len(exchange.listeners) == 1, "the end of the old one")
        exchange.send(frames(3))

    session.run(script, 5)
    assert seen(settings.parquet_path, EPOCH) == [1, 2, 3]
    assert session.trades.count_duplicates == 1
    assert exchange.requests.count("/api/v3/historicalTrades") == 0


def test_connection_is_renewed_before_the_exchange_ends_it(
    settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__RENEW_SECONDS", "0.3")  # longer than two connections overlap
    session = Session(load_settings(), exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        next_id = 1
        while exchange.count_streams < 2 or len(exchange.listeners) > 1:
            exchange.send(frames(next_id))
            next_id += 1
            time.sleep(0.01)
        session.last_sent = next_id  # before it is sent: it may be taken in at once
        exchange.send(frames(next_id))

    session.run_until_told(script)
    assert seen(settings.parquet_path, EPOCH) == list(range(1, session.last_sent + 1))


def test_server_that_keeps_announcing_its_end_is_not_hammered(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([SHUTDOWN])
        exchange.wait_for_streams(2)
        wait_until(lambda: len(exchange.listeners) == 2, "both connections")
        exchange.listeners[-1].send(frames(1)[0], text=True)
        wait_until(lambda: len(exchange.listeners) == 1, "the end of the old one")
        for trade_id in range(2, 50):
            exchange.send([*frames(trade_id), SHUTDOWN])

    session.run(script, 98)
    assert exchange.count_streams == 2
    assert seen(settings.parquet_path, EPOCH) == list(range(1, 50))


def test_silence_ends_a_connection(settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__SILENCE_SECONDS", "0.2")
    session = Session(load_settings(), exchange)

    def script() -> None:
        exchange.wait_for_streams(2)  # the first one never says a word
        exchange.send(frames(1))

    session.run(script, 1)
    assert seen(settings.parquet_path, EPOCH) == [1]


@pytest.mark.parametrize("refusals", [[451], [500, 500, 500]])
def test_refused_client_turns_to_the_next_address(settings: Settings, exchange: Exchange, refusals: list[int]) -> None:
    exchange.refuse_streams = [(status, {}) for status in refusals]
    address = exchange.url.replace("http", "ws")
    session = Session(settings, exchange, urls=[address, address.replace("127.0.0.1", "localhost")])
    hosts: list[str] = []

    def script() -> None:
        exchange.wait_for_streams(1)
        request = exchange.listeners[0].request
        assert request is not None
        hosts.append(request.headers["Host"])
        exchange.send(frames(1))

    session.run(script, 1)
    assert hosts[0].startswith("localhost")
    assert len(exchange.requests) == len(refusals) + 1


def test_host_that_asks_for_patience_is_left_alone_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is the event loop's own and a jump ahead for each pause."""
    asked: dict[str, list[float]] = {}

    @asynccontextmanager
    async def refuse(url: str) -> AsyncIterator[Socket]:
        times = asked.setdefault(url.partition("/stream")[0], [])
        times.append(asyncio.get_running_loop().time())
        if len(times) == 4:
            raise RuntimeError("enough")
        raise StreamLostError("403", locked_out=True, retry_after=300.0)
        yield

    async def nothing_comes(frames: Sequence[bytes], at: int) -> bool:
        raise AssertionError(f"{len(frames)} frames at {at}")

    async def ask() -> None:
        loop, skipped = asyncio.get_running_loop(), [0.0]
        clock = loop.time

        async def skip(seconds: float) -> None:
            skipped[0] += seconds

        monkeypatch.setattr(loop, "time", lambda: clock() + skipped[0])
        monkeypatch.setattr(asyncio, "sleep", skip)
        stream = BinanceStream(["wss://one", "wss://two"], ["BTCUSDT"], 1e6, 1e6, World(dial=refuse))
        await stream.deliver(nothing_comes)

    with pytest.raises(RuntimeError, match="enough"):
        asyncio.run(ask())
    for times in asked.values():
        assert all(later - earlier >= 300 for earlier, later in pairwise(times))


def test_lost_connection_loses_no_trade(settings: Settings, exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 100))
    session = Session(settings, exchange)

    def script() -> None:
        for stream, ids in enumerate([(1, 2, 3), (7, 8), (20,)], 1):
            exchange.wait_for_streams(stream)
            exchange.send(frames(*ids))
            exchange.drop()

    session.run(script, 6)
    assert seen(settings.parquet_path, EPOCH) == list(range(1, 21))
