"""How a service's process ends: at a signal, and only once."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

ASKED = (signal.SIGTERM, signal.SIGINT)  # how a supervisor, a shell or Ctrl-C asks a process to end


def run_process(main: Callable[[], int]) -> NoReturn:
    """Run `main` and exit with its code; 0 if SIGTERM or SIGINT arrives before it installs handlers of its own.

    A signal that comes after that, while Python waits for threads and takes itself down, ends the process at once and
    without a word: raising there would print a traceback of nothing that went wrong.
    """
    for number in ASKED:
        signal.signal(number, _leave)
    code = 0
    try:
        code = main()
    finally:  # SystemExit of a signal or of argparse goes on from here
        for number in ASKED:
            signal.signal(number, lambda number, frame: os._exit(code))
    sys.exit(code)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
