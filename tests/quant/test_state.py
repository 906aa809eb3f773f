"""Job history: what the scheduler did, readable by others while it writes."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from quant.state import JobHistory, latest_job_runs


def test_without_a_scheduler_there_are_no_runs(tmp_path: Path) -> None:
    assert latest_job_runs(tmp_path / "state.sqlite") == []
    (tmp_path / "state.sqlite").touch()  # one has begun to lay it out
    assert latest_job_runs(tmp_path / "state.sqlite") == []


def test_the_latest_run_of_each_job_is_told(tmp_path: Path) -> None:
    history = JobHistory(tmp_path / "state.sqlite")
    before = datetime.now(UTC)
    history.finish(history.start("build", 1), "failed", "disk full")
    history.finish(history.start("build", 2), "ok")
    history.finish(history.start("equities", 1), "failed", "no network")

    build, equities = latest_job_runs(tmp_path / "state.sqlite")

    assert (build.job, build.status, build.attempt, build.error) == ("build", "ok", 2, None)
    assert (equities.job, equities.status, equities.error) == ("equities", "failed", "no network")
    assert build.finished_at is not None
    assert before <= build.started_at <= build.finished_at <= datetime.now(UTC)


def test_a_run_in_progress_has_no_end(tmp_path: Path) -> None:
    JobHistory(tmp_path / "state.sqlite").start("build", 1)

    (run,) = latest_job_runs(tmp_path / "state.sqlite")

    assert (run.status, run.finished_at) == ("running", None)


def test_a_run_left_open_by_a_dead_scheduler_is_abandoned(tmp_path: Path) -> None:
    script = "import sys, pathlib, quant.state; quant.state.JobHistory(pathlib.Path(sys.argv[1])).start('build', 1)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "s")], check=True)
    assert latest_job_runs(tmp_path / "s")[0].status == "running"

    JobHistory(tmp_path / "s")

    (run,) = latest_job_runs(tmp_path / "s")
    assert run.status == "abandoned"
    assert run.finished_at is not None
