"""The connection: lost, silent, refused or announced to end, it comes back."""

import random

import pytest

import ingest.binance
from quant.boundary import EPOCH
from quant.settings import Settings, load_settings
from tests.ingest.exchange import Exchange, wait_until
from tests.ingest.market_time import seen
from tests.ingest.recorder_session import Session, frames, rows

SHUTDOWN = b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}'


@pytest.fixture(autouse=True)
def _come_back_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.binance, "FIRST_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(ingest.binance, "FIRST_PAUSE_SECONDS", 0.01)


def test_announced_shutdown_is_followed_by_a_new_connection(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([*frames(1), SHUTDOWN])
        exchange.wait_for_streams(2)
        exchange.send(frames(2))

    session.run(script, 3)
    assert seen(settings.parquet_path, EPOCH) == [1, 2]


def test_server_that_keeps_announcing_its_end_is_met_with_growing_patience(
    settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest: list[float] = []

    def least(low: float, high: float) -> float:
        longest.append(high)
        return low

    monkeypatch.setattr(random, "uniform", least)
    session = Session(settings, exchange)

    def script() -> None:
        for stream in range(1, 5):
            exchange.wait_for_streams(stream)
            exchange.send([SHUTDOWN])
            wait_until(lambda stream=stream: len(longest) == stream, "the next pause")  # type: ignore[misc]
        exchange.wait_for_streams(5)
        monkeypatch.setattr(ingest.binance, "REPEATED_WITHIN_SECONDS", 0.0)  # as if a minute had passed
        exchange.send([SHUTDOWN])
        wait_until(lambda: len(longest) == 5, "the last pause")

    session.run(script, 5)
    assert longest == [0.01, 0.02, 0.04, 0.08, 0.01]


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
    exchange.refuse_streams = list(refusals)
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
