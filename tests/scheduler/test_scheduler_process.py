"""`python -m scheduler` as a process: one per data folder, stopped cleanly in the middle of its work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quant.settings import PROJECT_PATH, Settings
from quant.state import latest_job_runs

COMMAND = [sys.executable, "-m", "scheduler"]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """No source answers: nobody listens on port 1."""
    return os.environ | {
        "QUANT_REFRESH_SECONDS__CHECK": "1",
        "QUANT_EQUITIES__ENDPOINT": "http://127.0.0.1:1",
        "QUANT_CRYPTO__REST_URLS": '["http://127.0.0.1:1"]',
    }


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(COMMAND, cwd=PROJECT_PATH, env=environment, stdout=log, stderr=log)
    yield process
    process.kill()
    process.wait()


def test_sigterm_ends_it_with_0_and_its_pulls_with_it(
    running: subprocess.Popen[bytes], settings: Settings, tmp_path: Path
) -> None:
    _wait_for(lambda: {"equities", "options"} <= {run.job for run in latest_job_runs(settings.state_path)}, running)
    children = _children(running.pid)
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 0, (tmp_path / "log").read_text()
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert "running" not in {run.status for run in latest_job_runs(settings.state_path)}
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_second_one_on_the_same_data_is_refused_with_the_firsts_process_id(
    running: subprocess.Popen[bytes], environment: dict[str, str], settings: Settings
) -> None:
    lock = settings.root / "scheduler.lock"
    _wait_for(lambda: lock.is_file() and lock.read_text() == str(running.pid), running)
    second = subprocess.run(COMMAND, cwd=PROJECT_PATH, env=environment, capture_output=True, text=True)
    assert second.returncode == 1
    assert second.stderr == f"scheduler: process {running.pid} already schedules on {settings.root}: end it first\n"


def test_a_failing_source_is_in_the_history_with_its_reason(
    running: subprocess.Popen[bytes], settings: Settings
) -> None:
    def failed() -> set[str]:
        runs = latest_job_runs(settings.state_path)
        return {run.job for run in runs if run.status == "failed" or run.attempt > 1}

    _wait_for(lambda: {"equities", "options"} <= failed(), running)
    assert running.poll() is None


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    listed = [Path(path) for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return [int(child) for path in listed for child in path.read_text().split()]
