"""Pollers and their clients, on looks that the test gives: who is polled for, what fails, who is too slow."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from api.feed.channel import Channel, Look
from api.feed.client import Client
from api.feed.hub import Feed
from api.feed.poller import Tools
from api.feed.position import Position
from api.feed.reader import Reader
from quant.settings import Settings, load_settings
from quant.warehouse import Reading, Warehouse
from tests.api.streams import market

BITCOIN = Channel("binance", "BTCUSDT", "crypto", "1m")
ETHER = replace(BITCOIN, symbol="ETHUSDT")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@dataclass
class Looks:
    """Stands for api.feed.channel.Reader: each look has a new price, unless `error` is to be raised."""

    count: int = 0
    error: Exception | None = None
    asked: list[Channel] = field(default_factory=list)

    def look(self, channel: Channel, _: Position | None, __: Look | None, is_due: bool) -> Look:
        self.asked.append(channel)
        if self.error is not None:
            raise self.error
        self.count += 1
        return Look("build", {"ts": NOW, "price": float(self.count)}, [], [], [])

    def since(self, channel: Channel, known: Position) -> Look:
        return Look("build", None, [], [], [])


def feed_of(reader: Looks, **changes: object) -> Feed:
    settings = load_settings()
    stream = settings.api.stream.model_copy(update={"poll_seconds": 0.01, "quiet_seconds": 0.01, **changes})
    known = settings.model_copy(update={"api": settings.api.model_copy(update={"stream": stream})})
    feed = Feed(known, Warehouse(known))
    feed._tools = Tools(reader, stream, False, ThreadPoolExecutor(1), feed.counts)  # type: ignore[arg-type]
    return feed


def client_of(feed: Feed, address: str = "here") -> Client:
    return Client(address, ("price",), feed._limits)


async def settled(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def test_one_poller_looks_for_all_clients_of_a_channel_and_goes_with_the_last() -> None:
    async def scenario() -> None:
        reader = Looks()
        feed = feed_of(reader)
        clients = [client_of(feed) for _ in range(20)]
        subscriptions = [await feed.subscribe(BITCOIN, client, None) for client in clients]
        other = await feed.subscribe(ETHER, client_of(feed), None)
        assert len(feed.pollers) == 2
        looked = reader.count
        await settled(lambda: reader.count >= looked + 6)
        frames = {tuple(event.frame for event in client.waiting)[-1:] for client in clients}
        assert len(frames) == 1, "each client waits for the same bytes"
        assert len({id(client.waiting[-1]) for client in clients}) == 1, "which were made once"
        for subscription in [*subscriptions, other]:
            feed.leave(subscription)
        assert (feed.pollers, feed.clients) == ({}, [])
        await asyncio.sleep(0.05)
        stopped = reader.count
        await asyncio.sleep(0.05)
        assert reader.count == stopped
        feed.close()

    asyncio.run(scenario())


def test_a_warehouse_that_cannot_be_read_is_told_once_and_the_stream_goes_on() -> None:
    async def scenario() -> None:
        reader = Looks()
        feed = feed_of(reader)
        client = client_of(feed)
        await feed.subscribe(BITCOIN, client, None)
        reader.error = duckdb.IOException("the disk is away")
        asked = len(reader.asked)
        await settled(lambda: len(reader.asked) > asked + 4)
        told = [event for event in client.waiting if event.name == "error"]
        assert len(told) == 1
        assert b"the disk is away" in told[0].frame
        late = client_of(feed)
        subscription = await feed.subscribe(BITCOIN, late, None)
        assert [event.name for event in subscription.first][:2] == ["hello", "error"], "who comes meanwhile hears it"
        reader.error = None
        client.waiting.clear()
        await settled(lambda: any(event.name == "price" for event in client.waiting))
        feed.close()

    asyncio.run(scenario())


def test_a_first_look_that_fails_refuses_the_client_and_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        feed = feed_of(Looks(error=duckdb.IOException("no disk")))
        try:
            await feed.subscribe(BITCOIN, client_of(feed), None)
        except duckdb.IOException:
            assert (feed.pollers, feed.clients) == ({}, [])
            return feed.close()
        raise AssertionError("it should have been refused")

    asyncio.run(scenario())


def test_a_fault_of_ours_ends_the_streams_and_the_next_client_finds_a_new_poller() -> None:
    async def scenario() -> None:
        reader = Looks()
        feed = feed_of(reader)
        client = client_of(feed)
        await feed.subscribe(BITCOIN, client, None)
        reader.error = ZeroDivisionError("a fault")
        await settled(lambda: client.is_over)
        reader.error = None
        again = await feed.subscribe(BITCOIN, client_of(feed), None)
        await settled(lambda: bool(again.client.waiting))
        feed.close()

    asyncio.run(scenario())


def test_a_client_that_takes_nothing_holds_no_more_than_its_bound() -> None:
    async def scenario() -> None:
        feed = feed_of(Looks(), queue_events=10)
        slow, quick = client_of(feed), client_of(feed)
        for client in (slow, quick):
            await feed.subscribe(BITCOIN, client, None)
        taken = 0
        async with asyncio.timeout(5):
            while not slow.is_slow:
                taken += await quick.next(1) is not None
                assert len(slow.waiting) <= 10
        assert (len(slow.waiting), quick.is_slow) == (0, False), "what waited for it is let go; the other goes on"
        assert taken > 5
        feed.close()

    asyncio.run(scenario())


def test_bytes_are_bounded_too() -> None:
    async def scenario() -> None:
        feed = feed_of(Looks(), queue_kilobytes=1)
        client = client_of(feed)
        await feed.subscribe(BITCOIN, client, None)
        await settled(lambda: client.is_slow)
        feed.close()

    asyncio.run(scenario())


def test_channels_that_look_at_the_same_time_share_what_is_read(
    settings: Settings, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three statements for both symbols, not six; each gets its own rows."""
    ether = {name: [{**row, "symbol": "ETHUSDT"} for row in rows] for name, rows in market(5, (2, 4)).items()}
    publish({name: [*rows, *ether[name]] for name, rows in market(3, (2,)).items()})
    reader = Reader(Warehouse(settings), 100, 60.0, (BITCOIN, ETHER))
    before = {channel: reader.first(channel) for channel in (BITCOIN, ETHER)}
    asked: list[str] = []
    rows = Reading.rows

    def counted(reading: Reading, sql: str, given: dict[str, object]) -> list[dict[str, Any]]:
        asked.append(sql)
        return rows(reading, sql, given)

    monkeypatch.setattr(Reading, "rows", counted)
    for channel in (BITCOIN, ETHER):
        look = reader.look(channel, before[channel].position(channel), before[channel], is_due=True)
        assert look == before[channel]
    assert len(asked) == 3
