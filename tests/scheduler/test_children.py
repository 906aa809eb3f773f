"""Steps that are programs: their lines are passed on, their end is understood, they never outlive us."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from quant.settings import PROJECT_PATH
from scheduler.children import Children, LaterError, StepError


@pytest.fixture(autouse=True)
def _programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that `python -m` finds."""
    for name, code in {
        "step_that_works": "import sys; print('12:00:00 ingest     pulled', file=sys.stderr)",
        "step_that_fails": (
            "import sys; print('12:00:00 ingest     error: no network\\n12:00:00 ingest     0 rows', file=sys.stderr)\n"
            "sys.exit(1)"
        ),
        "step_that_is_limited": "import sys; sys.exit(75)",
        "step_that_hangs": "import time; time.sleep(300)",
    }.items():
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_a_childs_lines_reach_our_log(capfd: pytest.CaptureFixture[str]) -> None:
    Children().run("step_that_works")
    assert "12:00:00 ingest     pulled\n" in capfd.readouterr().err


def test_a_failure_says_the_exit_code_and_the_last_complaint() -> None:
    with pytest.raises(StepError, match=r"^step_that_fails ended with exit code 1: error: no network$"):
        Children().run("step_that_fails")


def test_a_source_that_wants_to_be_left_alone_is_an_error_of_its_own() -> None:
    with pytest.raises(LaterError, match="exit code 75"):
        Children().run("step_that_is_limited")
    with pytest.raises(StepError) as plain:
        Children().run("step_that_fails")
    assert not isinstance(plain.value, LaterError)


def test_a_step_that_hangs_is_ended_after_the_patience() -> None:
    with pytest.raises(StepError, match=r"step_that_hangs ended with exit code -9: it took longer than 0\.3 s"):
        Children(patience_seconds=0.3).run("step_that_hangs")


def test_terminate_ends_what_runs_and_refuses_what_comes() -> None:
    children, errors = Children(), []

    def run() -> None:
        try:
            children.run("step_that_hangs")
        except StepError as error:
            errors.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 30
    while thread.is_alive() and time.monotonic() < deadline:
        if children.count_running:
            children.terminate()
        thread.join(0.01)
    assert not thread.is_alive()
    assert "exit code -15" in errors[0]
    with pytest.raises(StepError, match="the scheduler is stopping"):
        children.run("step_that_works")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's leash exists on Linux only")
def test_a_step_dies_with_a_scheduler_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "step_that_tells.py").write_text(
        f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(300)"
    )
    script = "from scheduler.children import Children; Children().run('step_that_tells')"
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT_PATH}"}
    parent = subprocess.Popen([sys.executable, "-c", script], env=environment)
    deadline = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    step = int((tmp_path / "pid").read_text())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    while _is_alive(step):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
