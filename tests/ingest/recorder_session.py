"""One life of the recorder against a local exchange."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow.parquet as pq

from ingest.binance import BinanceStream
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
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
        self.trades, self.klines = (Run(settings.parquet_path, SOURCE, name) for name in ("trades", "klines"))

    def run(self, script: Callable[[], None], frames: int) -> None:
        """Stream until `frames` frames were taken in, then flush. `script` plays the exchange's part."""
        asyncio.run(asyncio.wait_for(self._run(script, frames), DEADLINE_SECONDS))

    async def _run(self, script: Callable[[], None], frames: int) -> None:
        rest = BinanceRest([self.exchange.url], self.trades.reject)
        recorder = Recorder(self.settings, self.trades, self.klines, rest)
        stream = BinanceStream(self.urls, self.settings.crypto.symbols, self.settings.crypto.silence_seconds)
        enough = asyncio.Event()
        taken = 0

        async def take(frame: bytes, fetched_at: int) -> bool:
            nonlocal taken
            goes_on = await recorder.take_frame(frame, fetched_at)
            taken += 1
            if taken == frames:
                enough.set()
            return goes_on

        streaming = asyncio.ensure_future(stream.deliver(take))
        playing = asyncio.ensure_future(asyncio.to_thread(script))
        await asyncio.wait({streaming, asyncio.ensure_future(enough.wait())}, return_when=asyncio.FIRST_COMPLETED)
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


def frames(*ids: int) -> list[bytes]:
    return [trade_frame("BTCUSDT", trade_row(trade_id, START + trade_id)) for trade_id in ids]


def rows(*ids: int) -> list[dict[str, object]]:
    return [trade_row(trade_id, START + trade_id) for trade_id in ids]
