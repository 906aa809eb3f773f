"""`ingest equities` and `ingest options`: one pull, or one after the other until told to stop."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from ingest.sessions import calendar_of
from ingest.yahoo import Yahoo
from ingest.yahoo_pull import Pull
from quant.progress import Progress
from quant.settings import Settings

log = logging.getLogger(__name__)

SECONDS_AFTER_FAILURE = 300.0  # until the next pull, if the interval is not shorter
LAST_MOMENT_SECONDS = 1.0  # how long a request in flight may go on after SIGTERM


def pull_until_stopped(dataset: str, settings: Settings, once: bool) -> int:
    """Pull once, or every `refresh_seconds`, sooner after a failure. Returns the exit code of a single pull."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    seconds = 0.0 if settings.demo else settings.equities.request_seconds  # our own stand-in needs no courtesy
    calendar_of(settings.equities.calendar)  # a wrong name is refused before the first request
    yahoo = Yahoo(settings.yahoo_endpoint, seconds, settings.root / "cache" / "yfinance")
    interval = getattr(settings.refresh_seconds, dataset)
    while True:
        with _shown(dataset) as say:
            code = _pull_in_background(Pull(dataset, settings, yahoo, stop, say))
        if stop.is_set():
            return 0
        if once:
            return code
        stop.wait(min(interval, SECONDS_AFTER_FAILURE) if code else interval)


@contextmanager
def _shown(dataset: str) -> Iterator[Callable[[str], None]]:
    """Where a pull says what it does now: a line that changes on a terminal; elsewhere its log lines are enough."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield log.debug
        return
    with Progress(console, dataset) as line, _log_lines_above():
        yield line.say


@contextmanager
def _log_lines_above() -> Iterator[None]:
    """While the line is shown, sys.stderr writes above it; log handlers hold on to the one from before."""
    handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)]
    before = [handler.setStream(sys.stderr) for handler in handlers]
    try:
        yield
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            if stream is not None:
                handler.setStream(stream)


def _pull_in_background(pull: Pull) -> int:
    """Run the pull beside us and return its exit code.

    Beside us, because a request in flight cannot be interrupted, and we need not wait for it when stopped.
    """
    crash: list[BaseException] = []

    def work() -> None:
        try:
            pull.pull()
        except BaseException as error:  # handed to the main thread, below
            crash.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive() and not pull.stop.is_set():
        worker.join(0.1)
    worker.join(LAST_MOMENT_SECONDS)
    if crash:
        pull.run.finish("failed", f"{type(crash[0]).__name__}: {crash[0]}")
        raise crash[0]
    return pull.close()
