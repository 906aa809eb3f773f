"""The exchange's own bars on disk: closed ones from the stream, history and what the stream missed from REST."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.binance_record import INTERVAL_MICROSECONDS, Kline, klines_table
from ingest.binance_rest import BinanceRest
from ingest.disk import LOCAL_DISK, Disk
from ingest.errors import RateLimitedError, SourceError
from ingest.growing_file import GrowingFiles
from ingest.parquet import append_table, greatest, partition_path, read_schema, write_table
from ingest.record import KLINES
from ingest.runs import Run

ASKED_FROM = b"asked_from"  # file metadata: where the pull began, in microseconds
Series = tuple[str, str]  # symbol, interval


class StreamKlines:
    """Closed bars as the stream brings them: `stream-2026-11-22T07.parquet`, one per symbol and hour of the bars."""

    def __init__(self, run: Run, symbols: int) -> None:
        self._run = run
        self._files = GrowingFiles("ts", max(symbols, 1), run.disk)

    def write(self, bars: Sequence[Kline]) -> int:
        """Put `bars` on disk; durable on return. Returns how many were not there yet."""
        written = 0
        for bar in bars:
            hour = datetime.fromtimestamp(bar.ts / 1e6, UTC)
            path = folder_of(self._run, (bar.symbol, bar.interval)) / f"stream-{hour:%Y-%m-%dT%H}.parquet"
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
    _newest: dict[Series, int] = field(default_factory=dict)  # start of the newest bar that is stored

    async def pull(self, symbols: Sequence[str]) -> None:
        """Fetch and store what is missing up to now: a series that fails stops no other.

        Raises one SourceError that names all failures; a rate limit ends the pull at once.
        """
        day = f"{self.run.clock():%Y-%m-%d}"
        if day != self._day:
            self._day, self._today = day, {}
        failures: list[str] = []
        for series in [(symbol, interval) for interval in self.days for symbol in symbols]:
            try:
                await self._pull_series(series, self.days[series[1]])
            except RateLimitedError:
                raise
            except SourceError as error:
                failures.append(f"{' '.join(series)}: {error}")
        if failures:
            raise SourceError("; ".join(failures))

    async def _pull_series(self, series: Series, days: int) -> None:
        wanted = self.run.clock() - timedelta(days=days)
        step = INTERVAL_MICROSECONDS[series[1]]
        begin = int(wanted.timestamp()) * 1_000_000 // step * step
        bars = await self.rest.klines(*series, await self._resume_at(series, begin))
        if not bars:
            return
        known = self._today.setdefault(series, set())
        self.run.row_count += sum(bar.ts not in known for bar in bars)
        known.update(bar.ts for bar in bars)
        table = klines_table(bars, self.run.source, self.run.run_id)
        marked = table.replace_schema_metadata({ASKED_FROM: str(begin).encode()})
        path = folder_of(self.run, series) / f"history-{self.run.run_id}-{self._day}.parquet"
        store = append_table if self.run.disk.is_file(path) else write_table
        await asyncio.to_thread(store, marked, path, self.run.disk)
        self._newest[series] = bars[-1].ts

    async def _resume_at(self, series: Series, begin: int) -> int:
        """The disk is asked once: months of history are hundreds of files."""
        if series not in self._newest:
            self._newest[series] = await asyncio.to_thread(resume_at, folder_of(self.run, series), begin, self.run.disk)
        return max(begin, self._newest[series])


def resume_at(folder: Path, begin: int, disk: Disk = LOCAL_DISK) -> int:
    """Where a pull starts: at the newest bar of earlier pulls (it was open then), or at `begin` if they began later."""
    files = disk.files(folder, "history-*.parquet")
    asked = [int((read_schema(path, disk).metadata or {}).get(ASKED_FROM, begin)) for path in files]
    if not files or min(asked) > begin:
        return begin
    newest = [value for path in files if (value := greatest(path, "ts", disk)) is not None]
    return max([begin, *newest])


def folder_of(run: Run, series: Series) -> Path:
    """Where the exchange's own bars of a series lie."""
    keys = {"symbol": series[0], "source": run.source, "interval": series[1]}
    return partition_path(run.root, KLINES, keys)
