"""The job of the background filler: no process unless a gap of ours is open in the newest build's live ledger."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from quant.publish import BuildRecord, Builds
from quant.settings import Settings
from quant.status import MOST_FILLED
from scheduler.children import Children
from scheduler.jobs import timetable
from scheduler.steps import Steps


class Noting(Children):
    """Notes what it is to start."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[str, ...]] = []

    def run(self, *arguments: str) -> None:
        self.started.append(arguments)


@pytest.fixture
def children() -> Noting:
    return Noting()


@pytest.fixture
def steps(settings: Settings, children: Noting) -> Steps:
    return Steps(settings, children, threading.Event())


Row = tuple[str, str, int]  # source, status, ids


def publish(settings: Settings, *gaps: Row, unexplained: int = 0, symbol: str = "BTCUSDT") -> None:
    """A build whose meta.gaps has these rows, and whose completeness so many ids that nobody explains."""
    builds = Builds(settings.duckdb_path)
    record = BuildRecord("one", "full", "", datetime(2026, 11, 20, tzinfo=UTC).isoformat(), "2026-11-20T00:00:00", None)
    database: Path = builds.prepare(record)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema meta; create schema serving")
        connection.execute(
            "create table meta.gaps (source varchar, symbol varchar, status varchar, first_trade_id bigint, "
            "last_trade_id bigint); "
            "create table serving.completeness (source varchar, symbol varchar, count_unexplained bigint)"
        )
        rows = [[source, symbol, status, 1, count] for source, status, count in [("none", "open", 9), *gaps]]
        connection.executemany("insert into meta.gaps values (?, ?, ?, ?, ?)", rows)
        connection.execute("insert into serving.completeness values ('binance', ?, ?)", [symbol, unexplained])
    builds.publish(record)


def test_before_the_first_build_nothing_is_started(steps: Steps, children: Noting) -> None:
    steps.fill_gaps()
    assert children.started == []


def test_without_an_open_gap_of_ours_nothing_is_started(settings: Settings, steps: Steps, children: Noting) -> None:
    publish(settings, ("binance", "filled", 9), ("binance", "absent_upstream", 9), ("demo-binance", "open", 9))
    steps.fill_gaps()
    assert children.started == []


def test_an_open_gap_starts_the_filler(settings: Settings, steps: Steps, children: Noting) -> None:
    publish(settings, ("binance", "filled", 9), ("binance", "open", 9))
    steps.fill_gaps()
    assert children.started == [("ingest", "fill")]


def test_ids_that_nobody_explains_start_the_filler(settings: Settings, steps: Steps, children: Noting) -> None:
    publish(settings, unexplained=3)
    steps.fill_gaps()
    assert children.started == [("ingest", "fill")]


def test_too_large_a_gap_is_left_to_archives(settings: Settings, steps: Steps, children: Noting) -> None:
    publish(settings, ("binance", "open", MOST_FILLED + 1))
    steps.fill_gaps()
    assert children.started == []


def test_symbol_that_is_no_longer_recorded_is_left_alone(settings: Settings, steps: Steps, children: Noting) -> None:
    publish(settings, unexplained=9, symbol="DOGEUSDT")
    steps.fill_gaps()
    assert children.started == []


def test_the_timetable_looks_for_gaps_every_minute(settings: Settings, steps: Steps) -> None:
    (job,) = [job for job in timetable(steps, settings.refresh_seconds).regular if job.name == "gaps"]
    assert (job.run, job.every_seconds) == (steps.fill_gaps, 60)  # config.yaml
