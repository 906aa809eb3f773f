"""What is filled into hours that are compacted already is seen at once; a cancelled flush is waited for."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa
import pytest

from ingest.binance_rest import BinanceRest
from ingest.compaction import compact
from ingest.crypto import Recorder
from ingest.errors import BusyError
from ingest.late_rows import LateRows
from ingest.parquet import lay_down_empty_files
from ingest.pending import Pending, Writer
from ingest.runs import Run
from ingest.tail import Tail
from quant.boundary import read_boundary
from quant.locks import exclusive
from quant.settings import Settings
from tests.ingest.exchange import Exchange, trade_frame
from tests.ingest.market_time import SOURCE, at, files_below, seen, trade
from tests.ingest.recorder_session import START, Session, frames, rows

NOON = START + 3 * 3_600_000  # milliseconds; START is 9:00


def clock(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def _send(exchange: Exchange, streams: int, sent: Sequence[bytes]) -> None:
    exchange.wait_for_streams(streams)
    exchange.send(sent)


def test_hole_of_a_compacted_hour_is_seen_as_soon_as_it_is_filled(settings: Settings, exchange: Exchange) -> None:
    root = settings.parquet_path
    exchange.trades["BTCUSDT"] = rows(*range(1, 40))
    first = Session(settings, exchange)
    first.run(partial(_send, exchange, 1, frames(1, 2, 3)), 3)
    compact(settings, clock(datetime.fromtimestamp(NOON / 1000, UTC)))  # the recorder is down meanwhile
    boundary = read_boundary(root)
    assert boundary == at(11)
    second = Session(settings, exchange)
    at_noon = {"id": 40, "price": "1", "qty": "1", "time": NOON, "isBuyerMaker": True}
    second.run(partial(_send, exchange, 2, [trade_frame("BTCUSDT", at_noon)]), 1)
    assert [gap["status"] for gap in second.ledger("gaps")] == ["filled"]
    assert seen(root, boundary) == list(range(1, 41))
    closed = [path for path in files_below(root / "trades" / "closed") if "09-" in path]
    assert len(closed) == 1, closed  # one file for the whole fill
    compact(settings, clock(datetime.fromtimestamp(NOON / 1000, UTC)))
    assert seen(root, boundary) == list(range(1, 41))


def test_running_compaction_is_not_disturbed_and_the_hour_is_closed_after_it(settings: Settings) -> None:
    root = settings.parquet_path
    lay_down_empty_files(root)
    compact(settings, clock(at(11, 30)))
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(1, at(9, 10))])

    async def close_twice() -> list[list[int]]:
        late, found = LateRows(root), []
        late.add({at(9)})
        with exclusive(root / "trades" / "compaction.lock", lambda owner: BusyError("busy")):
            await late.settle()
            found.append(seen(root, at(11)))
        await late.settle()
        return [*found, seen(root, at(11))]

    assert asyncio.run(close_twice()) == [[], [1]]


def test_row_that_a_compaction_has_just_passed_is_seen_as_soon_as_it_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, now = settings.parquet_path, clock(at(10, 3))
    lay_down_empty_files(root)
    trades, klines = (Run(root, SOURCE, name, clock=now) for name in ("trades", "klines"))
    writer, write = Writer(trades, klines, symbols=1), Tail.write_minute

    def compact_first(tail: Tail, minute: int, symbol: str, rows: pa.Table) -> int:
        compact(settings, now)  # after the writer's look at the boundary
        return write(tail, minute, symbol, rows)

    monkeypatch.setattr(Tail, "write_minute", compact_first)
    writer.write(Pending(trades=[trade(1, at(9, 59))]))
    assert (read_boundary(root), seen(root, at(10))) == (at(10), [])
    asyncio.run(writer.late_rows.settle())
    assert seen(root, at(10)) == [1]


class SlowWrites:
    """Tail.write_minute, but slow, and with a count of how many ran together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began = threading.Event()
        self.running = self.most = 0
        self._write = Tail.write_minute
        monkeypatch.setattr(Tail, "write_minute", lambda tail, *minute: self._slowly(tail, *minute))

    def _slowly(self, tail: Tail, minute: int, symbol: str, rows: pa.Table) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        self.began.set()
        time.sleep(0.1)  # long enough for a second flush to come in between
        written = self._write(tail, minute, symbol, rows)
        self.running -= 1
        return written


def test_cancelled_flush_keeps_others_out_until_its_thread_has_ended(
    settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down_empty_files(settings.parquet_path)
    trades, klines = (Run(settings.parquet_path, SOURCE, name) for name in ("trades", "klines"))
    writes = SlowWrites(monkeypatch)

    async def run() -> None:
        recorder = Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))
        await recorder.take_frames(frames(1), START * 1000)
        first = asyncio.ensure_future(recorder.flush())
        await asyncio.to_thread(writes.began.wait)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await recorder.take_frames(frames(2), START * 1000)
        await recorder.close()

    asyncio.run(run())
    assert writes.most == 1
    assert seen(settings.parquet_path, read_boundary(settings.parquet_path)) == [1, 2]
    assert trades.row_count == 2
