"""How a service's process ends: at a signal, and only once."""

import logging
import os
import signal
import sys
import threading
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
    code, leaves_work = 0, False
    try:
        code = main()
    finally:  # SystemExit of a signal or of argparse goes on from here
        leaves_work = any(thread.daemon for thread in threading.enumerate())
        _end_at_a_signal(code)
    if leaves_work:
        _leave_at_once(code)
    sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
    """Threads that nobody waits for are still at it: Python would take their modules down under them, and libraries
    complain of that in many lines.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _end_at_a_signal(code: int) -> None:
    """From now on a signal ends the process with this code.

    A thread sees to it, not the handler: Python runs handlers in the main thread alone, and one that comes just before
    that thread begins to wait for others would be heard only when they are done.
    """
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    for number in ASKED:
        signal.signal(number, lambda number, frame: os._exit(code))
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_leave_when_told, args=(told, code), daemon=True).start()


def _leave_when_told(told: int, code: int) -> None:
    """The number of each signal that has a handler comes as a byte."""
    while os.read(told, 1)[0] not in ASKED:
        pass
    os._exit(code)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
