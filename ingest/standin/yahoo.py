"""Yahoo's paths: cookie, crumb, chart and options, with the bodies and refusals that its clients know."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ingest.standin.answer import MARK, json_answer
from ingest.standin.chain import Quotes, epoch
from ingest.standin.clock import Clock
from ingest.standin.sessions import ORIGIN, new_york_offset
from ingest.standin.stock import Bars, Share
from ingest.standin.yahoo_meta import chart_meta, share_quote, single
from quant.settings.options import Options

COOKIE, CRUMB = "A3", "standin.crumb"
RANGES = {"1d": 0, "5d": 4, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1827, "10y": 3653}
INTERVALS = "1m, 2m, 5m, 15m, 30m, 60m, 90m, 1h, 4h, 1d, 5d, 1wk, 1mo, 3mo"
SERVED = ("1d", "1m")


class Refusal(Exception):
    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status, self.code, self.description = status, code, description


class Yahoo:
    def __init__(self, shares: Mapping[str, Share], options: Options, clock: Clock) -> None:
        self._shares = shares
        self._options = options
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/", self._cookie),
            Route("/v1/test/getcrumb", self._crumb),
            Route("/v8/finance/chart/{symbol}", self._answer("chart", self._chart)),
            Route("/v7/finance/options/{symbol}", self._answer("optionChain", self._chain)),
        ]

    def _cookie(self, request: Request) -> Response:
        """fc.yahoo.com answers 404 to everybody, and the cookie with it."""
        answer = PlainTextResponse("", 404, MARK)
        answer.set_cookie(COOKIE, "d=standin&S=standin", max_age=31_557_600, path="/", httponly=True)
        return answer

    def _crumb(self, request: Request) -> Response:
        if COOKIE not in request.cookies:
            return json_answer(_error("finance", "Unauthorized", "Invalid Cookie"), 401)
        return PlainTextResponse(CRUMB, headers=MARK)

    def _answer(self, name: str, handle: Callable[[Request], Any]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                return json_answer({name: {"result": handle(request), "error": None}})
            except Refusal as refusal:
                outer = "finance" if refusal.status == 401 else name
                return json_answer(_error(outer, refusal.code, refusal.description), refusal.status)

        return endpoint

    def _chart(self, request: Request) -> list[dict[str, Any]]:
        share, now_s = self._shares.get(request.path_params["symbol"].upper()), self._clock() // 1_000_000
        if share is None:
            raise Refusal(404, "Not Found", "No data found, symbol may be delisted")
        query = request.query_params
        interval = query.get("interval", "1d")
        if interval not in SERVED:
            hint = f"Invalid input - interval={interval} is not supported. Valid intervals: [{INTERVALS}]"
            raise Refusal(422, "Unprocessable Entity", hint)
        if interval == "1m":
            return [_minute_chart(share, now_s, query.get("range", ""))]
        since, until = _window(query, share, now_s)
        events = set(filter(None, re.split(r"[,|]", query.get("events", ""))))
        return [_day_chart(share, now_s, since, until, events, query.get("range", ""))]

    def _chain(self, request: Request) -> list[dict[str, Any]]:
        """Needs cookie and crumb. Without a date: the nearest expiry; a date that is not listed: empty lists."""
        if request.query_params.get("crumb") != CRUMB or COOKIE not in request.cookies:
            raise Refusal(401, "Unauthorized", "Invalid Crumb" if COOKIE in request.cookies else "Invalid Cookie")
        share, now_s = self._shares.get(request.path_params["symbol"].upper()), self._clock() // 1_000_000
        if share is None:
            return []
        time_s = now_s if share.sessions.is_open(now_s) else int(share.sessions.close_s[share.sessions.newest(now_s)])
        quotes = Quotes(share, self._options, time_s)
        listed = {epoch(day): day for day in quotes.expiries()}
        asked = request.query_params.get("date", str(min(listed)))
        if not asked.isdigit():
            raise Refusal(400, "Bad Request", f"Invalid date: {asked}")
        return [_chain_body(quotes, listed, int(asked), now_s)]


def _chain_body(quotes: Quotes, listed: dict[int, date], asked: int, now_s: int) -> dict[str, Any]:
    expiry = listed.get(asked)
    strikes = [] if expiry is None else quotes.strikes(expiry).tolist()
    sides = ([], []) if expiry is None else (quotes.rows(expiry, True), quotes.rows(expiry, False))
    return {
        "underlyingSymbol": quotes.share.stock.symbol,
        "expirationDates": list(listed),
        "strikes": strikes,
        "hasMiniOptions": False,
        "quote": share_quote(quotes.share, quotes.time_s, now_s),
        "options": [{"expirationDate": asked, "hasMiniOptions": False, "calls": sides[0], "puts": sides[1]}],
    }


def _window(query: Mapping[str, str], share: Share, now_s: int) -> tuple[int, int]:
    """Seconds [since, until) that the query asks for."""
    if "period1" in query or "period2" in query:
        try:
            return int(query.get("period1", 0)), int(query.get("period2", now_s + 1))
        except ValueError as error:
            raise Refusal(400, "Bad Request", f"Invalid input - period: {error}") from error
    name = query.get("range", "1mo")
    newest = share.sessions.newest(now_s)
    today = share.sessions.dates[newest]
    if name in ("1d", "5d"):
        return int(share.sessions.open_s[newest - RANGES[name]]), now_s + 1
    if name not in (*RANGES, "ytd", "max"):
        raise Refusal(422, "Unprocessable Entity", f"Invalid input - range={name} is not supported.")
    start = {"ytd": today.replace(month=1, day=1), "max": ORIGIN}.get(name) or today - timedelta(days=RANGES[name])
    return int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()), now_s + 1


def _day_chart(share: Share, now_s: int, since: int, until: int, events: set[str], name: str) -> dict[str, Any]:
    first, newest = int(np.searchsorted(share.sessions.open_s, since)), share.sessions.newest(now_s)
    end = min(newest + 1, int(np.searchsorted(share.sessions.open_s, until)))
    if first >= end:
        hint = f"Data doesn't exist for startDate = {since}, endDate = {until}"
        raise Refusal(400, "Bad Request", hint)
    before = max(first - 1, 0)
    bars = share.bars(before, now_s)
    adjusted = share.adjusted_close(bars, before)[first - before : end - before]
    shown = slice(first - before, end - before)
    stamps = bars.start[shown].tolist()
    if end == newest + 1 and share.sessions.is_open(now_s):
        stamps[-1] = now_s  # the half-formed bar carries the time of its last trade
    return {
        "meta": chart_meta(share, now_s, "1d", name, single(bars.close[0])),
        "timestamp": stamps,
        **_events(share, first, end, newest, events),
        "indicators": {"quote": [_columns(bars, shown)], "adjclose": [{"adjclose": _singles(adjusted)}]},
    }


def _minute_chart(share: Share, now_s: int, name: str) -> dict[str, Any]:
    bars = share.minute_bars(now_s)
    place = share.sessions.newest(now_s)
    previous = share.bars(place - 1, now_s).close[0]
    start, end = int(share.sessions.open_s[place]), int(share.sessions.close_s[place])
    offset, zone = new_york_offset(start)
    period = {"timezone": zone, "start": start, "end": end, "gmtoffset": offset}
    meta = chart_meta(share, now_s, "1m", name, single(previous))
    meta |= {"previousClose": single(previous), "scale": 3, "tradingPeriods": [[period]]}
    return {"meta": meta, "timestamp": bars.start.tolist(), "indicators": {"quote": [_columns(bars, slice(None))]}}


def _events(share: Share, first: int, end: int, newest: int, wanted: set[str]) -> dict[str, Any]:
    stamp = share.sessions.open_s
    found: dict[str, Any] = {}
    dividends = {place: amount for place, amount in share.paid(first, newest).items() if place < end}
    if dividends and wanted & {"div", "history"}:
        found["dividends"] = {
            str(stamp[place]): {"amount": amount, "date": int(stamp[place])} for place, amount in dividends.items()
        }
    split = share.split_place()
    if split is not None and first <= split < end and wanted & {"split", "splits", "history"}:
        ratio = share.stock.split_ratio
        head = {"date": int(stamp[split]), "numerator": ratio, "denominator": 1}
        found["splits"] = {str(stamp[split]): {**head, "splitRatio": f"{ratio}:1"}}
    return {"events": found} if found else {}


def _columns(bars: Bars, shown: slice) -> dict[str, list[Any]]:
    prices = {name: _singles(getattr(bars, name)[shown]) for name in ("open", "high", "low", "close")}
    return {**prices, "volume": bars.volume[shown].tolist()}


def _singles(values: Any) -> list[float]:
    """Yahoo's prices are single precision, written out as doubles."""
    return [float(value) for value in np.asarray(values, dtype=np.float32)]


def _error(name: str, code: str, description: str) -> dict[str, Any]:
    return {name: {"result": None, "error": {"code": code, "description": description}}}
