"""Reading: the newest published build, opened read-only, never blocked and never half a build."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from quant.errors import NoBuildError, QuantError
from quant.publish import SHARDS
from quant.settings import PROJECT_PATH, Settings
from udfs import register

# DuckDB would rather have `sql()`, which saves a copy of the rows but binds the statement twice: a third of a live one.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
Parameters = Mapping[str, object]
Rows = list[dict[str, Any]]
MOST_REMEMBERED = 2000  # answers; a symbol's takes a kilobyte


def open_build(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to one build file: UTC, live views find their Parquet, UDFs are there."""
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set global file_search_path = '{}'".format(str(PROJECT_PATH).replace("'", "''")))
    register(connection)
    join_shards(connection, path)
    return connection


def join_shards(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Let relations be read whose rows are shards in an object store; folders are read as they are."""
    if path.with_name(SHARDS).is_file():
        from quant.scale.manifest import read_manifest
        from quant.scale.store import Store

        manifest = read_manifest(path.parent)
        if manifest is not None and Store(manifest.root).is_remote:
            Store(manifest.root).join(connection)


def nothing_built(settings: Settings) -> str:
    """What to do where no build is: one sentence that knows demo from live."""
    if settings.demo:
        return f"no demo build yet at {settings.market_path}: run `quant up --demo` and wait until it is healthy"
    demo = settings.root / "demo" / "duckdb" / "market.duckdb"
    hint = "; there is a demo build: add --demo, or set QUANT_DEMO=true" if demo.exists() else ""
    return f"nothing is built yet at {settings.market_path}: run `quant up`, or `quant build` on stored data{hint}"


@dataclass(frozen=True)
class Reading:
    """One build for as long as one answer takes: all its queries see it, whatever is published meanwhile."""

    build_id: str
    cursor: duckdb.DuckDBPyConnection
    memory: dict[object, Rows] = field(default_factory=dict)  # shared by all that read this build

    def query(self, sql: str, parameters: Parameters | None = None) -> pa.Table:
        """The answer of one select, whole; parameters are bound by name ($symbol)."""
        table: pa.Table = self.cursor.execute(sql, dict(parameters or {})).to_arrow_table()
        return table

    def recall(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """The same rows, asked once per build: of stored relations alone, whose rows no build ever changes.

        What found no row is asked again, so that made-up symbols take no memory.
        """
        key = (sql, tuple(sorted((parameters or {}).items())))
        known = self.memory.get(key)
        if known is None:
            known = self.rows(sql, parameters)
            if len(self.memory) >= MOST_REMEMBERED:
                self.memory.clear()
            if known:
                self.memory[key] = known
        return [dict(row) for row in known]

    def rows(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """The same as a list of records; instants are aware datetimes, missing values None."""
        cursor = self.cursor.execute(sql, dict(parameters or {}))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass(frozen=True)
class OpenBuild:
    path: Path
    connection: duckdb.DuckDBPyConnection
    memory: dict[object, Rows] = field(default_factory=dict)  # its own: readings of the build before keep theirs

    @property
    def build_id(self) -> str:
        return self.path.parent.name


class Warehouse:
    """Moves on to a newer build whenever the link points at one; keeps the old one if that fails.

    DuckDB caches a database by its path, so each build has a path of its own and the link is resolved before opening.
    """

    def __init__(self, settings: Settings) -> None:
        self._link = settings.market_path
        self._missing = nothing_built(settings)
        self._limits = settings.reader
        self._opening = threading.Lock()
        self._build: OpenBuild | None = None
        self.problem: str | None = None

    @property
    def build_id(self) -> str | None:
        """The id of the build that answers now; None before the first."""
        return self._build.build_id if self._build else None

    def newest_id(self) -> str | None:
        """The id of the build that answers, if none is newer: a look at a link, nothing is opened."""
        return self.build_id if self._is_current() else None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of the newest build; it stays valid after a publish, close it when done."""
        return self._read().cursor

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """The newest build, for several queries that belong together; raises NoBuildError before the first build."""
        reading = self._read()
        try:
            yield reading
        finally:
            reading.cursor.close()

    def query(self, sql: str, parameters: Parameters | None = None) -> pa.Table:
        """The answer of one select, whole; parameters are bound by name ($symbol)."""
        with self.reading() as reading:
            return reading.query(sql, parameters)

    def close(self) -> None:
        """Let the build go; cursors that are still open end by themselves."""
        with self._opening:
            self._build = None

    def _read(self) -> Reading:
        self._follow_link()
        build = self._build
        if build is None:
            raise NoBuildError(self.problem or self._missing)
        return Reading(build.build_id, build.connection.cursor(), build.memory)

    def _follow_link(self) -> None:
        """Whoever first sees a newer build opens it, a tenth of a second; the others read the old one meanwhile."""
        if self._is_current() or not self._opening.acquire(blocking=self._build is None):
            return
        try:
            if not self._is_current():
                self._open(self._link.resolve())
        finally:
            self._opening.release()

    def _is_current(self) -> bool:
        """Also where the link is gone: what was open answers on."""
        target = self._link.resolve() if self._link.is_symlink() else None
        if target is None:
            return True
        is_open = self._build is not None and target == self._build.path
        if is_open:
            self.problem = None
        return is_open

    def _open(self, target: Path) -> None:
        try:
            connection = open_build(target)
            connection.execute(f"set global threads = {self._limits.threads}")
            connection.execute(f"set global memory_limit = '{self._limits.memory}'")
        except (duckdb.Error, QuantError) as error:
            kept = f", answers come from {self.build_id}" if self._build else ""
            self.problem = f"build {target.parent.name} cannot be opened{kept}: {error}"
            return
        # The old connection is only let go, not closed: closing it would end its running cursors.
        self._build, self.problem = OpenBuild(target, connection), None
