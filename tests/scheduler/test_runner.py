"""Jobs: one that fails is retried, recorded and told, and stops no other."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tenacity import wait_none
from tenacity.wait import wait_fixed

from quant.state import JobHistory, latest_job_runs
from scheduler import runner as runner_module
from scheduler.children import LaterError
from scheduler.jobs import Job
from scheduler.runner import ATTEMPTS, Runner, seconds_to_wait


class Fallible:
    """A step that fails the first `failures` times."""

    def __init__(self, failures: int) -> None:
        self.failures, self.calls = failures, 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError(f"failure {self.calls}")


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def runner(state: Path, stopping: threading.Event) -> Runner:
    return Runner(JobHistory(state), stopping, back_off=wait_none())


def test_a_job_that_fails_is_retried_until_it_succeeds(
    runner: Runner, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    step = Fallible(ATTEMPTS - 1)
    assert runner.run(Job("pull", step))
    assert step.calls == ATTEMPTS
    (run,) = latest_job_runs(state)
    assert (run.status, run.attempt, run.error) == ("ok", ATTEMPTS, None)
    assert "pull failed, attempt 1 of 3, again in 0 s: failure 1" in caplog.text


def test_a_job_that_keeps_failing_is_recorded_and_told_with_its_reason(
    runner: Runner, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    step = Fallible(1000)
    assert not runner.run(Job("pull", step))
    assert step.calls == ATTEMPTS
    (run,) = latest_job_runs(state)
    assert (run.status, run.attempt, run.error) == ("failed", ATTEMPTS, f"failure {ATTEMPTS}")
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == [f"pull failed for now, again in 15 s: failure {ATTEMPTS}"]


def test_a_build_that_fails_four_times_is_tried_again_long_before_its_interval(
    runner: Runner, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "FIRST_WAIT_SECONDS", 0.01)
    step = Fallible(4)
    runner.start(Job("build", step, every_seconds=600)).join(30)
    assert step.calls == ATTEMPTS
    deadline = time.monotonic() + 30
    while latest_job_runs(state)[0].status != "ok":
        assert time.monotonic() < deadline
        runner.start_due()
        time.sleep(0.01)
    assert step.calls == 5
    runner.start_due()  # it succeeded: nothing is due
    runner.join(30)
    assert step.calls == 5


def test_what_follows_a_job_starts_when_that_ended_well_and_only_then(runner: Runner) -> None:
    followed, works, fails = threading.Event(), Fallible(0), Fallible(1000)
    then = Job("notify", followed.set)
    assert not runner.run(Job("build", fails, then=then))
    assert not followed.is_set()
    assert runner.run(Job("build", works, then=then))
    assert followed.wait(30)


def test_a_job_that_hangs_after_another_holds_up_neither_that_one_nor_the_end(
    runner: Runner, stopping: threading.Event
) -> None:
    begun, works = threading.Event(), Fallible(0)
    build = Job("build", works, then=Job("notify", partial(_hang, begun, stopping)))
    assert runner.run(build) and begun.wait(30)
    assert runner.run(build)
    assert works.calls == 2
    assert runner.join(0) == ["notify"]


def test_a_source_that_wants_to_be_left_alone_is_not_asked_again_at_once(runner: Runner, state: Path) -> None:
    calls: list[float] = []

    def step() -> None:
        calls.append(time.monotonic())
        raise LaterError("Yahoo answered 429")

    assert not runner.run(Job("pull", step, every_seconds=3600))
    runner.start_due()
    runner.join(30)
    assert len(calls) == 1
    assert latest_job_runs(state)[0].attempt == 1


@pytest.mark.parametrize(
    ("failures", "rests", "interval", "seconds"),
    [
        (1, False, 600, 15),
        (3, False, 600, 60),
        (99, False, 600, 300),
        (99, False, None, 300),
        (4, False, 60, 60),
        (1, True, 3600, 120),
        (99, True, 3600, 900),
    ],
)
def test_the_wait_grows_up_to_minutes_and_never_beyond_the_interval(
    failures: int, rests: bool, interval: float | None, seconds: float
) -> None:
    assert seconds_to_wait(failures, rests, interval) == seconds


def test_a_failing_and_a_hanging_job_stop_no_other(runner: Runner, state: Path, stopping: threading.Event) -> None:
    begun = threading.Event()
    hangs = runner.start(Job("hangs", partial(_hang, begun, stopping)))
    assert begun.wait(30)
    runner.start(Job("fails", Fallible(1000))).join(30)
    runner.start(Job("works", Fallible(0))).join(30)
    assert {run.job: run.status for run in latest_job_runs(state)} == {
        "hangs": "running",
        "fails": "failed",
        "works": "ok",
    }
    assert runner.join(0) == ["hangs"]
    stopping.set()
    hangs.join(30)
    assert runner.join(0) == []


def test_a_job_that_still_runs_is_not_started_again(runner: Runner) -> None:
    release, starts = threading.Event(), []

    def step() -> None:
        starts.append(1)
        release.wait(30)

    first, second = runner.start(Job("build", step)), runner.start(Job("build", step))
    assert first is second
    release.set()
    first.join(30)
    runner.start(Job("build", step)).join(30)
    assert len(starts) == 2


def test_stopping_ends_the_wait_between_attempts(state: Path, stopping: threading.Event) -> None:
    runner, failed = Runner(JobHistory(state), stopping, back_off=wait_fixed(600)), threading.Event()

    def step() -> None:
        failed.set()
        raise OSError("no network")

    thread = runner.start(Job("pull", step))
    assert failed.wait(30)
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_job_cut_off_by_the_stop_is_abandoned_not_failed(
    runner: Runner, state: Path, stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    def step() -> None:
        stopping.set()
        raise OSError("child was ended")

    runner.run(Job("pull", step))
    assert latest_job_runs(state)[0].status == "abandoned"
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(("error", "said"), [(OSError("two\n lines"), "two lines"), (KeyError(), "KeyError")])
def test_a_reason_is_one_line(runner: Runner, state: Path, error: Exception, said: str) -> None:
    runner.run(Job("pull", raiser(error)))
    assert latest_job_runs(state)[0].error == said


def _hang(begun: threading.Event, release: threading.Event) -> None:
    begun.set()
    release.wait(60)


def raiser(error: Exception) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step
