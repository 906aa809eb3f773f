"""Job history in state.sqlite: what is not market data, and outlives every build."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

Status = Literal["running", "ok", "failed", "abandoned"]
KEPT = timedelta(days=30)

SCHEMA = """
create table if not exists job_runs (
    id integer primary key,
    job text not null,
    started_at text not null,
    finished_at text,
    status text not null,
    error text,
    attempt integer not null
);
create index if not exists job_runs_by_job on job_runs (job, id);
"""


@dataclass(frozen=True)
class JobRun:
    """One attempt at one job; instants are UTC, `finished_at` is None while it runs."""

    job: str
    started_at: datetime
    finished_at: datetime | None
    status: Status
    error: str | None
    attempt: int


class JobHistory:
    """The scheduler's record of its runs; each call opens the file anew, so that any thread may call."""

    def __init__(self, path: Path) -> None:
        """Create the file; runs that a dead scheduler left open become `abandoned`, old ones go."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)
            oldest = (datetime.now(UTC) - KEPT).isoformat()
            connection.execute("delete from job_runs where started_at < ?", (oldest,))
        self.abandon_running()

    def start(self, job: str, attempt: int) -> int:
        """Record that an attempt begins; durable on return. Returns the id that `finish` wants."""
        with self._connect() as connection:
            cursor = connection.execute(
                "insert into job_runs (job, started_at, status, attempt) values (?, ?, 'running', ?)",
                (job, _now(), attempt),
            )
            return int(cursor.lastrowid or 0)

    def finish(self, run_id: int, status: Status, error: str | None = None) -> None:
        """Record how an attempt ended; durable on return."""
        with self._connect() as connection:
            connection.execute(
                "update job_runs set finished_at = ?, status = ?, error = ? where id = ?",
                (_now(), status, error, run_id),
            )

    def abandon_running(self) -> None:
        """Whatever still runs is left to itself, or died with the process that ran it."""
        with self._connect() as connection:
            connection.execute(
                "update job_runs set status = 'abandoned', finished_at = ? where status = 'running'", (_now(),)
            )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            yield connection


def latest_job_runs(path: Path) -> list[JobRun]:
    """The newest run of each job, by name; none before the first scheduler ran."""
    if not path.is_file():
        return []
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'job_runs'").fetchone():
            return []  # the first scheduler is about to lay the file out
        rows = connection.execute(
            "select job, started_at, finished_at, status, error, attempt from job_runs "
            "where id in (select max(id) from job_runs group by job) order by job"
        ).fetchall()
    return [
        JobRun(job, datetime.fromisoformat(started), _instant(finished), status, error, attempt)
        for job, started, finished, status, error, attempt in rows
    ]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _now() -> str:
    return datetime.now(UTC).isoformat()
