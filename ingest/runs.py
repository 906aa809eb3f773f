"""The ledger: which run wrote what, which gaps it met, which frames it could not read."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

import pyarrow as pa

from ingest.disk import LOCAL_DISK, Disk
from ingest.parquet import append_table, partition_path, write_table
from ingest.record import DEAD_LETTERS, GAPS, INGEST_RUNS, Dataset

Clock = Callable[[], datetime]
Status = Literal["running", "ok", "empty", "partial", "rate_limited", "failed"]
GapStatus = Literal["filled", "absent_upstream", "open"]

BEAT_AFTER = timedelta(minutes=5)
MANY_LETTERS, LETTERS_AFTER = 100, timedelta(seconds=5)  # a write each, so not one for every dead letter
MOST_WORDS = 300  # characters of a reason: the frame is beside it
BATCHES_PER_FILE = 64  # each is a group of few rows, which a reader minds less than a file


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Gap:
    """A range of trade ids that the stream did not bring, all of one fate; both ends included."""

    symbol: str
    first_trade_id: int
    last_trade_id: int
    status: GapStatus
    reason: str
    detected_at: datetime

    @property
    def count_filled(self) -> int:
        return self.last_trade_id - self.first_trade_id + 1 if self.status == "filled" else 0


def new_run_id(at: datetime, chance: int) -> str:
    """Sorts by time and is unique: 20261122T130501.123456Z-9f3ac1."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}-{chance:06x}"


@dataclass
class Run:
    """One run of one dataset. Its row is written by `save`, by `beat` now and then, and by `finish`.

    One file a day: the newest `updated_at` of a run counts, and a file rewritten for months would grow for months.
    """

    root: Path
    source: str
    dataset: str
    symbol: str | None = None
    clock: Clock = now
    disk: Disk = LOCAL_DISK
    random: Random = field(default_factory=Random)
    row_count: int = 0
    count_duplicates: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    count_dead_letters: int = 0

    def __post_init__(self) -> None:
        self.started_at = self.clock()
        self.run_id = new_run_id(self.started_at, self.random.getrandbits(24))
        self.bytes_held = 0  # of dead letters that are not on disk yet
        self._dead_letters: list[dict[str, object]] = []
        self._letters_at = datetime.min.replace(tzinfo=UTC)  # the first one does not wait
        self._batches = 0
        self._batch_at = self.started_at
        self._saved_at = self.started_at
        self._finished = False
        self._lock = threading.Lock()  # held while something is written
        self._letters_lock = threading.Lock()  # another one: whoever rejects a frame does not wait for the disk
        self.save()

    def save(self, status: Status = "running", message: str | None = None) -> None:
        """Rewrite this run's row, and write the dead letters that came since."""
        with self._lock:
            if self._finished:
                return
            self._write_dead_letters()
            updated_at = self.clock()
            self._write(INGEST_RUNS, [self._row(status, message, updated_at)], self.run_id, updated_at)
            self._saved_at = updated_at
            self._finished = status != "running"

    def beat(self) -> None:
        """`save` if there are dead letters to write, or if the row has not said for minutes that this run lives.

        Not more often: each time leaves a kilobyte of dead bytes in the day's file.
        """
        if self._dead_letters or self.clock() - self._saved_at >= BEAT_AFTER:
            self.save()

    def finish(self, status: Status, message: str | None = None) -> None:
        """The run's last word; a second one is ignored."""
        self.save(status, message)

    def record_gaps(self, gaps: Sequence[Gap]) -> None:
        """Write one batch to the ledger: ranges that together are one, without overlap.

        The newest batch that covers an id says what became of it. Ranges that are not to be had go to the ledger
        before the trades beyond them go to disk, filled ones after their trades: then a crash leaves no hole untold.
        """
        if not gaps:
            return
        with self._lock:
            at = self._batch_at = max(self.clock(), self._batch_at + timedelta(microseconds=1))
            rows = [{**vars(gap), "count_filled": gap.count_filled, **self._origin(at)} for gap in gaps]
            self._add(GAPS, rows, at)

    def reject(self, frame: bytes, reason: str, fetched_at: datetime) -> None:
        """Keep a frame that could not be read, with the reason; `save_dead_letters` brings it to disk."""
        letter = {"dataset": self.dataset, "frame": frame, "reason": reason[:MOST_WORDS], **self._origin(fetched_at)}
        with self._letters_lock:
            self.count_dead_letters += 1
            self.bytes_held += len(frame) + len(reason)
            self._dead_letters.append(letter)

    def save_dead_letters(self) -> None:
        """Write what was rejected since, if it is much or has waited long; nothing is forgotten when that fails."""
        with self._lock:
            if len(self._dead_letters) >= MANY_LETTERS or self.clock() - self._letters_at >= LETTERS_AFTER:
                self._write_dead_letters()

    def _write_dead_letters(self) -> None:
        with self._letters_lock:
            letters, held = list(self._dead_letters), self.bytes_held
        if letters:
            self._add(DEAD_LETTERS, letters, self.clock())
            with self._letters_lock:
                del self._dead_letters[: len(letters)]
                self.bytes_held -= held
            self._letters_at = self.clock()

    def _add(self, dataset: Dataset, rows: Sequence[dict[str, object]], at: datetime) -> None:
        """A batch more: many go into one file, or a connection that flaps would leave thousands of small ones."""
        path = self._path(dataset, f"{self.run_id}-{self._batches // BATCHES_PER_FILE:06d}", at)
        store = append_table if self.disk.is_file(path) else write_table
        store(pa.Table.from_pylist(list(rows), dataset.schema), path, self.disk)
        self._batches += 1

    def _write(self, dataset: Dataset, rows: Sequence[dict[str, object]], name: str, at: datetime) -> None:
        write_table(pa.Table.from_pylist(list(rows), dataset.schema), self._path(dataset, name, at), self.disk)

    def _path(self, dataset: Dataset, name: str, at: datetime) -> Path:
        return partition_path(self.root, dataset, {"date": f"{at:%Y-%m-%d}"}) / f"{name}.parquet"

    def _origin(self, fetched_at: datetime) -> dict[str, object]:
        return {"source": self.source, "fetched_at": fetched_at, "ingest_run_id": self.run_id}

    def _row(self, status: Status, message: str | None, updated_at: datetime) -> dict[str, object]:
        return {
            "ingest_run_id": self.run_id,
            "source": self.source,
            "dataset": self.dataset,
            "symbol": self.symbol,
            "status": status,
            "row_count": self.row_count,
            "count_duplicates": self.count_duplicates,
            "count_ignored": sum(list(self.ignored.values())),  # the recorder counts on while we write
            "count_dead_letters": self.count_dead_letters,
            "message": message,
            "started_at": self.started_at,
            "updated_at": updated_at,
            "finished_at": None if status == "running" else updated_at,
        }
