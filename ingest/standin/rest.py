"""Binance's REST paths: market data with the exchange's parameter rules, error codes and request weights."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.standin import klines, rows
from ingest.standin.answer import json_answer
from ingest.standin.clock import Clock
from ingest.standin.exchange_info import exchange_info
from ingest.standin.messages import Messages
from ingest.standin.tape import DAY_US, MINUTE_US, ORIGIN_DAY, Tape, Trades

WEIGHT_LIMIT = 6000  # per minute and address
MOST = 1000  # rows in one answer
SYMBOL, NUMBER = "^[A-Z0-9-_.]{1,20}$", "^[0-9]{1,20}$"
PATHS: dict[str, tuple[int, tuple[str, ...]]] = {  # weight, parameters
    "ping": (1, ()),
    "time": (1, ()),
    "exchangeInfo": (20, ("symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus")),
    "klines": (2, ("symbol", "interval", "startTime", "endTime", "timeZone", "limit")),
    "trades": (25, ("symbol", "limit")),
    "historicalTrades": (25, ("symbol", "fromId", "limit")),
    "aggTrades": (4, ("symbol", "fromId", "startTime", "endTime", "limit")),
    "ticker/price": (2, ("symbol", "symbols", "symbolStatus")),
    "ticker/24hr": (2, ("symbol", "symbols", "type", "symbolStatus")),
    "ticker/bookTicker": (2, ("symbol", "symbols", "symbolStatus")),
}


class Refusal(Exception):
    """The exchange's own error: an HTTP status, a code and a sentence."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Rest:
    """The routes below /api/v3; `used` counts request weight of the running minute."""

    def __init__(self, tapes: Mapping[str, Tape], clock: Clock) -> None:
        self._tapes = tapes
        self._clock = clock
        self._used = (0, 0)

    def routes(self) -> list[Route]:
        return [Route(f"/api/v3/{path}", self._endpoint(path)) for path in PATHS]

    def _endpoint(self, path: str) -> Callable[[Request], Response]:
        answer = getattr(self, "_" + re.sub(r"\W", "_", path))
        weight, known = PATHS[path]

        def endpoint(request: Request) -> Response:
            used = self._use(weight)
            headers = {"X-MBX-USED-WEIGHT": str(used), "X-MBX-USED-WEIGHT-1M": str(used)}
            try:
                _check_weight(used)
                return json_answer(answer(_checked(request, known)), headers=headers)
            except Refusal as refusal:
                body = {"code": refusal.code, "msg": refusal.message}
                if refusal.status == 429:
                    headers["Retry-After"] = str(60 - self._clock() // 1_000_000 % 60)
                return json_answer(body, refusal.status, headers)

        return endpoint

    def _use(self, weight: int) -> int:
        minute, used = self._used
        current = self._clock() // MINUTE_US
        self._used = (current, weight + (used if minute == current else 0))
        return self._used[1]

    def _tape(self, query: Mapping[str, Any]) -> Tape:
        symbol = query.get("symbol")
        if not symbol:
            raise Refusal(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        if symbol not in self._tapes:
            raise Refusal(-1121, "Invalid symbol.")
        return self._tapes[symbol]

    def _chosen(self, query: Mapping[str, Any]) -> list[Tape]:
        if "symbols" not in query:
            return [self._tape(query)] if "symbol" in query else list(self._tapes.values())
        return [self._tape({"symbol": symbol}) for symbol in re.findall(r"[^\[\]\",\s]+", query["symbols"])]

    def _ping(self, query: Mapping[str, Any]) -> Any:
        return {}

    def _time(self, query: Mapping[str, Any]) -> Any:
        return {"serverTime": self._clock() // (1 if query["micro"] else 1000)}

    def _exchangeInfo(self, query: Mapping[str, Any]) -> Any:
        return exchange_info([tape.coin for tape in self._chosen(query)], self._clock() // 1000)

    def _klines(self, query: Mapping[str, Any]) -> Any:
        tape = self._tape(query)
        interval = query.get("interval")
        if not interval:
            raise Refusal(-1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed.")
        if interval not in klines.INTERVALS:
            raise Refusal(-1120, "Invalid interval.")
        if query.get("timeZone", "0") not in ("0", "0:00", "00:00", "+0:00", "+00:00"):
            raise Refusal(-1130, "Data sent for parameter 'timeZone' is not valid.")
        bounds = query.get("startTime"), query.get("endTime")
        bars = klines.select(tape, interval, *bounds, _limit(query), self._clock())
        return Messages(tape.coin).kline_rows(bars, interval, query["micro"])

    def _trades(self, query: Mapping[str, Any]) -> Any:
        return self._historicalTrades({**query, "fromId": None})

    def _historicalTrades(self, query: Mapping[str, Any]) -> Any:
        tape = self._tape(query)
        parts = trades_from(tape, query.get("fromId"), _limit(query), self._clock())
        return Messages(tape.coin).trade_rows(parts, query["micro"])

    def _aggTrades(self, query: Mapping[str, Any]) -> Any:
        tape, now = self._tape(query), self._clock()
        first, start, end = query.get("fromId"), query.get("startTime"), query.get("endTime")
        if first is not None and (start is not None or end is not None):
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        if end is not None:
            now = min(now, end * 1000 + 999)
        if now < ORIGIN_DAY * DAY_US:
            return []
        if start is not None:
            first = id_at(tape, start * 1000, now)
        elif end is not None:
            first = max(1, tape.last_id(now) - _limit(query) + 1)
        return Messages(tape.coin).aggregate_rows(trades_from(tape, first, _limit(query), now), query["micro"])

    def _ticker_price(self, query: Mapping[str, Any]) -> Any:
        return self._per_symbol(query, lambda tape, now: {"symbol": tape.coin.symbol, "price": _last_price(tape, now)})

    def _ticker_bookTicker(self, query: Mapping[str, Any]) -> Any:
        return self._per_symbol(query, _book_ticker)

    def _ticker_24hr(self, query: Mapping[str, Any]) -> Any:
        return self._per_symbol(query, _day_ticker)

    def _per_symbol(self, query: Mapping[str, Any], answer: Callable[[Tape, int], Any]) -> Any:
        answers = [answer(tape, self._clock()) for tape in self._chosen(query)]
        return answers[0] if "symbol" in query else answers


def trades_from(tape: Tape, first_id: int | None, limit: int, now_us: int) -> Iterator[Trades]:
    """At most `limit` trades from first_id (None: the newest ones), minute by minute, none later than now."""
    last = tape.last_id(now_us)
    first = max(1, last - limit + 1 if first_id is None else first_id)
    stop = min(last, first + limit - 1)
    while first <= stop:
        minute, place = tape.locate(first)
        part = tape.minute_trades(minute)[place : place + stop - first + 1]
        yield part
        first = int(part.id[-1]) + 1


def id_at(tape: Tape, time_us: int, now_us: int) -> int:
    """The first trade at or after a time; one past the newest when there is none yet."""
    if time_us > now_us:
        return tape.last_id(now_us) + 1
    if time_us <= ORIGIN_DAY * DAY_US:
        return 1
    trades = tape.minute_trades(time_us // MINUTE_US)
    return int(trades.id[0]) + int(np.searchsorted(trades.time_us, time_us))


def _checked(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    sent = dict(request.query_params)
    if len(sent) > max(len(known), 1):
        raise Refusal(-1101, f"Too many parameters; expected '{len(known)}' and received '{len(sent)}'.")
    if unknown := set(sent) - set(known):
        read = len(sent) - len(unknown)
        raise Refusal(
            -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(sent)}'."
        )
    query: dict[str, Any] = {"micro": request.headers.get("x-mbx-time-unit", "").upper().startswith("MICROSECOND")}
    for name, value in sent.items():
        if not value:
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
        legal = {"symbol": SYMBOL, "startTime": NUMBER, "endTime": NUMBER, "fromId": NUMBER, "limit": NUMBER}.get(name)
        if legal and not re.fullmatch(legal.replace("9-_", "9\\-_"), value):
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")
        query[name] = int(value) if legal == NUMBER else value
    return query


def _check_weight(used: int) -> None:
    if used > WEIGHT_LIMIT:
        limit = f"current limit is {WEIGHT_LIMIT} request weight per 1 MINUTE"
        advice = "Please use WebSocket Streams for live updates to avoid polling the API."
        raise Refusal(-1003, f"Too much request weight used; {limit}. {advice}", 429)


def _limit(query: Mapping[str, Any]) -> int:
    """Asked for or 500; more than 1000 are cut to 1000, none is refused."""
    limit = query.get("limit", 500)
    if limit == 0:
        raise Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
    return int(min(limit, MOST))


def _last_price(tape: Tape, now_us: int) -> str:
    last = next(trades_from(tape, None, 1, now_us))
    return Messages(tape.coin).price(int(last.price[-1]))


def _book_ticker(tape: Tape, now_us: int) -> Any:
    newest = next(trades_from(tape, None, 1, now_us))
    names = {"s": "symbol", "b": "bidPrice", "B": "bidQty", "a": "askPrice", "A": "askQty"}
    return {names[key]: value for key, value in Messages(tape.coin).book_ticker(newest, 0).items() if key in names}


def _day_ticker(tape: Tape, now_us: int) -> Any:
    bars = klines.select(tape, "1m", None, None, 1440, now_us)
    bars = bars[bars[:, rows.COUNT] > 0]
    bar = rows.aggregate(bars, np.zeros(len(bars), dtype=np.int64))[0]
    text, ticks = Messages(tape.coin), 10**tape.coin.price_digits
    change = int(bar[rows.CLOSE] - bar[rows.OPEN])
    average = bar[rows.QUOTE] / bar[rows.VOLUME] / ticks
    return {
        "symbol": tape.coin.symbol,
        "priceChange": f"{change / ticks:.8f}",
        "priceChangePercent": f"{100 * change / bar[rows.OPEN]:.3f}",
        "weightedAvgPrice": f"{average:.8f}",
        "prevClosePrice": text.price(bar[rows.OPEN]),
        "lastPrice": text.price(bar[rows.CLOSE]),
        **{key: value for key, value in _book_ticker(tape, now_us).items() if key != "symbol"},
        "openPrice": text.price(bar[rows.OPEN]),
        "highPrice": text.price(bar[rows.HIGH]),
        "lowPrice": text.price(bar[rows.LOW]),
        "volume": text.size(bar[rows.VOLUME]),
        "quoteVolume": text.quote(bar[rows.QUOTE]),
        "openTime": int(bar[rows.START]),
        "closeTime": now_us // 1000,
        "firstId": int(bar[rows.FIRST]),
        "lastId": int(bar[rows.FIRST] + bar[rows.COUNT]) - 1,
        "count": int(bar[rows.COUNT]),
    }
