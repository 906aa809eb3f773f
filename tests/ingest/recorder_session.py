"""One life of the recorder against a local exchange."""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

import pyarrow.parquet as pq

from ingest.binance import BinanceStream
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from ingest.world import World
from quant.settings import Settings
from tests.ingest.exchange import DEADLINE_SECONDS, Exchange, trade_frame, trade_row
from tests.ingest.market_time import SOURCE

START = int(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp() * 1000)


class Session:
    """One life of a recorder: what a test does to the exchange meanwhile runs in a thread of its own."""

    def __init__(self, settings: Settings, exchange: Exchange, urls: list[str] | None = None) -> None:
        lay_down_empty_files(settings.parquet_path)
        self.settings, self.exchange = settings, exchange
        self.urls = urls or [exchange.url.replace("http", "ws")]
        self.taken = self.last_taken = self.last_sent = 0
        self.trades, self.klines = (Run(settings.parquet_path, SOURCE, name) for name in ("trades", "klines"))

    def run(self, script: Callable[[], None], frames: int) -> None:
        """Stream until `frames` frames were taken in, then flush. `script` plays the exchange's part."""
        asyncio.run(asyncio.wait_for(self._run(script, lambda: self.taken >= frames), DEADLINE_SECONDS))

    def run_until_told(self, script: Callable[[], None]) -> None:
        """Stream until the trade that `script` calls `last_sent` was taken in, then flush."""
        asyncio.run(asyncio.wait_for(self._run(script, lambda: self.last_taken == self.last_sent), DEADLINE_SECONDS))

    async def _run(self, script: Callable[[], None], is_enough: Callable[[], bool]) -> None:
        rest = BinanceRest([self.exchange.url], self.trades.reject)
        recorder = Recorder(self.settings, self.trades, self.klines, rest)
        crypto = self.settings.crypto
        stream = BinanceStream(self.urls, crypto.symbols, crypto.silence_seconds, crypto.renew_seconds, World())
        all_taken = asyncio.Event()

        async def take(arrived: Sequence[bytes], at: int) -> bool:
            goes_on = await recorder.take_frames(arrived, at)
            self.taken += len(arrived)
            self.last_taken = max([self.last_taken, *map(_trade_id, arrived)])
            if is_enough():
                all_taken.set()
            return goes_on

        streaming = asyncio.ensure_future(stream.deliver(take))
        playing = asyncio.ensure_future(asyncio.to_thread(script))
        enough = asyncio.ensure_future(all_taken.wait())
        _stop_when_it_fails(playing, enough)
        await asyncio.wait({streaming, enough}, return_when=asyncio.FIRST_COMPLETED)
        await playing
        streaming.cancel()
        with suppress(asyncio.CancelledError):
            await streaming
        await recorder.close()
        await rest.close()
        self.trades.finish("ok")
        self.klines.finish("ok")

    def ledger(self, what: str) -> list[dict[str, object]]:
        files = (self.settings.parquet_path / "ledger" / what).rglob("*.parquet")
        return [row for path in sorted(files) for row in pq.ParquetFile(path).read().to_pylist()]


def _stop_when_it_fails(playing: "asyncio.Future[None]", waiting: "asyncio.Future[Literal[True]]") -> None:
    """A script that failed sends no more: nobody shall wait for it."""
    playing.add_done_callback(lambda done: waiting.cancel() if done.exception() else None)


def frames(*ids: int) -> list[bytes]:
    return [trade_frame("BTCUSDT", trade_row(trade_id, START + trade_id)) for trade_id in ids]


def rows(*ids: int) -> list[dict[str, object]]:
    return [trade_row(trade_id, START + trade_id) for trade_id in ids]


def _trade_id(frame: bytes) -> int:
    found = re.search(rb'"t": (\d+)', frame)
    return int(found[1]) if found else 0
