"""The one door to Yahoo: yfinance, with a session that keeps its distance and stops at the first 429."""

import json
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import yfinance as yf
from curl_cffi import CurlOpt
from curl_cffi.requests import Response, Session
from yfinance.data import YfData
from yfinance.exceptions import YFPricesMissingError, YFRateLimitError

from ingest.errors import RateLimitedError, RefusedError, SourceError
from ingest.loopback import is_loopback
from ingest.outcome import ChangedError
from ingest.yahoo_shape import chain_fault, chart_fault, has_adjusted_close

log = logging.getLogger(__name__)

UNKNOWN = {400, 404, 422}  # how Yahoo says that it does not have what we ask for


class YahooSession(Session):  # type: ignore[misc]  # the library ships no types
    """yfinance's transport: at least `seconds` between requests, sent to `endpoint` if there is one.

    A 429 raises at once, and every request after it until `forgive`: yfinance itself would answer it with half a dozen
    more requests.
    """

    def __init__(self, endpoint: str | None, seconds: float) -> None:
        super().__init__(impersonate="chrome", curl_options=_past_the_proxy(endpoint))
        self._endpoint, self._seconds = endpoint, seconds
        self._next_at = 0.0
        self.last_status: int | None = None  # of the newest answer; None while there is none
        self.last_body = b""
        self.retry_after: str | None = None  # what a 429 said
        self._limited = False
        self._lock = threading.Lock()

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> Response:
        if self._limited:
            raise YFRateLimitError
        self._keep_distance()
        self.last_status, self.last_body = None, b""
        response = super().request(method, self._redirected(url), *arguments, **options)
        self.last_status, self.last_body = response.status_code, response.content
        if response.status_code == 429:
            self._limited, self.retry_after = True, response.headers.get("Retry-After")
            raise YFRateLimitError
        return response

    def forgive(self) -> None:
        """Requests may be made again: the rest that a 429 asked for is over."""
        self._limited = False

    def _keep_distance(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next_at - time.monotonic()))
            self._next_at = time.monotonic() + self._seconds

    def _redirected(self, url: str) -> str:
        parts = urlsplit(url)
        if self._endpoint is None or not (parts.hostname or "").endswith("yahoo.com"):
            return url
        return f"{self._endpoint}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _past_the_proxy(endpoint: str | None) -> dict[CurlOpt, str]:
    if endpoint is None or not is_loopback(endpoint):
        return {}
    return {CurlOpt.NOPROXY: urlsplit(endpoint).hostname or ""}


@dataclass(frozen=True)
class Prices:
    """The answer for one symbol's daily bars since `asked_from`."""

    frame: pd.DataFrame
    currency: str | None
    asked_from: date


class Yahoo:
    """Daily prices and option chains of one symbol at a time, as yfinance frames."""

    def __init__(self, endpoint: str | None, request_seconds: float, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        yf.set_tz_cache_location(str(cache))  # else it writes below the home folder
        yf.config.debug.hide_exceptions = False  # else a failure looks like an empty answer
        self._session = YahooSession(endpoint, request_seconds)

    @property
    def last_body(self) -> bytes:
        """The newest answer as it came, for the dead letters."""
        return self._session.last_body

    @property
    def retry_after(self) -> str | None:
        return self._session.retry_after

    def prices(self, symbol: str, years: int) -> Prices:
        """Daily bars with dividends and splits. Raises SourceError; ChangedError if they are not what they were."""
        YfData().cache_get.cache_clear()  # a repeated question would be answered from memory
        start = pd.Timestamp.now("UTC").normalize() - pd.DateOffset(years=years)
        ticker = self._ticker(symbol)
        with self._explained(symbol):
            try:
                frame = ticker.history(
                    start=f"{start:%Y-%m-%d}", interval="1d", auto_adjust=False, actions=True, keepna=True
                )
            except YFPricesMissingError as error:
                if error.yahoo_reason:
                    raise
                return Prices(pd.DataFrame(), None, start.date())  # an answer without bars
            self._refuse(symbol, chart_fault(self.last_body))
            if not has_adjusted_close(self.last_body):
                frame["Adj Close"] = float("nan")  # yfinance puts the closes there
            return Prices(frame, ticker.history_metadata.get("currency"), start.date())

    def chains(self, symbol: str, expiries: int) -> list[tuple[str, Any]]:
        """The nearest chains: (expiry date as YYYY-MM-DD, yfinance's calls, puts, underlying). Raises as `prices`."""
        ticker = self._ticker(symbol)
        with self._explained(symbol):
            nearest = sorted(ticker.options)[:expiries]
            self._refuse(symbol, chain_fault(self.last_body))
            return [(expiry, self._chain(ticker, expiry)) for expiry in nearest]

    def forgive(self) -> None:
        self._session.forgive()

    def _chain(self, ticker: Any, expiry: str) -> Any:
        chain = ticker.option_chain(expiry)
        self._refuse(ticker.ticker, chain_fault(self.last_body))
        return chain

    def _refuse(self, symbol: str, fault: str | None) -> None:
        if fault:
            raise ChangedError("changed_shape", f"{symbol}: the answer has changed its shape: {fault}")

    def _ticker(self, symbol: str) -> Any:
        return yf.Ticker(symbol, session=self._session)

    @contextmanager
    def _explained(self, symbol: str) -> Iterator[None]:
        """Turn whatever yfinance or curl raise into a SourceError that names the symbol."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # how yfinance uses pandas is not our affair
                yield
        except YFRateLimitError as error:
            raise RateLimitedError(f"{symbol}: Yahoo answered 429, too many requests") from error
        except SourceError:
            raise
        except Exception as error:
            raise self._as_source_error(symbol, error) from error

    def _as_source_error(self, symbol: str, error: Exception) -> SourceError:
        text = f"{symbol}: {type(error).__name__}: {error}"
        if self._session.last_status in UNKNOWN or "delisted" in str(error):
            return RefusedError(text)
        if self._session.last_status == 200 and _is_json(self.last_body):
            fault = chart_fault(self.last_body) if b'"chart"' in self.last_body[:50] else chain_fault(self.last_body)
            return ChangedError("changed_shape", f"{symbol}: the answer has changed its shape: {fault or text}")
        return SourceError(text)
