"""Jobs while the data folder is away: none begins, none is called failed, and it is said once."""

import logging
import threading
from pathlib import Path

import pytest
from tenacity import wait_none

from quant.settings import Settings
from quant.state import JobHistory, latest_job_runs
from scheduler.folder import Folder
from scheduler.jobs import Job
from scheduler.runner import Runner


class Mount:
    """The Parquet files, which can be taken away and put back."""

    def __init__(self, settings: Settings) -> None:
        self._here, self._there = settings.parquet_path, settings.root / "elsewhere"
        for folder in (self._here, settings.duckdb_path):
            folder.mkdir(parents=True)

    def take_away(self) -> None:
        self._here.rename(self._there)

    def put_back(self) -> None:
        self._there.rename(self._here)

    def read(self) -> None:
        """A job that needs them, and complains as DuckDB does."""
        if not self._here.is_dir():
            raise OSError("No files found that match the pattern")


@pytest.fixture
def mount(settings: Settings) -> Mount:
    return Mount(settings)


@pytest.fixture
def runner(settings: Settings, mount: Mount) -> Runner:
    folder = Folder(settings)
    assert not folder.is_away()
    return Runner(JobHistory(settings.state_path), threading.Event(), wait_none(), folder.is_away)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(record.levelno, record.getMessage()) for record in caplog.records if record.levelno >= logging.INFO]


def test_the_loss_is_said_once_and_the_return_once(
    runner: Runner, mount: Mount, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    jobs = [Job("check", mount.read, 60), Job("gaps", mount.read, 60)]
    mount.take_away()
    for _ in range(3):
        assert not any([runner.run(job) for job in jobs])
        runner.start_due()
    gone = f"the data folder is gone, {settings.parquet_path} is not there: mount it or put it back, and all goes on"
    assert said(caplog) == [(logging.ERROR, f"no job runs for now: {gone}")]
    assert latest_job_runs(settings.state_path) == []
    mount.put_back()
    runner.start_due()
    assert runner.join(30) == []
    assert [(run.job, run.status) for run in latest_job_runs(settings.state_path)] == [("check", "ok"), ("gaps", "ok")]
    assert said(caplog)[1:] == [(logging.INFO, f"the data folder {settings.root} is back, all jobs go on")]


def test_a_job_that_the_loss_cuts_off_has_not_failed_and_runs_again_at_once(
    runner: Runner, mount: Mount, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def lose() -> None:
        tries.append(1)
        if len(tries) == 1:
            mount.take_away()
        mount.read()

    assert not runner.run(Job("build", lose, 600))
    assert len(tries) == 1
    assert [(run.status, run.attempt) for run in latest_job_runs(settings.state_path)] == [("abandoned", 1)]
    assert len(said(caplog)) == 1
    mount.put_back()
    runner.start_due()
    assert runner.join(30) == []
    assert [run.status for run in latest_job_runs(settings.state_path)] == ["ok"]


def test_a_job_history_that_went_with_the_folder_is_no_failure_either(
    runner: Runner, settings: Settings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    away = tmp_path.with_name(f"{tmp_path.name}-away")

    def lose() -> None:
        settings.root.rename(away)

    assert not runner.run(Job("compact", lose))
    assert [level for level, _ in said(caplog)] == [logging.ERROR]
    away.rename(settings.root)


def test_before_anything_was_stored_nothing_is_away(settings: Settings) -> None:
    folder = Folder(settings)
    assert not folder.is_away()
    settings.parquet_path.mkdir(parents=True)
    assert not folder.is_away()
    settings.duckdb_path.mkdir()
    assert not folder.is_away()
    settings.duckdb_path.rmdir()
    assert folder.is_away()
