"""The day that is not over: the exchange's newest word on it is on disk, one symbol after the other."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.binance_parse import parse
from ingest.binance_record import Kline
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.open_days import OpenDays
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from quant.settings import Settings
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import SOURCE
from tests.ingest.recorder_session import START, Session, frames

MIDNIGHT = START // 86_400_000 * 86_400_000
AT, OPEN = datetime.fromtimestamp(START / 1000, UTC), "open"
DAY = {"t": MIDNIGHT, "T": MIDNIGHT + 86_399_999, "i": "1d", "f": 1, "L": 3, "n": 3, "x": False}
PRICES = {"o": "100.5", "h": "120", "l": "90", "v": "0.75", "q": "75.375", "V": "0"}


def day(symbol: str, close: str, **changes: object) -> bytes:
    bar = DAY | PRICES | {"c": close} | changes
    return json.dumps({"stream": "s", "data": {"e": "kline", "s": symbol, "k": bar}}).encode()


def folder_of_days(symbol: str) -> str:
    return f"klines/symbol={symbol}/source=binance/interval=1d"


def stored(root: Path, symbol: str) -> dict[str, list[tuple[Decimal, bool]]]:
    """By file, that of an open day without its hour: close and is_final of its rows."""
    files = sorted((root / folder_of_days(symbol)).glob("*.parquet"))
    tables = {re.sub("^open-.*", OPEN, path.name): pq.ParquetFile(path).read() for path in files}
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
    assert stored(settings.parquet_path, "BTCUSDT") == {OPEN: [(Decimal("102.5"), False)]}


def test_a_day_that_is_over_stands_beside_the_next_one(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)
    tomorrow = {"t": MIDNIGHT + 86_400_000, "T": MIDNIGHT + 2 * 86_400_000 - 1}

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([day("BTCUSDT", "101"), day("BTCUSDT", "103", x=True), day("BTCUSDT", "104", **tomorrow)])

    session.run(script, 3)
    assert stored(settings.parquet_path, "BTCUSDT") == {
        OPEN: [(Decimal(104), False)],
        "stream-2026-11-20T00.parquet": [(Decimal(103), True)],
    }


@pytest.mark.parametrize("company", [[], [b'{"result":null,"id":1}']], ids=["among its like", "beside an answer"])
@pytest.mark.parametrize("is_written", [False, True])
def test_an_address_that_lags_behind_brings_back_no_day_before(
    settings: Settings, exchange: Exchange, company: list[bytes], is_written: bool
) -> None:
    """Whether the later day still waits, or is on disk and due again."""
    lay_down_empty_files(settings.parquet_path)
    now = [AT + timedelta(days=1)]
    trades, klines = (Run(settings.parquet_path, SOURCE, name, clock=lambda: now[0]) for name in ("trades", "klines"))
    tomorrow = {"t": MIDNIGHT + 86_400_000, "T": MIDNIGHT + 2 * 86_400_000 - 1}

    async def run() -> None:
        recorder = Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))
        fetched_at = int(now[0].timestamp() * 1e6)
        await recorder.take_frames([*company, day("BTCUSDT", "104", **tomorrow)], fetched_at)
        if is_written:
            await recorder.flush()
            now[0] += timedelta(minutes=1)
        await recorder.take_frames([*company, day("BTCUSDT", "101")], fetched_at)
        await recorder.flush()

    asyncio.run(run())
    assert stored(settings.parquet_path, "BTCUSDT") == {OPEN: [(Decimal(104), False)]}


def test_nonsense_about_an_open_day_is_kept_aside(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([day("BTCUSDT", "101"), day("BTCUSDT", "0"), *frames(1)])

    session.run(script, 3)
    assert stored(settings.parquet_path, "BTCUSDT") == {OPEN: [(Decimal(101), False)]}
    assert session.trades.count_dead_letters == 1


def test_of_many_symbols_each_has_its_turn_and_none_more_often_than_it_need(
    settings: Settings, exchange: Exchange
) -> None:
    """One flush writes one open day: that which is due and has waited longest."""
    lay_down_empty_files(settings.parquet_path)
    now = [AT]
    trades, klines = (Run(settings.parquet_path, SOURCE, name, clock=lambda: now[0]) for name in ("trades", "klines"))

    def known() -> list[Decimal | None]:
        found = (stored(settings.parquet_path, symbol).get(OPEN) for symbol in ("BTCUSDT", "ETHUSDT"))
        return [rows[0][0] if rows else None for rows in found]

    async def run() -> None:
        recorder = Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))
        for seconds, btc, eth, expected in (
            (0, 101, 91, [101, None]),
            (1, 102, 92, [101, 92]),
            (2, 103, 93, [101, 92]),
            (15, 104, 94, [104, 92]),
            (16, 105, 95, [104, 95]),
        ):
            now[0] = AT + timedelta(seconds=seconds)
            frames = [day("BTCUSDT", str(btc)), day("ETHUSDT", str(eth))]
            await recorder.take_frames(frames, START * 1000 + seconds * 1_000_000)
            await recorder.flush()
            assert known() == expected
        now[0] = AT + timedelta(minutes=5)  # and nothing new came
        await recorder.flush()
        assert known() == [105, 95]

    asyncio.run(run())


def test_an_hours_file_goes_when_nobody_reads_it_any_more(settings: Settings) -> None:
    """What a file said before stays in it as dead bytes: it must not grow for a day."""
    lay_down_empty_files(settings.parquet_path)
    now = [AT]
    run = Run(settings.parquet_path, SOURCE, "klines", clock=lambda: now[0])
    days = OpenDays(run)
    for hours in range(4):
        now[0] = AT + timedelta(hours=hours)
        parsed = parse(day("BTCUSDT", str(101 + hours)), {"BTCUSDT"}, int(now[0].timestamp() * 1e6))
        assert isinstance(parsed, Kline)
        days.write_next({"BTCUSDT": parsed})
    names = [path.name for path in sorted((settings.parquet_path / folder_of_days("BTCUSDT")).iterdir())]
    assert names == [f"open-2026-11-20T{hour}.parquet" for hour in (10, 11, 12)]
