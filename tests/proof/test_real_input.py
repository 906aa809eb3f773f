"""Recorded market data through the whole product: the numbers equal a computation by hand.

Real client libraries, real build.
The recordings lie beside the project, not in it; without them these tests are skipped and say so.
"""

import itertools
import json
import math
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from quant.settings import PROJECT_PATH
from quant.warehouse import open_build
from tests.ingest.exchange import Exchange, running_exchange, trade_frame, trade_row, wait_until
from tests.ingest.yahoo_server import running_yahoo

RECORDED = PROJECT_PATH.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded market data are not beside the project")

Row = dict[str, Any]
SYMBOLS = ["BTCUSDT", "NKNUSDT", "BLZETH", "LRCBTC", "RUNEEUR"]  # the capture's, and that of the trades


@dataclass(frozen=True)
class Market:
    """The recordings, and what the product made of them."""

    trades: list[Row]
    frames: list[bytes]
    charts: dict[str, Row]
    market_path: Path

    def rows(self, query: str) -> list[Row]:
        with open_build(self.market_path.resolve()) as connection:
            answer: list[Row] = connection.sql(query).to_arrow_table().to_pylist()
            return answer


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder = tmp_path_factory.mktemp("real")
    trades = pq.read_table(RECORDED / "binance_btcusdt_trades_2021-01-08.parquet").to_pylist()
    lines = (RECORDED / "binance_ws_capture_2021-10-12.txt").read_bytes().splitlines()
    frames = [frame for _, _, frame in (line.partition(b": ") for line in lines) if frame.startswith(b"{")]
    charts = {
        "NVDA": _body("yahoo/chart-NVDA-split-2021-02-01-to-2022-01-31.json"),
        "MSFT": _body("yahoo/chart-MSFT-dividends-2021-02-01-to-2022-01-31.json"),
    }
    with running_exchange() as exchange, running_yahoo() as yahoo:
        yahoo.charts.update(charts)
        yahoo.chains["AAPL"] = lambda date: _body("yahoo/options-AAPL.json")
        environment = _environment(folder, exchange.url, yahoo.url)
        _record(exchange, environment, trades, frames, folder)
        for dataset in ("equities", "options"):
            _run(environment, "-m", "ingest", dataset, "--once")
        _run(environment, "-m", "quant.cli", "build", "--full-refresh")
    yield Market(trades, frames, charts, folder / "duckdb" / "market.duckdb")


def test_the_minute_bar_of_the_recorded_trades(market: Market) -> None:
    prices = [_digits(trade["price"]) for trade in market.trades]
    sizes = [_digits(trade["quantity"]) for trade in market.trades]
    [bar] = market.rows(
        "select ts, open, high, low, close, volume, trade_count, bar_vwap from serving.bars "
        "where symbol = 'BTCUSDT' and interval = '1m'"
    )
    assert bar["ts"] == datetime(2021, 1, 8, tzinfo=UTC)
    assert bar["trade_count"] == len(market.trades) == 2001
    assert [bar[name] for name in ("open", "high", "low", "close")] == [
        float(price) for price in (prices[0], max(prices), min(prices), prices[-1])
    ]
    assert bar["volume"] == float(sum(sizes))
    notional = sum(price * size for price, size in zip(prices, sizes, strict=True))
    assert math.isclose(bar["bar_vwap"], float(notional / sum(sizes)), rel_tol=1e-14)


def test_the_second_bars_of_the_recorded_trades(market: Market) -> None:
    seconds: defaultdict[datetime, list[Row]] = defaultdict(list)
    for trade in market.trades:
        seconds[trade["timestamp"].replace(microsecond=0)].append(trade)
    expected = [
        {
            "ts": second,
            "open": trades[0]["price"],
            "high": max(trade["price"] for trade in trades),
            "low": min(trade["price"] for trade in trades),
            "close": trades[-1]["price"],
            "volume": float(sum(_digits(trade["quantity"]) for trade in trades)),
            "trade_count": len(trades),
        }
        for second, trades in seconds.items()
    ]
    shown = market.rows(
        "select ts, open, high, low, close, volume, trade_count from serving.second_bars "
        "where symbol = 'BTCUSDT' and date = '2021-01-08' order by ts"
    )
    assert len(shown) > 40
    assert shown == expected


def test_every_recorded_trade_is_there_once_with_its_digits(market: Market) -> None:
    stored = market.rows("select trade_id, price, size, is_buyer_maker from staging.trades order by trade_id")
    assert stored == [
        {
            "trade_id": trade["trade_id"],
            "price": _digits(trade["price"]),
            "size": _digits(trade["quantity"]),
            "is_buyer_maker": trade["buyer_maker"] == "True",
        }
        for trade in market.trades
    ]


def test_frames_of_other_kinds_are_counted_and_none_is_dead(market: Market) -> None:
    kinds = [json.loads(frame)["stream"].partition("@")[2] for frame in market.frames]
    others = [kind for kind in kinds if not kind.startswith("kline")]
    runs = market.rows("select count_ignored, count_dead_letters from meta.ingest_runs where dataset = 'trades'")
    assert len(others) == 263 and len(kinds) == 265
    assert sum(run["count_ignored"] for run in runs) == len(others)
    assert sum(run["count_dead_letters"] for run in runs) == 0


