"""The one door to Yahoo: yfinance, with a session that keeps its distance and stops at the first 429."""

import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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

log = logging.getLogger(__name__)

DATA_PATHS = ("/v7/", "/v8/")  # prices and chains; cookies and crumbs are yfinance's own affair
UNKNOWN = {400, 404, 422}  # how Yahoo says that it does not have what we ask for


class YahooSession(Session):  # type: ignore[misc]  # the library ships no types
    """yfinance's transport: at least `seconds` between requests, sent to `endpoint` if there is one.

    A 429 raises at once: yfinance itself would answer it with half a dozen more requests.
    """

    def __init__(self, endpoint: str | None, seconds: float) -> None:
        super().__init__(impersonate="chrome", curl_options=_past_the_proxy(endpoint))
        self._endpoint, self._seconds = endpoint, seconds
        self._next_at = 0.0
        self.last_status: int | None = None  # of the newest answer; None while there is none
        self._lock = threading.Lock()

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> Response:
        self._keep_distance()
        self.last_status = None
        response = super().request(method, self._redirected(url), *arguments, **options)
        self.last_status = response.status_code
        if response.status_code == 429 and urlsplit(url).path.startswith(DATA_PATHS):
            raise YFRateLimitError
        return response

    def _keep_distance(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next_at - time.monotonic()))
            self._next_at = time.monotonic() + self._seconds

    def _redirected(self, url: str) -> str:
        parts = urlsplit(url)
        if self._endpoint is None or not (parts.hostname or "").endswith("yahoo.com"):
            return url
        return f"{self._endpoint}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _past_the_proxy(endpoint: str | None) -> dict[CurlOpt, str]:
    if endpoint is None or not is_loopback(endpoint):
        return {}
    return {CurlOpt.NOPROXY: urlsplit(endpoint).hostname or ""}


class Yahoo:
    """Daily prices and option chains of one symbol at a time, as yfinance frames."""

    def __init__(self, endpoint: str | None, request_seconds: float, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        yf.set_tz_cache_location(str(cache))  # else it writes below the home folder
        yf.config.debug.hide_exceptions = False  # else a failure looks like an empty answer
        self._session = YahooSession(endpoint, request_seconds)

    def prices(self, symbol: str, years: int) -> tuple[pd.DataFrame, str | None]:
        """Daily bars with dividends and splits, and their currency. Raises SourceError, RefusedError if it has none."""
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
                return pd.DataFrame(), None  # an answer without bars
            return frame, ticker.history_metadata.get("currency")

    def chains(self, symbol: str, expiries: int) -> list[tuple[str, Any]]:
        """The nearest chains: (expiry date as YYYY-MM-DD, yfinance's calls, puts, underlying). Raises SourceError."""
        ticker = self._ticker(symbol)
        with self._explained(symbol):
            nearest = sorted(ticker.options)[:expiries]
            return [(expiry, ticker.option_chain(expiry)) for expiry in nearest]

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
        except Exception as error:
            kind = RefusedError if self._session.last_status in UNKNOWN else SourceError
            raise kind(f"{symbol}: {type(error).__name__}: {error}") from error
