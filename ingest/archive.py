"""`ingest archive FILE...`: the exchange's public archives, taken in while all else runs; again changes nothing."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from rich.console import Console

from ingest.archive_bars import store_bars
from ingest.archive_file import Archive, ArchiveError, archive_named, chunks, refuse_damaged, verify
from ingest.archive_rows import Rejected, Stamp, read_bars, read_trades
from ingest.archive_trades import ArchiveTrades
from ingest.disk import LOCAL_DISK
from ingest.errors import BusyError
from ingest.parquet import partition_path, write_table
from ingest.record import DEAD_LETTERS
from ingest.runs import Run
from quant.progress import Progress
from quant.settings import Settings

STOPPED = "stopped before the end: call it again"
BUSY = "another process takes in archives on this data folder: wait for it to end"


@dataclass
class Import:
    """One archive on its way to disk."""

    archive: Archive
    run: Run
    line: Progress
    count_rows: int = 0
    count_absent: int = 0

    def take_trades(self, is_recorded: bool) -> None:
        run = self.run
        with ArchiveTrades(self.archive, run, is_recorded, run.root / "trades" / "recorder.lock") as trades:
            for number, lines in enumerate(chunks(self.archive)):
                rows, rejected = read_trades(lines, self.archive, self._stamp())
                trades.take(rows)
                self._count(number, rows.num_rows, rejected)
            trades.finish()
        self.count_absent = trades.count_absent

    def take_bars(self) -> None:
        for number, lines in enumerate(chunks(self.archive)):
            bars, rejected = read_bars(lines, self.archive, self._stamp())
            written = store_bars(self.archive, bars, self.run)
            self.run.row_count += written
            self.run.count_duplicates += len(bars) - written
            self._count(number, len(bars), rejected)

    def summary(self, is_verified: bool, seconds: float) -> str:
        run = self.run
        parts = [
            f"{self.count_rows:,} rows",
            f"{run.row_count:,} new",
            f"{run.count_duplicates:,} stored before",
            f"{run.count_dead_letters:,} impossible" if run.count_dead_letters else "",
            f"{self.count_absent:,} ids left out" if self.count_absent else "",
            "sum verified" if is_verified else "no .CHECKSUM beside it",
        ]
        return f"{self.archive.name}: {', '.join(part for part in parts if part)}; {seconds:.1f} s"

    def _stamp(self) -> Stamp:
        return Stamp(self.run.source, self.run.run_id, int(self.run.clock().timestamp() * 1_000_000))

    def _count(self, number: int, count: int, rejected: Sequence[Rejected]) -> None:
        self.count_rows += count + len(rejected)
        self.line.say(f"{self.archive.name}: {self.count_rows:,} rows")
        if rejected:
            self.run.count_dead_letters += len(rejected)
            self._keep(number, rejected)
        self.run.beat()

    def _keep(self, number: int, rejected: Sequence[Rejected]) -> None:
        """Dead letters of one part of a file lie under a name of its own: taken in again, they replace themselves."""
        run, archive = self.run, self.archive
        fixed = {"dataset": archive.kind, "source": run.source, "fetched_at": run.clock(), "ingest_run_id": run.run_id}
        rows = [{**fixed, "frame": line, "reason": f"{archive.name}: {reason}"} for line, reason in rejected]
        folder = partition_path(run.root, DEAD_LETTERS, {"date": f"{archive.begin:%Y-%m-%d}"})
        path = folder / f"archive-{archive.path.stem}-{number:06d}.parquet"
        write_table(pa.Table.from_pylist(rows, DEAD_LETTERS.schema), path, run.disk)


def import_archives(settings: Settings, files: Sequence[Path]) -> int:
    """Take in each file and print what came of it. Returns the exit code: 1 when one was refused; the others are in.

    Raises BusyError while another process does this.
    """
    count_refused = 0
    with LOCAL_DISK.sole(settings.parquet_path / "trades" / "archive.lock", BusyError(BUSY)):
        for path in files:
            try:
                print(_take_in(settings, path), flush=True)
            except (ArchiveError, BusyError) as error:
                count_refused += 1
                print(f"ingest archive: {error}", file=sys.stderr, flush=True)
    return 1 if count_refused else 0


def _take_in(settings: Settings, path: Path) -> str:
    """Returns the summary; raises ArchiveError or BusyError, and what came before that stays."""
    started = time.monotonic()
    archive = archive_named(path)
    if not (is_verified := verify(path)):
        refuse_damaged(archive)
    run = Run(settings.parquet_path, settings.crypto_source, "archive", archive.symbol)
    try:
        with Progress(Console(stderr=True), archive.name) as line:
            work = Import(archive, run, line)
            if archive.interval:
                work.take_bars()
            else:
                work.take_trades(archive.symbol in settings.crypto.symbols)
    except BaseException as error:
        reason = str(error) if isinstance(error, Exception) else STOPPED
        run.finish("partial" if run.row_count else "failed", f"{archive.name}: {reason}")
        raise
    summary = work.summary(is_verified, time.monotonic() - started)
    run.finish("ok" if work.count_rows else "empty", summary)
    return summary
