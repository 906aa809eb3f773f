"""The day that is not over: the exchange's newest word on it is on disk, one symbol after the other."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from quant.settings import Settings
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import SOURCE
from tests.ingest.recorder_session import START, Session, frames

MIDNIGHT = START // 86_400_000 * 86_400_000
DAY = {"t": MIDNIGHT, "T": MIDNIGHT + 86_399_999, "i": "1d", "f": 1, "L": 3, "n": 3, "x": False}
PRICES = {"o": "100.5", "h": "120", "l": "90", "v": "0.75", "q": "75.375", "V": "0"}


def day(symbol: str, close: str, **changes: object) -> bytes:
    bar = DAY | PRICES | {"c": close} | changes
    return json.dumps({"stream": "s", "data": {"e": "kline", "s": symbol, "k": bar}}).encode()


def stored(root: Path, symbol: str) -> dict[str, list[tuple[Decimal, bool]]]:
    """By file: close and is_final of its rows."""
    folder = root / f"klines/symbol={symbol}/source=binance/interval=1d"
    tables = {path.name: pq.ParquetFile(path).read() for path in sorted(folder.glob("*.parquet"))}
    return {
        name: list(zip(rows["close"].to_pylist(), rows["is_final"].to_pylist(), strict=True))
        for name, rows in tables.items()
    }


@pytest.mark.parametrize("company", [[], [b'{"result":null,"id":1}']], ids=["among its like", "beside an answer"])
def test_the_newest_word_on_the_open_day_replaces_the_one_before(
    settings: Settings, exchange: Exchange, company: list[bytes]
) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([*frames(1), day("BTCUSDT", "101"), *company, day("BTCUSDT", "102.5"), *frames(2)])

    session.run(script, 4 + len(company))
    assert stored(settings.parquet_path, "BTCUSDT") == {"open.parquet": [(Decimal("102.5"), False)]}


def test_a_day_that_is_over_stands_beside_the_next_one(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)
    tomorrow = {"t": MIDNIGHT + 86_400_000, "T": MIDNIGHT + 2 * 86_400_000 - 1}

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([day("BTCUSDT", "101"), day("BTCUSDT", "103", x=True), day("BTCUSDT", "104", **tomorrow)])

    session.run(script, 3)
    assert stored(settings.parquet_path, "BTCUSDT") == {
        "open.parquet": [(Decimal(104), False)],
        "stream-2026-11-20T00.parquet": [(Decimal(103), True)],
    }


def test_nonsense_about_an_open_day_is_kept_aside(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([day("BTCUSDT", "101"), day("BTCUSDT", "0"), *frames(1)])

    session.run(script, 3)
    assert stored(settings.parquet_path, "BTCUSDT") == {"open.parquet": [(Decimal(101), False)]}
    assert session.trades.count_dead_letters == 1


def test_of_many_symbols_each_has_its_turn(settings: Settings, exchange: Exchange) -> None:
    """One flush writes one open day; who has waited longest comes first, a newer word does not send it back."""
    lay_down_empty_files(settings.parquet_path)
    trades, klines = (Run(settings.parquet_path, SOURCE, name) for name in ("trades", "klines"))

    async def run() -> None:
        recorder = Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))
        await recorder.take_frames([day("BTCUSDT", "101"), day("ETHUSDT", "91")], START * 1000)
        await recorder.flush()
        assert stored(settings.parquet_path, "ETHUSDT") == {}
        await recorder.take_frames([day("BTCUSDT", "102"), day("ETHUSDT", "92")], START * 1000)
        await recorder.flush()
        assert stored(settings.parquet_path, "ETHUSDT") == {"open.parquet": [(Decimal(92), False)]}
        assert stored(settings.parquet_path, "BTCUSDT") == {"open.parquet": [(Decimal(101), False)]}
        await recorder.flush()

    asyncio.run(run())
    assert stored(settings.parquet_path, "BTCUSDT") == {"open.parquet": [(Decimal(102), False)]}
