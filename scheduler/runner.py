"""Runs jobs in threads of their own: recorded, retried with back-off, and never a reason for another to stop."""

import logging
import threading
import time
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
)
from tenacity.wait import wait_base, wait_exponential_jitter

from quant.state import JobHistory
from scheduler.children import LaterError
from scheduler.jobs import Job

log = logging.getLogger(__name__)

ATTEMPTS = 3
BACK_OFF = wait_exponential_jitter(multiplier=2, max=60, jitter=1)  # seconds: 2 to 3, then 4 to 5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15.0, 300.0  # after all attempts failed: 15, 30, 60 ... until one succeeds
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 120.0, 900.0  # the same for a source that wants to be left alone


class Runner:
    """Starts jobs; each failure is logged and lands in the job history.

    A job that failed is due again before its regular time: `start_due` starts it then. While the data folder `is_away`
    none is begun, and one that was cut off by its loss has not failed: both are due when it is back.
    """

    def __init__(
        self,
        history: JobHistory,
        stopping: threading.Event,
        back_off: wait_base = BACK_OFF,
        is_away: Callable[[], bool] = lambda: False,
    ) -> None:
        self._history, self._stopping, self._back_off, self._is_away = history, stopping, back_off, is_away
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, int] = {}  # in a row
        self._due: dict[str, tuple[float, Job]] = {}  # when a failed job is to be tried again
        self._lock = threading.Lock()

    def start(self, job: Job) -> threading.Thread:
        """Run `job` in its thread; if it still runs from the last time, that thread is all there is."""
        with self._lock:
            running = self._threads.get(job.name)
            if running is not None and running.is_alive():
                log.debug("%s still runs, not started again", job.name)
                return running
            self._due.pop(job.name, None)
            thread = threading.Thread(target=self.run, args=(job,), name=job.name, daemon=True)
            self._threads[job.name] = thread
            thread.start()
            return thread

    def start_due(self) -> None:
        """Start the failed jobs whose wait is over, unless the data folder is away."""
        with self._lock:
            due = [job for at, job in self._due.values() if at <= time.monotonic()]
        for job in due if due and not self._is_away() else []:
            self.start(job)

    def run(self, job: Job) -> bool:
        """All attempts at `job`; returns whether one ended well. Raises nothing: this is the wall between jobs."""
        if self._is_away():
            return self._await_folder(job)
        attempts = Retrying(
            retry=retry_if_exception(lambda error: not isinstance(error, LaterError) and not self._is_away()),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(self._stopping),
            wait=self._back_off,
            sleep=sleep_using_event(self._stopping),
            before_sleep=lambda state: _announce_retry(job, state),
            reraise=True,
        )
        try:
            for attempt in attempts:
                with attempt:
                    self._attempt(job, attempt.retry_state.attempt_number)
        except Exception as error:
            if self._stopping.is_set():
                return False
            if self._is_away():
                return self._await_folder(job)
            wait = self._try_later(job, error)
            log.error("%s failed for now, again in %.0f s: %s", job.name, wait, describe(error))
            log.debug("%s", job.name, exc_info=error)
            return False
        with self._lock:
            self._failures.pop(job.name, None)
        if job.then is not None and not self._stopping.is_set():
            self.start(job.then)
        return True

    def join(self, seconds: float) -> list[str]:
        """Wait for what runs; returns the names of jobs that are still at it then."""
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        return sorted(name for name, thread in self._threads.items() if thread.is_alive())

    def _try_later(self, job: Job, error: Exception) -> float:
        """Make a failed job due again; returns in how many seconds, never more than its interval."""
        with self._lock:
            failures = self._failures[job.name] = self._failures.get(job.name, 0) + 1
            wait = seconds_to_wait(failures, isinstance(error, LaterError), job.every_seconds)
            self._due[job.name] = (time.monotonic() + wait, job)
            return wait

    def _await_folder(self, job: Job) -> bool:
        """Make a job due as soon as the folder is back; False, for it has not ended well."""
        with self._lock:
            self._due[job.name] = (time.monotonic(), job)
        return False

    def _attempt(self, job: Job, number: int) -> None:
        run_id, started = self._history.start(job.name, number), time.monotonic()
        try:
            job.run()
        except BaseException as error:
            cut_off = self._stopping.is_set() or self._is_away()
            self._history.finish(run_id, "abandoned" if cut_off else "failed", describe(error))
            raise
        self._history.finish(run_id, "ok")
        log.debug("%s done, %.1f s", job.name, time.monotonic() - started)


def seconds_to_wait(failures: int, rests: bool, interval: float | None) -> float:
    """How long after so many failures in a row; `rests`: the source wants to be left alone."""
    first, longest = (FIRST_REST_SECONDS, LONGEST_REST_SECONDS) if rests else (FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
    wait = min(first * 2.0 ** min(failures - 1, 10), longest)
    return wait if interval is None else min(wait, interval)


def describe(error: BaseException) -> str:
    """One line: what an error says, or at least its type."""
    return " ".join(str(error).split()) or type(error).__name__


def _announce_retry(job: Job, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    reason = describe(error) if error else "no reason given"
    log.warning(
        "%s failed, attempt %d of %d, again in %.0f s: %s", job.name, state.attempt_number, ATTEMPTS, wait, reason
    )
