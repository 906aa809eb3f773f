"""The files of builds: the next one under a constant name, finished ones beside it, a symlink to the newest."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from quant.errors import BuildError

GRACE_SECONDS = 60.0  # a reader may have resolved the link just before it moved


@dataclass(frozen=True)
class BuildRecord:
    """build.json: what a build is, readable without opening its database."""

    build_id: str
    kind: str  # full | incremental
    fingerprint: str
    boundary: str  # ISO instant, see quant.boundary
    started_at: str
    tested_at: str | None  # when every data test last passed


@dataclass(frozen=True)
class Builds:
    """The folder data/duckdb: builds/next, builds/<build id>, market.duckdb -> the newest."""

    path: Path

    @property
    def next_path(self) -> Path:
        return self.path / "builds" / "next"

    @property
    def link(self) -> Path:
        return self.path / "market.duckdb"

    def current(self) -> BuildRecord | None:
        """The published build; None before the first, or when its files are gone."""
        record = self.link.resolve().parent / "build.json"
        if not (self.link.exists() and record.is_file()):
            return None
        return BuildRecord(**json.loads(record.read_text()))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Only one process builds at a time; a second one is told so at once."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "build.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BuildError("another build is running on this data folder: wait for it to end") from error
            yield

    def prepare(self, record: BuildRecord) -> Path:
        """Empty builds/next, with a copy of the newest build if `record` is incremental; returns the database path."""
        shutil.rmtree(self.next_path, ignore_errors=True)
        self.next_path.mkdir(parents=True)
        self._write_record(record)
        if record.kind == "incremental":
            shutil.copyfile(self.link.resolve(), self.next_path / "market.duckdb")
        return self.next_path / "market.duckdb"

    def publish(self, record: BuildRecord) -> None:
        """Name the finished build and move the link to it, atomically and durably; drop builds nobody can need."""
        self._write_record(record)
        _sync(self.next_path / "market.duckdb")
        target = self.path / "builds" / record.build_id
        self.next_path.rename(target)
        _sync(target.parent)
        staged = self.path / ".market.duckdb.next"
        staged.unlink(missing_ok=True)
        staged.symlink_to(Path("builds") / record.build_id / "market.duckdb")
        staged.replace(self.link)
        _sync(self.path)
        self.prune()

    def prune(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Delete superseded builds that no process has open and that have been superseded for a while."""
        finished = sorted(path for path in (self.path / "builds").iterdir() if path.name != "next")
        current = self.link.resolve().parent
        for build, successor in pairwise(finished):
            superseded = time.time() - (successor / "build.json").stat().st_mtime > grace_seconds
            if build != current and superseded and not _is_open(build / "market.duckdb"):
                shutil.rmtree(build)

    def _write_record(self, record: BuildRecord) -> None:
        (self.next_path / "build.json").write_text(json.dumps(asdict(record), indent=1) + "\n")


def new_build_id(now: datetime | None = None) -> str:
    """Sorts by time: 20261122T130501.123456Z."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"


def _is_open(database: Path) -> bool:
    """Whether another process has the database open: DuckDB readers hold a shared POSIX lock on it."""
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
