"""The exchange's own bars on disk: closed ones from the stream, history and what the stream missed from REST."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from ingest.binance_record import INTERVAL_MICROSECONDS, Kline, klines_table
from ingest.binance_rest import BinanceRest
from ingest.growing_file import GrowingFiles
from ingest.parquet import append_table, greatest, partition_path, write_table
from ingest.record import KLINES
from ingest.runs import Run

ASKED_FROM = b"asked_from"  # file metadata: where the pull began, in microseconds
Series = tuple[str, str]  # symbol, interval


class StreamKlines:
    """Closed bars as the stream brings them: `stream-2026-11-22T07.parquet`, one per symbol and hour of the bars."""

    def __init__(self, run: Run, symbols: int) -> None:
        self._run = run
        self._files = GrowingFiles("ts", held=max(symbols, 1))

    def write(self, bars: Sequence[Kline]) -> int:
        """Put `bars` on disk; durable on return. Returns how many were not there yet."""
        written = 0
        for bar in bars:
            hour = datetime.fromtimestamp(bar.ts / 1e6, UTC)
            path = _folder(self._run, (bar.symbol, bar.interval)) / f"stream-{hour:%Y-%m-%dT%H}.parquet"
            rows = klines_table([bar], self._run.source, self._run.run_id)
            written += self._files.add(path, rows)
        return written


@dataclass
class KlineHistory:
    """Pulls from where the last pull of any run ended. One file per series, run and day: `history-<run id>-<day>`.

    A bar that was open when it was pulled is there twice afterwards: the newest `fetched_at` counts.
    """

    run: Run
    rest: BinanceRest
    days: dict[str, int]
    _day: str = ""
    _today: dict[Series, set[int]] = field(default_factory=dict)

    async def pull(self, symbols: Sequence[str]) -> None:
        """Fetch and store what is missing up to now. Raises SourceError; what was stored before stays."""
        day = f"{self.run.clock():%Y-%m-%d}"
        if day != self._day:
            self._day, self._today = day, {}
        for interval, days in self.days.items():
            for symbol in symbols:
                await self._pull_series((symbol, interval), days)

    async def _pull_series(self, series: Series, days: int) -> None:
        wanted = self.run.clock() - timedelta(days=days)
        step = INTERVAL_MICROSECONDS[series[1]]
        begin = int(wanted.timestamp()) * 1_000_000 // step * step
        bars = await self.rest.klines(*series, resume_at(_folder(self.run, series), begin))
        if not bars:
            return
        known = self._today.setdefault(series, set())
        self.run.row_count += sum(bar.ts not in known for bar in bars)
        known.update(bar.ts for bar in bars)
        table = klines_table(bars, self.run.source, self.run.run_id)
        marked = table.replace_schema_metadata({ASKED_FROM: str(begin).encode()})
        path = _folder(self.run, series) / f"history-{self.run.run_id}-{self._day}.parquet"
        await asyncio.to_thread(append_table if path.is_file() else write_table, marked, path)


def resume_at(folder: Path, begin: int) -> int:
    """Where a pull starts: at the newest bar of earlier pulls (it was open then), or at `begin` if they began later."""
    files = sorted(folder.glob("history-*.parquet"))
    asked = [int((pq.read_schema(path).metadata or {}).get(ASKED_FROM, begin)) for path in files]
    if not files or min(asked) > begin:
        return begin
    newest = [value for path in files if (value := greatest(path, "ts")) is not None]
    return max([begin, *newest])


def _folder(run: Run, series: Series) -> Path:
    keys = {"symbol": series[0], "source": run.source, "interval": series[1]}
    return partition_path(run.root, KLINES, keys)
