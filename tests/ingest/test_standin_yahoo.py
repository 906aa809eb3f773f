"""The stand-in as yfinance meets it, through the library's own session."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import curl_cffi.requests
import httpx
import numpy as np
import pandas as pd
import pytest
import yfinance as yf

from ingest.standin.child import Market, running_market
from ingest.standin.server import create_app
from quant.settings import load_settings

IN_SESSION = datetime(2026, 3, 18, 18, 30, tzinfo=UTC)  # a Wednesday, 14:30 in New York
NO_CRYPTO = {"QUANT_CRYPTO__SYMBOLS": "[]", "QUANT_PORTFOLIOS__CRYPTO": '["SPY"]'}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


class Redirected(curl_cffi.requests.Session[Any]):  # type: ignore[misc]  # the library ships no types
    """yfinance's own transport; only the host of an address differs."""

    def __init__(self, base: str) -> None:
        super().__init__(impersonate="chrome")
        self.base = base

    def request(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.hostname.endswith("yahoo.com")
        return super().request(method, self.base + parts.path + "?" + parts.query, *arguments, **options)


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with running_market(IN_SESSION, NO_CRYPTO) as market:
        yield market


@pytest.fixture
def session(market: Market, tmp_path: Path) -> Redirected:
    yf.set_tz_cache_location(str(tmp_path))
    yf.config.debug.hide_exceptions = False
    return Redirected(market.url)


def history(symbol: str, session: Redirected, **options: Any) -> pd.DataFrame:
    ticker = yf.Ticker(symbol, session=session)
    frame: pd.DataFrame = ticker.history(auto_adjust=False, actions=True, **options)
    return frame


def test_yfinance_reads_history_with_split_and_dividends(session: Redirected) -> None:
    frame = history("NVDA", session, period="max")
    assert len(frame) > 6 * 252
    assert frame["Stock Splits"].loc[lambda ratio: ratio > 0].to_dict() == {
        pd.Timestamp("2024-05-20", tz="America/New_York"): 10.0
    }
    assert (frame["Low"] <= frame[["Open", "Close"]].min(axis=1) + 1e-6).all()
    assert (frame["High"] >= frame[["Open", "Close"]].max(axis=1) - 1e-6).all()
    returns = np.log(frame["Close"]).diff().dropna()
    assert returns.abs().max() < 0.35  # no jump of 1:10 is left
    check_dividends(history("MSFT", session, period="5y"))


def check_dividends(frame: pd.DataFrame) -> None:
    """Yahoo's rule: a dividend lowers all closes before it by dividend / close of the day before."""
    paid = frame["Dividends"] / frame["Close"].shift()
    factor = (1 - paid.fillna(0))[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    assert (frame["Dividends"] > 0).sum() in (20, 21)
    np.testing.assert_allclose(frame["Adj Close"], frame["Close"] * factor, rtol=1e-6)  # single precision


def test_a_running_session_shows_a_half_formed_bar(session: Redirected) -> None:
    frame = history("SPY", session, period="5d")
    assert frame.index[-1] == pd.Timestamp("2026-03-18", tz="America/New_York")
    assert len(frame) == 5
    assert frame["Volume"].iloc[-1] > 0
    minutes = history("SPY", session, period="1d", interval="1m")
    assert minutes.index[0] == pd.Timestamp("2026-03-18 09:30", tz="America/New_York")
    assert len(minutes) == pytest.approx(301, abs=1)
    assert minutes["High"].max() == pytest.approx(frame["High"].iloc[-1], rel=2e-3)


def test_periods_are_half_open(session: Redirected) -> None:
    frame = history("SPY", session, start="2026-03-02", end="2026-03-06")
    assert [day.day for day in frame.index] == [2, 3, 4, 5]


def test_yfinance_reads_an_option_chain(session: Redirected) -> None:
    ticker = yf.Ticker("AAPL", session=session)
    expiries = ticker.options
    assert 8 <= len(expiries) <= 12
    assert expiries[0] == "2026-03-20"
    chain = ticker.option_chain(expiries[3])
    for side in (chain.calls, chain.puts):
        assert 25 <= len(side) <= 60
        assert (side["bid"] < side["ask"]).all()
        assert (side["openInterest"] >= 0).all()
        assert side["lastTradeDate"].min() >= pd.Timestamp("2026-03-18 13:30", tz="UTC")
    spot = chain.underlying["regularMarketPrice"]
    assert (chain.calls["inTheMoney"] == (chain.calls["strike"] < spot)).all()
    assert chain.underlying["regularMarketTime"] == pytest.approx(IN_SESSION.timestamp(), abs=120)


def test_an_unknown_symbol_is_refused_as_yahoo_does(session: Redirected, market: Market) -> None:
    answer = httpx.get(f"{market.url}/v8/finance/chart/NOSUCH?range=1d&interval=1d")
    assert (answer.status_code, answer.headers["X-Stand-In"]) == (404, "quant-dashboard")
    assert answer.json()["chart"]["error"]["code"] == "Not Found"
    assert yf.Ticker("NOSUCH", session=session).options == ()


def test_cookie_and_crumb_are_checked(market: Market) -> None:
    chain = f"{market.url}/v7/finance/options/AAPL"
    with httpx.Client() as client:
        assert client.get(f"{market.url}/v1/test/getcrumb").status_code == 401
        assert client.get(chain).json()["finance"]["error"]["description"] == "Invalid Cookie"
        assert client.get(f"{market.url}/").status_code == 404  # as fc.yahoo.com, and yet it sets the cookie
        crumb = client.get(f"{market.url}/v1/test/getcrumb").text
        assert client.get(chain, params={"crumb": "wrong"}).status_code == 401
        body = client.get(chain, params={"crumb": crumb, "date": "1"}).json()["optionChain"]["result"][0]
        assert body["options"] == [{"expirationDate": 1, "hasMiniOptions": False, "calls": [], "puts": []}]


def test_wrong_windows_are_refused_as_yahoo_does(market: Market) -> None:
    url = f"{market.url}/v8/finance/chart/SPY"
    before = httpx.get(url, params={"period1": 1, "period2": 2})
    assert (before.status_code, before.json()["chart"]["error"]["code"]) == (400, "Bad Request")
    assert httpx.get(url, params={"interval": "7m"}).status_code == 422
    assert httpx.get(url, params={"range": "3y"}).status_code == 422


def test_a_closed_market_keeps_its_last_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sunday's chain is Friday's, with bids and asks: a demo on a Sunday must show a surface."""
    for name, value in NO_CRYPTO.items():
        monkeypatch.setenv(name, value)
    sunday_us = int(datetime(2026, 3, 22, 12, tzinfo=UTC).timestamp() * 1e6)
    app = create_app(load_settings(), lambda: sunday_us)

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://standin") as client:
            await client.get("/")
            crumb = (await client.get("/v1/test/getcrumb")).text
            answer = await client.get(f"/v7/finance/options/SPY?crumb={crumb}")
            return answer.json()["optionChain"]["result"][0]

    body = asyncio.run(ask())
    close = datetime(2026, 3, 20, 20, 0, tzinfo=UTC).timestamp()
    assert body["quote"]["regularMarketTime"] == close
    assert body["quote"]["marketState"] == "CLOSED"
    calls = body["options"][0]["calls"]
    assert sum(call["bid"] > 0 for call in calls) > 20
    assert max(call["lastTradeDate"] for call in calls) <= close
