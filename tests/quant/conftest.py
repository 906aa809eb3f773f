"""Builds of one table, made by hand: what publishing and reading need of a build, without dbt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from quant.publish import BuildRecord, Builds, new_build_id
from quant.settings import Settings

EPOCH = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class TinyBuilds:
    """Publishes builds: serving.answer holds one value a thousand times, serving.doubled is a view over a macro."""

    builds: Builds

    def record(self, kind: str = "full") -> BuildRecord:
        return BuildRecord(new_build_id(), kind, "print", EPOCH, "2026-01-01T00:00:00+00:00", None)

    def fill(self, database: Path, value: int) -> None:
        with duckdb.connect(str(database), config={"storage_compatibility_version": "v1.4.0"}) as connection:
            connection.execute("create schema serving; create schema meta")
            connection.execute(f"create table serving.answer as select {value} as value from range(1000)")
            connection.execute("create macro twice(x) as 2 * x")
            connection.execute("create view serving.doubled as select twice(value) as value from serving.answer")

    def publish(self, value: int) -> BuildRecord:
        record = self.record()
        with self.builds.exclusive():
            self.fill(self.builds.prepare(record), value)
            self.builds.publish(record)
        return record

    def replace_by_newest_storage(self, database: Path) -> None:
        """As a build would be without the storage version of profiles.yml."""
        database.unlink()
        with duckdb.connect(str(database), config={"storage_compatibility_version": "latest"}) as connection:
            connection.execute("create table answer as select 1 as value")

    def published_value(self) -> int:
        """What a reader of the link gets."""
        with duckdb.connect(str(self.builds.link.resolve()), read_only=True) as connection:
            row = connection.execute("select max(value) from serving.answer").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def tiny(settings: Settings) -> TinyBuilds:
    return TinyBuilds(Builds(settings.duckdb_path))


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds; fails after half a minute."""

    def wait(condition: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    return wait
