"""The scheduler's day: the opening, then the timetable, until asked to stop."""

import logging
import threading
import time
from datetime import timedelta

import schedule

from quant.settings import Settings
from quant.state import JobHistory
from scheduler.children import Children
from scheduler.folder import Folder
from scheduler.jobs import Timetable, timetable
from scheduler.runner import Runner
from scheduler.sessions import CloseWatch
from scheduler.steps import Steps

log = logging.getLogger(__name__)

OPENING_SECONDS = 30.0  # the first build does not wait longer for a slow or failing source
LEAVING_SECONDS = 3.0  # a running build may take longer, and is abandoned then
CLOSE_WATCH_SECONDS = 30
LATE_SECONDS = 0.5  # how often we look whether a late pull has come in


class Loop:
    """Everything the scheduler process does; `stop` may be called from a signal handler."""

    def __init__(self, settings: Settings) -> None:
        self.stopping = threading.Event()
        self._settings = settings
        self._children = Children()
        self._history = JobHistory(settings.state_path)
        self._folder = Folder(settings)
        self._runner = Runner(self._history, self.stopping, is_away=self._folder.is_away)
        self._steps = Steps(settings, self._children, self.stopping)
        notifies = bool(self._steps.notifier.destinations)
        self._jobs: Timetable = timetable(self._steps, settings.refresh_seconds, notifies=notifies)

    def stop(self) -> None:
        self.stopping.set()

    def run(self) -> bool:
        """Returns when stopped: True if nothing runs any more, False if a build had to be abandoned."""
        threading.Thread(target=self._open, name="opening", daemon=True).start()
        try:
            self._keep_time(self._clock())
        finally:
            self.stop()
            self._children.terminate()
        left = self._runner.join(LEAVING_SECONDS)
        if left:
            self._history.abandon_running()
            log.info("left while %s ran; what it had begun is thrown away", " and ".join(left))
        return not left

    def _keep_time(self, clock: schedule.Scheduler) -> None:
        while not self.stopping.is_set():
            clock.run_pending()
            self._folder.is_away()  # says so, whether or not a job wants it
            self._runner.start_due()
            self.stopping.wait(min(1.0, max(0.05, clock.idle_seconds or 0.05)))

    def _clock(self) -> schedule.Scheduler:
        clock = schedule.Scheduler()
        for job in self._jobs.regular:
            clock.every(job.every_seconds).seconds.do(self._runner.start, job)
        if self._settings.equities.symbols:
            delay = timedelta(minutes=self._settings.equities.final_delay_minutes)
            clock.every(CLOSE_WATCH_SECONDS).seconds.do(
                self._watch_close, CloseWatch(self._settings.equities.calendar, delay)
            )
        return clock

    def _watch_close(self, watch: CloseWatch) -> None:
        if watch.rings():
            log.info("the session's daily bars are final")
            self._runner.start(self._jobs.close)

    def _open(self) -> None:
        """Pull everything at once, build when that is done or takes too long, and again for what came late."""
        pulls = [self._runner.start(job) for job in self._jobs.opening]
        self._steps.warm_up()
        _join(pulls, OPENING_SECONDS)
        late = [pull for pull in pulls if pull.is_alive()]
        if late:
            log.warning("the first build does not wait for %s", " and ".join(pull.name for pull in late))
        self._build()
        while late and not self.stopping.wait(LATE_SECONDS):
            still = [pull for pull in late if pull.is_alive()]
            if len(still) < len(late):
                late = still
                self._build()

    def _build(self) -> None:
        if not self.stopping.is_set():
            self._runner.start(self._jobs.build).join()


def _join(threads: list[threading.Thread], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