def test_returns_across_the_four_to_one_split_are_the_market_s(market: Market) -> None:
    closes = _closes(market.charts["NVDA"])
    shown = _daily(market, "NVDA")
    assert len(shown) == len(closes) == 252
    for before, now, bar in zip(closes, closes[1:], shown[1:], strict=False):
        # Yahoo's closes of this window are split-adjusted; NVIDIA's dividends are not in the recording.
        assert math.isclose(bar["simple_return"], now / before - 1, rel_tol=1e-12)
    split_day = next(bar for bar in shown if str(bar["session_date"]) == "2021-07-20")
    assert abs(split_day["simple_return"]) < 0.05


def test_dividends_are_reinvested_and_agree_with_the_vendor(market: Market) -> None:
    chart = market.charts["MSFT"]
    closes, shown = _closes(chart), _daily(market, "MSFT")
    paid = {
        datetime.fromtimestamp(event["date"], UTC).date(): event["amount"]
        for event in chart["chart"]["result"][0]["events"]["dividends"].values()
    }
    assert len(paid) == 4
    for before, now, bar in zip(closes, closes[1:], shown[1:], strict=False):
        # On an ex-date the price before is worth its dividend less: C1 / (C0 - D) - 1.
        dividend = paid.get(bar["session_date"], 0.0)
        assert math.isclose(bar["simple_return"], now / (before - dividend) - 1, rel_tol=1e-9)
    vendor = chart["chart"]["result"][0]["indicators"]["adjclose"][0]["adjclose"]
    for (first, last), (ours, latest) in zip(itertools.pairwise(vendor), itertools.pairwise(shown), strict=True):
        assert math.isclose(last / first, latest["adj_close"] / ours["adj_close"], rel_tol=2e-5)


def test_a_pre_open_chain_says_that_it_has_no_quotes(market: Market) -> None:
    qualities = market.rows(
        "select quality, count(*) as n, count(implied_vol) as ivs from serving.option_quotes group by 1"
    )
    assert {row["quality"] for row in qualities} <= {"no_quote", "stale", "off_hours"}
    assert sum(row["n"] for row in qualities) > 50
    assert sum(row["ivs"] for row in qualities) == 0


def _digits(recorded: float) -> Decimal:
    """The exchange's eight decimals: the recording holds them as doubles."""
    return Decimal(f"{recorded:.8f}")


def _daily(market: Market, symbol: str) -> list[Row]:
    return market.rows(
        "select session_date, close, adj_close, simple_return from serving.bars "
        f"where symbol = '{symbol}' and interval = '1d' order by ts"
    )


def _closes(chart: Row) -> list[float]:
    closes: list[float] = chart["chart"]["result"][0]["indicators"]["quote"][0]["close"]
    return closes


def _body(name: str) -> Row:
    body: Row = json.loads((RECORDED / name).read_text())
    return body


def _record(
    exchange: Exchange, environment: dict[str, str], trades: list[Row], frames: list[bytes], folder: Path
) -> None:
    """One life of the recorder: it takes the recorded trades and the capture from the stream."""
    rows = [
        trade_row(
            trade["trade_id"],
            int(trade["timestamp"].timestamp() * 1000),
            f"{trade['price']:.8f}",
            f"{trade['quantity']:.8f}",
        )
        | {"isBuyerMaker": trade["buyer_maker"] == "True"}
        for trade in trades
    ]
    recorder = subprocess.Popen([sys.executable, "-m", "ingest", "crypto"], env=environment, cwd=PROJECT_PATH)
    try:
        exchange.wait_for_streams(1)
        exchange.send(frames)
        exchange.send([trade_frame("BTCUSDT", row) for row in rows])
        tail = folder / "parquet" / "trades" / "tail" / "symbol=BTCUSDT"
        wait_until(lambda: _count_rows(tail) == len(rows), "the last trade on disk")
    finally:
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait(20) == 0


def _count_rows(folder: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in folder.rglob("*.parquet"))


def _run(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=PROJECT_PATH, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def _environment(folder: Path, exchange: str, yahoo: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QUANT_")}
    return clean | {
        "QUANT_DATA_PATH": str(folder),
        "QUANT_CRYPTO__SYMBOLS": json.dumps(SYMBOLS),
        "QUANT_CRYPTO__STREAM_URLS": json.dumps([exchange.replace("http", "ws", 1)]),
        "QUANT_CRYPTO__REST_URLS": json.dumps([exchange]),
        "QUANT_EQUITIES__SYMBOLS": json.dumps(["NVDA", "MSFT", "AAPL"]),
        "QUANT_EQUITIES__ENDPOINT": yahoo,
        "QUANT_EQUITIES__REQUEST_SECONDS": "0",
        "QUANT_EQUITIES__HISTORY_YEARS": "10",
        "QUANT_OPTIONS__UNDERLYINGS": json.dumps(["AAPL"]),
        "QUANT_OPTIONS__EXPIRIES": "1",
        "QUANT_ASSET_CLASSES__EQUITY__BENCHMARK": "MSFT",
        "QUANT_PORTFOLIOS__EQUITIES": json.dumps(["NVDA", "MSFT"]),
        "QUANT_PORTFOLIOS__CRYPTO": json.dumps(["BTCUSDT"]),
    }
