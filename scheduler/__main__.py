"""`python -m scheduler`: pull, compact, build, check by the timetable; one per data folder."""

import argparse
import logging
import os
import signal
import sys
import time
from pathlib import Path

from quant.endings import ASKED, run_process
from quant.errors import QuantError
from quant.locks import exclusive
from quant.logs import configure_logging
from quant.settings import Settings, load_settings

log = logging.getLogger("scheduler")


class SecondSchedulerError(QuantError):
    """One data folder has one scheduler."""


def main() -> int:
    """Runs until SIGTERM or Ctrl-C; returns the exit code."""
    argparse.ArgumentParser(prog="python -m scheduler", description=__doc__).parse_args()
    for number in ASKED:
        signal.signal(number, lambda number, frame: os._exit(0))  # nothing has begun that could be left half done
    os.environ["TZ"] = "UTC"  # `schedule` thinks in local time, which stands still for an hour each autumn
    time.tzset()
    # dbt makes semaphores; an abandoned build cannot give them back, and the kernel does so without a warning.
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    try:
        settings = load_settings()
        configure_logging("scheduler", settings.log_level)
        with exclusive(settings.root / "scheduler.lock", lambda owner: _second(owner, settings.root)):
            return _run(settings)
    except QuantError as error:
        print(f"scheduler: {error}", file=sys.stderr)
        return 1


def _second(owner: str, root: Path) -> SecondSchedulerError:
    return SecondSchedulerError(f"process {owner} already schedules on {root}: end it first")


def _run(settings: Settings) -> int:
    from scheduler.loop import Loop

    loop = Loop(settings)
    for number in ASKED:
        signal.signal(number, lambda number, frame: loop.stop())
    log.info("schedules on %s", settings.root)
    if loop.run():
        return 0
    logging.shutdown()
    os._exit(0)  # a running build cannot be interrupted; builds/next is thrown away by the next one


if __name__ == "__main__":
    run_process(main)
