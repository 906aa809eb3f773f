"""Runs jobs in threads of their own: recorded, retried with back-off, and never a reason for another to stop."""

import logging
import threading
import time

from tenacity import RetryCallState, Retrying, sleep_using_event, stop_after_attempt, stop_when_event_set
from tenacity.wait import wait_base, wait_exponential_jitter

from quant.state import JobHistory
from scheduler.jobs import Job

log = logging.getLogger(__name__)

ATTEMPTS = 3
BACK_OFF = wait_exponential_jitter(multiplier=2, max=60, jitter=1)  # seconds: 2 to 3, then 4 to 5


class Runner:
    """Starts jobs; each failure is logged and lands in the job history."""

    def __init__(self, history: JobHistory, stopping: threading.Event, back_off: wait_base = BACK_OFF) -> None:
        self._history, self._stopping, self._back_off = history, stopping, back_off
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def start(self, job: Job) -> threading.Thread:
        """Run `job` in its thread; if it still runs from the last time, that thread is all there is."""
        with self._lock:
            running = self._threads.get(job.name)
            if running is not None and running.is_alive():
                log.debug("%s still runs, not started again", job.name)
                return running
            thread = threading.Thread(target=self.run, args=(job,), name=job.name, daemon=True)
            self._threads[job.name] = thread
            thread.start()
            return thread

    def run(self, job: Job) -> bool:
        """All attempts at `job`; returns whether one ended well. Raises nothing: this is the wall between jobs."""
        attempts = Retrying(
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
            if not self._stopping.is_set():
                log.error("%s failed for now: %s", job.name, describe(error))
                log.debug("%s", job.name, exc_info=error)
            return False
        return True

    def join(self, seconds: float) -> list[str]:
        """Wait for what runs; returns the names of jobs that are still at it then."""
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        return sorted(name for name, thread in self._threads.items() if thread.is_alive())

    def _attempt(self, job: Job, number: int) -> None:
        run_id, started = self._history.start(job.name, number), time.monotonic()
        try:
            job.run()
        except BaseException as error:
            stopped = self._stopping.is_set()
            self._history.finish(run_id, "abandoned" if stopped else "failed", describe(error))
            raise
        self._history.finish(run_id, "ok")
        log.debug("%s done, %.1f s", job.name, time.monotonic() - started)


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
