"""A server on 127.0.0.1 that answers the few paths that yfinance asks for, with the bodies a test gives it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Body = dict[str, Any]
Day = tuple[int, list[float | None], int | None]  # seconds since 1970; open, high, low, close, adjusted; volume


@dataclass
class YahooServer:
    """Bodies by symbol; `refuse` maps a symbol to the status that it gets instead."""

    charts: dict[str, Body] = field(default_factory=dict)
    chains: dict[str, Callable[[str | None], Body]] = field(default_factory=dict)
    refuse: dict[str, int] = field(default_factory=dict)
    refuse_next: dict[str, list[int]] = field(default_factory=dict)  # statuses of a symbol's next answers
    held: dict[str, threading.Event] = field(default_factory=dict)  # a symbol's answers wait for it
    retry_after: str | None = None  # sent with every answer, 429 or not
    requests: list[tuple[str, str]] = field(default_factory=list)  # path, query
    url: str = ""

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        name = path.rpartition("/")[2]
        if name in self.held:
            self.held[name].wait(60)
        if self.refuse_next.get(name):
            return self.refuse_next[name].pop(0), "refused"
        if name in self.refuse:
            return self.refuse[name], "Too Many Requests" if self.refuse[name] == 429 else "refused"
        if path == "/v1/test/getcrumb":
            return 200, "a-crumb"
        if path.startswith("/v8/finance/chart/"):
            missing = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            absent = {"chart": {"result": None, "error": missing}}
            return (200, json.dumps(self.charts[name])) if name in self.charts else (404, json.dumps(absent))
        if path.startswith("/v7/finance/options/") and name in self.chains:
            return 200, json.dumps(self.chains[name](query.get("date")))
        return 404, ""  # fc.yahoo.com answers 404 and a cookie

    def asked(self, prefix: str) -> list[str]:
        return [path for path, _ in self.requests if path.startswith(prefix)]


@contextmanager
def running_yahoo() -> Iterator[YahooServer]:
    """A server that listens on a free port until the end of the block."""
    yahoo = YahooServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Tests look at `requests` instead."""

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            yahoo.requests.append((url.path.replace("%5E", "^"), url.query))
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            status, body = yahoo.answer(url.path.replace("%5E", "^"), query)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            if yahoo.retry_after is not None:
                self.send_header("Retry-After", yahoo.retry_after)
            self.send_header("Set-Cookie", "A3=test; Path=/")
            self.end_headers()
            self.wfile.write(body.encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        yahoo.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield yahoo
        finally:
            server.shutdown()
            thread.join()


def chart(symbol: str, days: list[Day], events: Body | None = None) -> Body:
    """A chart body with one bar per day."""
    columns = {
        name: [values[place] for _, values, _ in days] for place, name in enumerate(("open", "high", "low", "close"))
    }
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "instrumentType": "EQUITY",
        "exchangeTimezoneName": "America/New_York",
        "timezone": "EST",
        "gmtoffset": -18000,
        "priceHint": 2,
        "dataGranularity": "1d",
        "validRanges": ["1d", "5d", "1y", "5y", "max"],
        "currentTradingPeriod": {
            part: {"timezone": "EST", "start": 0, "end": 1, "gmtoffset": -18000} for part in ("pre", "regular", "post")
        },
    }
    quote = {**columns, "volume": [volume for *_, volume in days]} if days else {}
    adjusted = [values[4] for _, values, _ in days]
    result: Body = {"meta": meta, "indicators": {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}}
    if days:
        result["timestamp"] = [seconds for seconds, *_ in days]
    return {"chart": {"result": [result | ({"events": events} if events else {})], "error": None}}
