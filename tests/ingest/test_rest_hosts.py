"""Which of Binance's hosts is asked for what: their names lead to the local exchange here."""

import asyncio

import httpx
import pytest

from ingest.binance_rest import BinanceRest
from ingest.errors import RateLimitedError, SourceError
from ingest.pause import Pause
from tests.ingest.exchange import Exchange, trade_row

FULL, DATA_ONLY = "https://api.binance.com", "https://data-api.binance.vision"


class Leading(httpx.AsyncHTTPTransport):
    """The network, but for the way: every request goes to the local exchange; `asked` keeps the hosts."""

    def __init__(self, exchange: Exchange, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self._url, self._headers, self.asked = httpx.URL(exchange.url), headers or {}, list[str]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.url.host}{request.url.path}")
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        response = await super().handle_async_request(request)
        response.headers.update(self._headers)
        return response


def ids_from(transport: Leading, *urls: str, first_id: int = 5, count: int = 3, times: int = 1) -> list[int]:
    async def work() -> list[int]:
        rest = BinanceRest(urls, lambda frame, reason, at: None, transport=transport)
        try:
            for _ in range(times):
                trades = await rest.trades_from("BTCUSDT", first_id, count)
            return [trade.trade_id for trade in trades]
        finally:
            await rest.close()

    return asyncio.run(work())


@pytest.fixture
def market(exchange: Exchange) -> Exchange:
    exchange.trades["BTCUSDT"] = [trade_row(trade_id, 1_763_000_000_000 + trade_id) for trade_id in range(3, 20)]
    return exchange


def test_host_without_history_is_not_asked_for_it(market: Exchange) -> None:
    transport = Leading(market)
    assert ids_from(transport, DATA_ONLY, FULL) == [5, 6, 7]
    assert transport.asked == ["api.binance.com/api/v3/historicalTrades"]


def test_newest_trades_must_do_where_nobody_has_the_history(market: Exchange) -> None:
    transport = Leading(market)
    assert ids_from(transport, DATA_ONLY) == [5, 6, 7]
    assert transport.asked == ["data-api.binance.vision/api/v3/trades"]


def test_newest_trades_that_begin_too_late_are_no_answer(market: Exchange) -> None:
    with pytest.raises(SourceError, match=r"none of crypto\.rest_urls serves historicalTrades.*quant ingest archive"):
        ids_from(Leading(market), DATA_ONLY, first_id=1)


def test_country_that_is_not_served_is_named_and_the_next_host_serves(
    market: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    market.refuse_requests = [(451, {})]
    transport = Leading(market)
    assert ids_from(transport, FULL, DATA_ONLY) == [5, 6, 7]
    assert [asked.split("/")[0] for asked in transport.asked] == ["api.binance.com", "data-api.binance.vision"]
    assert "answered 451" in caplog.text and "does not serve this country" in caplog.text


def test_firewall_that_asks_for_patience_gets_it(market: Exchange) -> None:
    market.refuse_requests = [(403, {"Retry-After": "0"})]
    assert ids_from(Leading(market), FULL) == [5, 6, 7]
    assert len(market.requests) == 2


def test_client_pauses_before_the_limit_is_reached(market: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Pause, "prolong", lambda pause, seconds: pauses.append(seconds))
    ids_from(Leading(market, {"X-MBX-USED-WEIGHT-1M": "4799"}), FULL)
    assert pauses == []
    ids_from(Leading(market, {"X-MBX-USED-WEIGHT-1M": "4801"}), FULL)
    assert len(pauses) == 1 and 0 < pauses[0] <= 60


def test_ban_ends_the_pull(market: Exchange) -> None:
    market.refuse_requests = [(418, {})]
    with pytest.raises(RateLimitedError, match="asked to wait 120 s"):
        ids_from(Leading(market), FULL)
    assert len(market.requests) == 1
