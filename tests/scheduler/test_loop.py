"""The scheduler's day with jobs of our own: the opening, the timetable, the end."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tenacity import wait_none

from quant.settings import Settings
from quant.state import latest_job_runs
from scheduler import loop as loop_module
from scheduler import runner as runner_module
from scheduler.jobs import Job, Timetable
from scheduler.loop import Loop


class Day:
    """A loop whose jobs count themselves; `slow` waits for `release`."""

    def __init__(self, settings: Settings) -> None:
        self.counts: Counter[str] = Counter()
        self.changed = threading.Condition()
        self.release = threading.Event()
        self.loop = Loop(settings)
        self.loop._jobs = Timetable(
            opening=(Job("quick", partial(self._count, "quick")), Job("slow", self._slow)),
            build=Job("build", partial(self._count, "build")),
            regular=(Job("fails", self._fail, 0.05), Job("often", partial(self._count, "often"), 0.05)),
            close=Job("close", partial(self._count, "close")),
        )
        self.ended: list[bool] = []
        self.thread = threading.Thread(target=lambda: self.ended.append(self.loop.run()))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, 60), self.counts

    def _count(self, name: str) -> None:
        with self.changed:
            self.counts[name] += 1
            self.changed.notify_all()

    def _slow(self) -> None:
        self._count("slow begins")
        self.release.wait(60)

    def _fail(self) -> None:
        self._count("fails")
        raise OSError("always")


@pytest.fixture
def day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    monkeypatch.setattr(loop_module, "OPENING_SECONDS", 0.1)
    monkeypatch.setattr(loop_module, "LATE_SECONDS", 0.01)
    day = Day(settings)
    day.thread.start()
    yield day
    day.release.set()
    day.loop.stop()
    day.thread.join(30)


def test_the_first_build_does_not_wait_for_a_slow_source_which_gets_one_of_its_own(day: Day) -> None:
    day.wait_for(lambda: day.counts["build"] == 1)
    assert day.counts["quick"] == 1
    assert day.counts["slow begins"] == 1
    day.release.set()
    day.wait_for(lambda: day.counts["build"] == 2)


def test_a_job_that_always_fails_does_not_keep_the_clock_from_the_others(day: Day, settings: Settings) -> None:
    def errors() -> dict[str, str | None]:
        return {run.job: run.error for run in latest_job_runs(settings.state_path)}

    day.wait_for(lambda: errors().get("fails") == "always")
    told = day.counts["often"]
    day.wait_for(lambda: day.counts["often"] >= told + 2)
    assert errors()["often"] is None


def test_a_build_that_failed_is_tried_again_without_the_clock(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "FIRST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(day.loop._runner, "_back_off", wait_none())

    def fail_four_times() -> None:
        day._count("tries")
        if day.counts["tries"] <= 4:
            raise OSError("not yet")

    day.loop._runner.start(Job("moody", fail_four_times))
    day.wait_for(lambda: day.counts["tries"] == 5)


def test_stopped_while_a_job_hangs_it_ends_soon_and_calls_it_abandoned(
    day: Day, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "LEAVING_SECONDS", 0.2)
    day.wait_for(lambda: day.counts["slow begins"] == 1)
    day.loop.stop()
    day.thread.join(30)
    assert day.ended == [False]
    statuses = {run.job: run.status for run in latest_job_runs(settings.state_path)}
    assert statuses["slow"] == "abandoned"


def test_stopped_while_nothing_runs_it_says_so(day: Day) -> None:
    day.release.set()
    day.wait_for(lambda: day.counts["build"] >= 1)
    day.loop.stop()
    day.thread.join(30)
    assert day.ended == [True]
