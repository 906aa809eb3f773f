"""What a refused or ended connection means."""

import asyncio

import pytest

from ingest.binance import BinanceStream
from ingest.dial import StreamLostError, dial
from ingest.world import World
from tests.ingest.exchange import Exchange, running_exchange
from tests.ingest.recorder_session import frames


def loss(url: str) -> StreamLostError:
    async def work() -> None:
        async with dial(url) as socket:
            while True:
                await socket.batch()

    with pytest.raises(StreamLostError) as caught:
        asyncio.run(work())
    return caught.value


@pytest.mark.parametrize(
    ("status", "headers", "locked_out", "patience"),
    [
        (451, {}, True, 0),
        (403, {"Retry-After": "7"}, True, 7),
        (429, {"Retry-After": "30"}, False, 30),
        (418, {"Retry-After": "120"}, False, 120),
        (503, {"Retry-After": "9"}, False, 0),
        (500, {}, False, 0),
    ],
)
def test_refusal_says_whether_to_move_on_and_how_long_to_wait(
    exchange: Exchange, status: int, headers: dict[str, str], locked_out: bool, patience: float
) -> None:
    exchange.refuse_streams = [(status, headers)]
    error = loss(exchange.url.replace("http", "ws") + "/stream?streams=a")
    assert (error.locked_out, error.retry_after) == (locked_out, patience)
    assert f"answered {status}" in str(error)


def test_country_that_is_not_served_is_said_so(exchange: Exchange) -> None:
    exchange.refuse_streams = [(451, {})]
    assert "does not serve this country" in str(loss(exchange.url.replace("http", "ws") + "/stream?streams=a"))


def test_nobody_there_is_a_loss_that_names_the_host() -> None:
    assert "127.0.0.1:9" in str(loss("ws://127.0.0.1:9/stream?streams=a"))


def delays(monkeypatch: pytest.MonkeyPatch, urls: list[str], count: int) -> list[float]:
    """How long the client sleeps after each of `count` losses; nobody waits for real."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noting(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    async def take(arrived: object, at: int) -> bool:
        return True

    async def work() -> None:
        stream = BinanceStream(urls, ["BTCUSDT"], 5, 1000, World())
        delivering = asyncio.ensure_future(stream.deliver(take))
        while len(slept) < count:
            await sleep(0.001)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)

    monkeypatch.setattr(asyncio, "sleep", noting)
    asyncio.run(work())
    return slept[:count]


def test_delays_grow_to_a_cap_and_differ(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange.refuse_streams = [(500, {})] * 40
    slept = delays(monkeypatch, [exchange.url.replace("http", "ws")], 40)
    longest = [min(0.5 * 2**failure, 30.0) for failure in range(40)]
    assert all(0 <= seconds <= most for seconds, most in zip(slept, longest, strict=True))
    assert len(set(slept)) == 40
    assert max(slept) > 15


def test_patience_asked_for_is_given(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange.refuse_streams = [(429, {"Retry-After": "77"})] * 2
    assert delays(monkeypatch, [exchange.url.replace("http", "ws")], 2) == [77, 77]


def test_other_host_need_not_be_waited_for(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange.refuse_streams = [(403, {"Retry-After": "77"})]
    with running_exchange() as other:
        other.refuse_streams = [(500, {})]
        urls = [running.url.replace("http", "ws") for running in (exchange, other)]
        assert all(seconds <= 1 for seconds in delays(monkeypatch, urls, 2))


def test_one_frame_does_not_make_a_failure_the_first_again(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that greets and hangs up is met with growing patience."""
    exchange.greeting = frames(1)[0]
    slept = delays(monkeypatch, [exchange.url.replace("http", "ws")], 14)
    assert max(slept) > 4
