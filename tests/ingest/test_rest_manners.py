"""How the REST client behaves towards a server that refuses, and past a proxy that leads nowhere."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.binance_rest import ATTEMPTS, BinanceRest
from ingest.errors import RateLimitedError, SourceError
from ingest.loopback import is_loopback
from ingest.pause import UNREADABLE_SECONDS, Pause, seconds_told
from ingest.yahoo import YahooSession
from tests.ingest.exchange import Exchange, running_exchange, trade_row
from tests.ingest.yahoo_server import YahooServer

NOWHERE = "http://127.0.0.1:9"


def ask(*urls: str, pause: Pause | None = None) -> list[int]:
    """The ids that a client gets from `urls`."""

    async def work() -> list[int]:
        rest = BinanceRest(urls, lambda frame, reason, at: None, pause=pause)
        try:
            return [trade.trade_id for trade in await rest.newest_trades("BTCUSDT")]
        finally:
            await rest.close()

    return asyncio.run(work())


def test_limit_that_lasts_is_told_as_such_and_no_other_host_is_asked(exchange: Exchange) -> None:
    exchange.refuse_requests = [(429, {"Retry-After": "0"})] * ATTEMPTS
    with running_exchange() as other, pytest.raises(RateLimitedError, match="answered 429"):
        ask(exchange.url, other.url)
    assert len(exchange.requests) == ATTEMPTS
    assert other.requests == []


def test_nobody_sleeps_after_the_last_attempt(exchange: Exchange) -> None:
    exchange.refuse_requests = [*[(429, {"Retry-After": "0"})] * (ATTEMPTS - 1), (429, {"Retry-After": "30"})]
    begin = time.monotonic()
    with pytest.raises(RateLimitedError):
        ask(exchange.url)
    assert time.monotonic() - begin < 25


@pytest.mark.parametrize(
    ("told", "low", "high"),
    [
        (None, 1, 1),
        ("0", 0, 0),
        ("2.5", 2.5, 2.5),
        ("-3", 0, 0),
        ("nan", UNREADABLE_SECONDS, UNREADABLE_SECONDS),
        ("soon", UNREADABLE_SECONDS, UNREADABLE_SECONDS),
        (format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), 1800, 3601),
        (format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True), 0, 0),
    ],
)
def test_every_form_of_retry_after_is_read(told: str | None, low: float, high: float) -> None:
    assert low <= seconds_told(told) <= high


def test_limit_with_a_date_is_obeyed(exchange: Exchange) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    exchange.refuse_requests = [(429, {"Retry-After": until})]
    with pytest.raises(RateLimitedError):
        ask(exchange.url)
    assert len(exchange.requests) == 1


def test_clients_that_share_a_pause_keep_a_ban_together(exchange: Exchange) -> None:
    exchange.refuse_requests = [(418, {"Retry-After": "3600"})]
    pause = Pause()
    for _ in range(2):
        with pytest.raises(RateLimitedError):
            ask(exchange.url, pause=pause)
    assert len(exchange.requests) == 1


@pytest.mark.parametrize("nonsense", [(302, {"Location": "/api/v3/trades"}), (200, {"Content-Encoding": "gzip"})])
def test_answer_that_http_cannot_read_is_a_source_error(
    exchange: Exchange, nonsense: tuple[int, dict[str, str]]
) -> None:
    exchange.refuse_requests = [nonsense] * ATTEMPTS
    with pytest.raises(SourceError):
        ask(exchange.url)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8600", True),
        ("wss://127.3.2.1", True),
        ("ws://localhost:1/stream", True),
        ("http://[::1]:8600", True),
        ("https://api.binance.com", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_loopback_is_known_by_its_address(url: str, near: bool) -> None:
    assert is_loopback(url) is near


def _ask_exchange(exchange: Exchange, yahoo: YahooServer) -> int:
    exchange.trades["BTCUSDT"] = [trade_row(7, int(time.time() * 1000) - 1000)]
    return len(ask(exchange.url))


def _ask_yahoo(exchange: Exchange, yahoo: YahooServer) -> int:
    session = YahooSession(yahoo.url, seconds=0.0)
    try:
        return len(session.get("https://query1.finance.yahoo.com/v1/test/getcrumb").text.split())
    finally:
        session.close()


@pytest.mark.parametrize("ask_once", [_ask_exchange, _ask_yahoo])
def test_no_proxy_stands_between_us_and_this_machine(
    exchange: Exchange,
    yahoo: YahooServer,
    monkeypatch: pytest.MonkeyPatch,
    ask_once: Callable[[Exchange, YahooServer], int],
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert ask_once(exchange, yahoo) == 1
