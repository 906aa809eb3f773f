"""The stand-in's bodies beside real ones of Binance and Yahoo: the same fields, of the same types."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.standin import klines
from ingest.standin.assets import coin_of, stock_of
from ingest.standin.chain import Quotes
from ingest.standin.messages import Messages
from ingest.standin.sessions import Sessions
from ingest.standin.stock import Share, equity_climate
from ingest.standin.tape import MINUTE_US, Tape
from ingest.standin.yahoo_meta import chart_meta, share_quote
from quant.settings import PROJECT_PATH, Settings

REAL = PROJECT_PATH.parent / "shared" / "data"
CAPTURE = REAL / "binance_ws_capture_2021-10-12.txt"
NOW_US = int(datetime(2026, 3, 17, 15, tzinfo=UTC).timestamp() * 1e6)

pytestmark = [
    pytest.mark.skipif(not CAPTURE.exists(), reason=f"the real recordings are not at {REAL}"),
    # exchange_calendars 4.13 on pandas 3.1
    pytest.mark.filterwarnings("ignore:Series.values returning an ndarray:DeprecationWarning"),
]


def kinds(body: dict[str, Any]) -> dict[str, type]:
    """Field names in their order, with the JSON type of each; whole numbers may stand for decimal ones."""
    return {key: float if type(value) is int else type(value) for key, value in body.items()}


def real_frame(stream: str) -> dict[str, Any]:
    lines = CAPTURE.read_text().splitlines()[1:]
    frame: dict[str, Any] = next(json.loads(line.split(": ", 1)[1]) for line in lines if stream in line[:60])["data"]
    return frame


@pytest.fixture(scope="module")
def share() -> Share:
    return Share(stock_of("AAPL", {}), Sessions("XNYS"), equity_climate())


def test_stream_frames_have_the_exchange_s_fields() -> None:
    tape = Tape(coin_of("BTCUSDT"), lambda: NOW_US)
    trades, text = tape.minute_trades(NOW_US // MINUTE_US - 1), Messages(tape.coin)
    kline = text.kline(klines.bar_before(tape, "1m", NOW_US // 1000, NOW_US), "1m", NOW_US, True, False)
    real = real_frame("@kline_1m")
    assert list(kinds(kline).items()) == list(kinds(real).items())
    assert list(kinds(kline["k"]).items()) == list(kinds(real["k"]).items())
    aggregate = text.aggregate_trade(trades, 5, NOW_US, False)
    assert list(kinds(aggregate).items()) == list(kinds(real_frame("@aggTrade")).items())
    assert list(kinds(text.book_ticker(trades, 5)).items()) == list(kinds(real_frame("@bookTicker")).items())


def test_a_chart_has_yahoo_s_meta(share: Share) -> None:
    body = json.loads((REAL / "yahoo" / "chart-MSFT-dividends-2021-02-01-to-2022-01-31.json").read_text())
    meta = chart_meta(share, NOW_US // 1_000_000, "1d", "1y", 200.0)
    assert list(kinds(meta).items()) == list(kinds(body["chart"]["result"][0]["meta"]).items())


def test_a_chain_has_yahoo_s_fields(share: Share, settings: Settings) -> None:
    real = json.loads((REAL / "yahoo" / "options-AAPL.json").read_text())["optionChain"]["result"][0]
    quotes = Quotes(share, settings.options, NOW_US // 1_000_000)
    row = quotes.rows(quotes.expiries()[0], True)[10]
    with_volume = next(call for call in real["options"][0]["calls"] if "volume" in call)
    assert kinds(row) == kinds(with_volume)
    quote = share_quote(share, NOW_US // 1_000_000, NOW_US // 1_000_000)
    assert {key: kind for key, kind in kinds(real["quote"]).items() if key in quote} == kinds(quote)
