"""Trades of an archive on their way to disk: each id once, and the ledger told of what the archive lacks or brings."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingest.archive_file import Archive
from ingest.errors import BusyError
from ingest.gap_ledger import fates
from ingest.id_ranges import IdRanges, distinct, ranges_of
from ingest.insertion import MICROSECONDS_PER_HOUR, WAIT_SECONDS, insert_now
from ingest.parquet import Integers
from ingest.runs import Gap, GapStatus, Run
from ingest.stored_trades import ids_on_disk, newest_stored

ROWS_PER_INSERT = 250_000  # an hour of a busy symbol, and some 40 MB of memory
BREATH_SECONDS = 0.02  # between two inserts, so that a compaction finds its way in


class ArchiveTrades:
    """Takes rows of one archive in the order of the file, and puts them on disk some hundred thousand at a time."""

    def __init__(self, archive: Archive, run: Run, is_recorded: bool, lock: Path) -> None:
        self._archive, self._run, self._lock = archive, run, lock
        self._is_recorded = is_recorded  # the recorder's own symbol: what lies beyond its newest trade is its business
        self._pending: list[pa.Table] = []
        self._seen = IdRanges()
        self._told: list[Gap] = fates(run.root, run.source, archive.symbol, run.disk)
        self._held = ExitStack()
        self._holds_lock = False
        self.count_absent = 0

    def __enter__(self) -> "ArchiveTrades":
        return self

    def __exit__(self, *problem: object) -> None:
        self._held.close()

    def take(self, rows: pa.Table) -> None:
        """Durable once an hour is complete, or after `finish`."""
        self._pending.append(rows)
        if sum(table.num_rows for table in self._pending) < ROWS_PER_INSERT:
            return
        pending = pa.concat_tables(self._pending)
        hours = pc.cast(pending["ts"], pa.int64()).to_numpy() // MICROSECONDS_PER_HOUR
        goes_on = pa.array(hours == hours.max())  # an hour in one file reads faster than in two
        rest = pending.filter(goes_on)
        if rest.num_rows < ROWS_PER_INSERT:
            self._pending = [rest]
            self._insert(pending.filter(pc.invert(goes_on)))
        else:
            self.finish()

    def finish(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            self._insert(pa.concat_tables(pending))

    def _insert(self, rows: pa.Table) -> None:
        """What is missing is told before the trades beyond it are there, what is found after that."""
        if not rows.num_rows:
            return
        ids: Integers = distinct(rows["trade_id"].to_numpy())
        if self._is_recorded and not self._holds_lock:
            self._go_beyond_the_recorder(ids)
        self._tell_absent(ids)
        written = self._insert_soon(rows)
        self._run.row_count += written
        self._run.count_duplicates += rows.num_rows - written
        self._tell_filled(ids)

    def _insert_soon(self, rows: pa.Table) -> int:
        while True:
            try:
                return insert_now(self._run.root, rows, self._run.disk)
            except BusyError:
                time.sleep(WAIT_SECONDS)
            finally:
                time.sleep(BREATH_SECONDS)

    def _go_beyond_the_recorder(self, ids: Integers) -> None:
        """Ids beyond the newest that is stored would be fetched by the recorder as well: they need it to be away.

        What then lies between the record and the archive is open: the record goes on from its newest id.
        """
        root, symbol = self._run.root, self._archive.symbol
        if int(ids[-1]) <= (newest_stored(root, symbol, self._run.source, self._run.disk) or -1):
            return
        refusal = BusyError(
            f"{self._archive.name} holds newer trades than are stored of {symbol}, and the recorder runs: "
            "it fetches them itself; wait until it has caught up, or stop it"
        )
        self._held.enter_context(self._run.disk.sole(self._lock, refusal))
        self._holds_lock = True
        newest = newest_stored(root, symbol, self._run.source, self._run.disk)
        if newest is not None:
            known = _ids_of(self._told)
            reason = f"not stored when {self._archive.name} was"
            self._tell(known.lacking(range(newest + 1, int(ids[0]))), "open", reason)

    def _tell_absent(self, ids: Integers) -> None:
        """Of the ids that the archive leaves out: those that are neither on disk nor known to be absent."""
        reached = self._seen.joined_with(range(int(ids[0]), int(ids[-1]) + 1))
        for part in ranges_of(ids):
            self._seen.add(part)
        holes = self._seen.lacking(reached)
        if not holes:
            return
        known = _ids_of([gap for gap in self._told if gap.status == "absent_upstream"])
        run, span = self._run, range(holes[0].start, holes[-1].stop)
        stored = ids_on_disk(run.root, self._archive.symbol, run.source, span, run.disk, self._archive.end)
        for part in ranges_of(stored):
            known.add(part)
        absent = [part for hole in holes for part in known.lacking(hole)]
        self._tell(absent, "absent_upstream", f"{self._archive.name} does not have them")
        self.count_absent += sum(len(part) for part in absent)

    def _tell_filled(self, ids: Integers) -> None:
        """Of the ids that were missed: those that the archive has brought."""
        missed = _ids_of([gap for gap in self._told if gap.status != "filled"])
        brought = [part for each in ranges_of(ids) for part in missed.within(each)] if missed.parts else []
        self._tell(brought, "filled", f"{self._archive.name} has them")

    def _tell(self, parts: Sequence[range], status: GapStatus, reason: str) -> None:
        run, symbol = self._run, self._archive.symbol
        for part in parts:
            met_at = next((gap.detected_at for gap in self._told if _covers(gap, part[0])), run.clock())
            run.record_gaps([Gap(symbol, part[0], part[-1], status, reason, met_at)])
        if parts:
            self._told = fates(run.root, run.source, symbol, run.disk)


def _ids_of(gaps: Sequence[Gap]) -> IdRanges:
    ids = IdRanges()
    for gap in gaps:
        ids.add(range(gap.first_trade_id, gap.last_trade_id + 1))
    return ids


def _covers(gap: Gap, trade_id: int) -> bool:
    return gap.first_trade_id <= trade_id <= gap.last_trade_id
