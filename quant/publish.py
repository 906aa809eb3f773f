"""The files of builds: the next one under a constant name, finished ones beside it, a symlink to the newest."""

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from quant.errors import BuildError
from quant.locks import exclusive
from quant.retention import FOR_EVER

log = logging.getLogger(__name__)

GRACE_SECONDS = 60.0  # a reader may have resolved the link just before it moved
RECORD = "build.json"
SHARDS = "shards.json"  # of a build that was split: whose files it reads, see quant.scale.manifest
APART = "."  # how the name of a folder begins that is being deleted
UNFINISHED = {"next", "aside"}  # folders of builds/ that are no finished build


@dataclass(frozen=True)
class BuildRecord:
    """build.json: what a build is, readable without opening its database."""

    build_id: str
    kind: str  # full | incremental
    fingerprint: str
    boundary: str  # ISO instant, see quant.boundary
    started_at: str
    tested_at: str | None  # when every data test last passed
    options_since: str = FOR_EVER.isoformat()  # ISO date, see quant.retention


@dataclass(frozen=True)
class Builds:
    """The folder data/duckdb: builds/next, builds/<build id>, market.duckdb -> the newest."""

    path: Path

    @property
    def next_path(self) -> Path:
        return self.path / "builds" / "next"

    @property
    def aside_path(self) -> Path:
        return self.path / "builds" / "aside"

    @property
    def link(self) -> Path:
        return self.path / "market.duckdb"

    def current(self) -> BuildRecord | None:
        """The published build; None before the first, or when its files are gone."""
        record = self.link.resolve().parent / RECORD
        if not (self.link.exists() and record.is_file()):
            return None
        return BuildRecord(**json.loads(record.read_text()))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Only one process builds at a time; a second one is told so at once."""
        with self._locked("build.lock", "another build is running on this data folder: wait for it to end"):
            yield

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Nobody builds, nor runs `quant dbt`, meanwhile. Raises BuildError, which says so, if somebody does."""
        with self.exclusive(), self._locked("aside.lock", "`quant dbt` is running on this data folder"):
            yield

    @contextmanager
    def copy_aside(self, boundary: datetime) -> Iterator[Path]:
        """A copy of the newest build to work on, deleted at the end; its build.json keeps its ticks meanwhile."""
        with self._locked("aside.lock", "another `quant dbt` is running on this data folder: wait for it to end"):
            now = datetime.now(UTC).isoformat()
            record = BuildRecord("aside", "aside", "", boundary.isoformat(), now, None)
            try:
                yield self._lay_out(self.aside_path, record, copy=self.link.exists())
            finally:
                shutil.rmtree(self.aside_path, ignore_errors=True)

    def prepare(self, record: BuildRecord) -> Path:
        """Empty builds/next but for a copy of the newest build if `record` is incremental. Returns its path."""
        return self._lay_out(self.next_path, record, copy=record.kind == "incremental")

    def publish(self, record: BuildRecord) -> None:
        """Name the finished build and move the link to it, atomically and durably; drop builds nobody can need."""
        _write_record(self.next_path, record)
        for file in self.next_path.iterdir():
            sync(file)
        sync(self.next_path)
        target = self.path / "builds" / record.build_id
        self.next_path.rename(target)
        sync(target.parent)
        staged = self.path / ".market.duckdb.next"
        staged.unlink(missing_ok=True)
        staged.symlink_to(Path("builds") / record.build_id / "market.duckdb")
        staged.replace(self.link)
        sync(self.path)
        try:
            self.prune()
        except OSError as error:
            log.warning("an old build could not be deleted, the next build tries again: %s", error)

    def prune(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Delete superseded builds that no process has open and that have been superseded for a while.

        What is to go is renamed first: a kill in the middle leaves no half build among the whole ones.
        """
        current = self.link.resolve().parent
        finished = self._finished()
        for build in [path for path in finished if not (path / RECORD).is_file() and path != current]:
            finished.remove(build)
            _set_apart(build)  # an older version of us was killed while it deleted it
        for build, successor in pairwise(finished):
            superseded = time.time() - (successor / RECORD).stat().st_mtime > grace_seconds
            if build != current and superseded and not is_open(build / "market.duckdb"):
                _set_apart(build)
        for apart in (self.path / "builds").glob(f"{APART}*"):
            shutil.rmtree(apart)
        self._drop_aside_of_the_dead()

    def _finished(self) -> list[Path]:
        """Folders of whole builds, oldest first."""
        folders = (self.path / "builds").iterdir()
        return sorted(path for path in folders if path.name not in UNFINISHED and not path.name.startswith(APART))

    def _lay_out(self, folder: Path, record: BuildRecord, *, copy: bool) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write_record(folder, record)
        if copy:
            newest = self.link.resolve()
            shutil.copyfile(newest, folder / "market.duckdb")
            if (shards := newest.with_name(SHARDS)).is_file():
                shutil.copyfile(shards, folder / SHARDS)
        return folder / "market.duckdb"

    def _drop_aside_of_the_dead(self) -> None:
        """A killed `quant dbt` leaves its copy, whose build.json would keep ticks in the tail for ever."""
        if not self.aside_path.exists():
            return
        try:
            with self._locked("aside.lock", "in use"):
                shutil.rmtree(self.aside_path, ignore_errors=True)
        except BuildError:
            return  # it lives

    def _locked(self, name: str, refusal: str) -> AbstractContextManager[None]:
        return exclusive(self.path / name, lambda owner: BuildError(refusal))


def new_build_id(now: datetime | None = None) -> str:
    """Sorts by time: 20261122T130501.123456Z."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"


def begun_at(build_id: str) -> datetime:
    """The instant that a build's id is made of."""
    return datetime.strptime(build_id, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def is_build(name: str) -> bool:
    """Whether it is the id of a build."""
    try:
        return bool(begun_at(name))
    except ValueError:
        return False


def is_open(database: Path) -> bool:
    """Whether any process has the database open: DuckDB readers hold a shared POSIX lock on it.

    Our own process is asked first: its locks do not stop us, and closing the file once more would drop them.
    """
    if not database.exists():
        return False
    if _is_open_here(database):
        return True
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def _is_open_here(database: Path) -> bool:
    descriptors = Path("/proc/self/fd")  # absent on macOS, where the scheduler keeps no reader open either
    if not descriptors.is_dir():
        return False
    wanted = database.resolve()
    return any(_target(entry) == str(wanted) for entry in descriptors.iterdir())


def _target(descriptor: Path) -> str | None:
    """The file that a descriptor of ours stands for; None if another thread has just closed it."""
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:
        return None


def _write_record(folder: Path, record: BuildRecord) -> None:
    """Whole at any instant: compaction reads it while we replace it."""
    staged = folder / f".{RECORD}.tmp"
    staged.write_text(json.dumps(asdict(record), indent=1) + "\n")
    staged.replace(folder / RECORD)


def _set_apart(build: Path) -> None:
    build.rename(build.with_name(APART + build.name))


def sync(path: Path) -> None:
    """On return a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
