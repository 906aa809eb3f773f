"""Binance's REST answers: bars by time, trades by id. Polite when told to slow down, moves on when locked out."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import httpx

from ingest.binance_parse import DeadLetter
from ingest.binance_record import INTERVAL_MICROSECONDS, Kline, Trade
from ingest.binance_rest_rows import parse_rest_kline, parse_rest_trade, split_rows
from ingest.errors import RateLimitedError, SourceError
from ingest.loopback import is_loopback
from ingest.pause import Pause, seconds_told
from ingest.runs import Clock, now
from quant.binance_hosts import host_of

log = logging.getLogger(__name__)

TRADE_HISTORY, NEWEST_TRADES = "/api/v3/historicalTrades", "/api/v3/trades"
PAGE = 1000  # the most that the exchange gives in one answer
TIMEOUT_SECONDS = 10.0
ATTEMPTS = 3
BANNED, FIREWALL, LOCKED_OUT = 418, 403, 451
SLOW_DOWN = {BANNED, 429}
SHARE_OF_LIMIT = 0.8  # of the weight that a minute allows; the rest is for live needs
NO_HISTORY = (
    "none of crypto.rest_urls serves historicalTrades (market-data-only hosts do not): add https://api.binance.com, "
    "or import the exchange's archive with `quant ingest archive`"
)
SHORTEST_BAN_SECONDS = 120.0  # the exchange's own figure, for a ban that does not say how long it lasts

Parameters = Mapping[str, str | int]
Reject = Callable[[bytes, str, datetime], None]


class BinanceRest:
    """Asks the first address that serves us; `reject` receives rows that cannot be read.

    Clients that share a `pause` keep still together when one of them is told to.
    """

    def __init__(
        self,
        urls: Sequence[str],
        reject: Reject,
        clock: Clock = now,
        pause: Pause | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._urls, self._reject, self._clock = list(urls), reject, clock
        self._pause = pause or Pause()
        past_the_proxy = {url: None for url in urls if is_loopback(url)}
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, mounts=past_the_proxy, transport=transport)

    async def close(self) -> None:
        await self._client.aclose()

    async def klines(self, symbol: str, interval: str, begin: int) -> list[Kline]:
        """All bars that start at `begin` (microseconds) or later, ascending; the last one is not final yet.

        They are stamped with the time the request left: what was over then is final for certain.
        """
        bars: list[Kline] = []
        while True:
            parameters: Parameters = {"symbol": symbol, "interval": interval, "startTime": begin // 1000, "limit": PAGE}
            asked_at = self._microseconds()
            rows = await self._rows("/api/v3/klines", parameters)
            for row in rows:
                bar = parse_rest_kline(row, symbol, interval, asked_at)
                if isinstance(bar, DeadLetter):
                    self._reject(row, bar.reason, self._clock())
                else:
                    bars.append(bar)
            next_begin = bars[-1].ts + INTERVAL_MICROSECONDS[interval] if bars else begin
            if len(rows) < PAGE or next_begin <= begin:
                return bars
            begin = next_begin

    async def trades_from(self, symbol: str, first_id: int, count: int) -> list[Trade]:
        """Up to `count` (at most 1000) trades from `first_id` on, ascending. The answer may begin later than asked.

        Where no address has the history, the newest 1000 trades must do; SourceError if they begin too late.
        """
        parameters: Parameters = {"symbol": symbol, "fromId": first_id, "limit": min(count, PAGE)}
        try:
            trades = await self._trades(TRADE_HISTORY, symbol, parameters)
        except RateLimitedError:
            raise
        except SourceError as error:
            if not any(not host_of(url).has_trade_history for url in self._urls):
                raise
            trades = await self._newest_from(symbol, first_id, error)
        return [trade for trade in trades if trade.trade_id >= first_id][:count]

    async def _newest_from(self, symbol: str, first_id: int, error: SourceError) -> list[Trade]:
        trades = await self.newest_trades(symbol)
        if not trades or trades[0].trade_id > first_id:
            raise error
        return trades

    async def newest_trades(self, symbol: str) -> list[Trade]:
        """The newest 1000 trades, ascending."""
        return await self._trades(NEWEST_TRADES, symbol, {"symbol": symbol, "limit": PAGE})

    async def _trades(self, path: str, symbol: str, parameters: Parameters) -> list[Trade]:
        rows = await self._rows(path, parameters)
        fetched_at = self._microseconds()
        trades: list[Trade] = []
        for row in rows:
            trade = parse_rest_trade(row, symbol, fetched_at)
            if isinstance(trade, DeadLetter):
                self._reject(row, trade.reason, self._clock())
            else:
                trades.append(trade)
        return sorted(trades, key=lambda trade: trade.trade_id)

    async def _rows(self, path: str, parameters: Parameters) -> list[bytes]:
        response = await self._get(path, parameters)
        try:
            return split_rows(response.content)
        except ValueError as error:
            raise SourceError(f"{response.url}: {error}") from error

    def _microseconds(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)

    async def _get(self, path: str, parameters: Parameters) -> httpx.Response:
        problem = NO_HISTORY
        for url in tuple(self._urls):
            if path == TRADE_HISTORY and not host_of(url).has_trade_history:
                continue
            try:
                return await self._get_from(url + path, parameters)
            except RateLimitedError:
                raise  # the limit counts by our address: another host of theirs would only make it worse
            except SourceError as error:
                problem = f"no REST address answered; the last said: {error}"
                log.warning("%s", error)
                self._urls.append(self._urls.pop(self._urls.index(url)))  # ask the others first from now on
        raise SourceError(problem)

    async def _get_from(self, url: str, parameters: Parameters) -> httpx.Response:
        """One answer of one address. Raises SourceError, or RateLimitedError if the last answer was `slow down`."""
        problem = SourceError(f"{url} was not asked")
        for attempt in range(ATTEMPTS):
            if attempt and not isinstance(problem, RateLimitedError):
                await asyncio.sleep(0.2 * 2**attempt)
            await self._pause.wait()
            try:
                response = await self._client.get(url, params=dict(parameters))
            except httpx.RequestError as error:
                problem = SourceError(f"{url} cannot be reached: {error or type(error).__name__}")
                continue
            self._keep_below_limit(response, url)
            if response.is_success:
                return response
            problem = self._refusal(response, url)
            if response.status_code < 500 and not isinstance(problem, RateLimitedError):
                raise problem
            if response.status_code == BANNED:
                raise problem
        raise problem

    def _refusal(self, response: httpx.Response, url: str) -> SourceError:
        """What an answer that is no success means; one that asks for patience begins a pause."""
        status, told = response.status_code, response.headers.get("Retry-After")
        said = f"{url} answered {status}: {response.text[:200]}"
        if status == LOCKED_OUT:
            return SourceError(f"{said} (it does not serve this country: turning to the next of crypto.rest_urls)")
        if status not in SLOW_DOWN and not (status == FIREWALL and told):
            return SourceError(said)
        seconds = SHORTEST_BAN_SECONDS if told is None and status == BANNED else seconds_told(told)
        self._pause.prolong(seconds)
        return RateLimitedError(f"{said}; asked to wait {seconds:.0f} s: leave it alone until then")

    def _keep_below_limit(self, response: httpx.Response, url: str) -> None:
        """Pause before the exchange has to tell us: beyond its limit comes a 429, and a ban after that."""
        used = response.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isdecimal() and int(used) > SHARE_OF_LIMIT * host_of(url).weight_per_minute:
            self._pause.prolong(60.0 - self._clock().second)  # the exchange counts by the minute of the clock
