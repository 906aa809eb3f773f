"""Steps that are programs of their own: run to their end, their lines passed on, ended when we end."""

import os
import subprocess
import sys
import threading

from quant.addresses import without_addresses
from quant.errors import COME_BACK_LATER, QuantError
from quant.leash import leashed
from quant.logs import without_clock
from quant.settings import PROJECT_PATH

PATIENCE_SECONDS = 600.0  # a pull that takes longer hangs


class StepError(QuantError):
    """A step did not do what it should; the scheduler tries again."""


class LaterError(StepError):
    """A step met a source that wants to be left alone for minutes: trying again at once would make it worse."""


class Children:
    """Runs `python -m ...`; `terminate` ends all that run, and every later one at once."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._ended = False

    @property
    def count_running(self) -> int:
        with self._lock:
            return len(self._running)

    def run(self, *arguments: str) -> None:
        """Returns when it ended well; raises StepError, or LaterError, with its last complaint otherwise."""
        process = self._start(arguments)
        alarm = threading.Timer(self._patience, process.kill)
        alarm.start()
        try:
            said = _pass_on(process)
            code = process.wait()
        finally:
            alarm.cancel()
            with self._lock:
                self._running.discard(process)
        if code != 0:
            reason = said or f"it took longer than {self._patience:g} s or was killed"
            error = LaterError if code == COME_BACK_LATER else StepError
            raise error(f"{' '.join(arguments)} ended with exit code {code}: {reason}")

    def terminate(self) -> None:
        """SIGTERM to all; does not wait."""
        with self._lock:
            self._ended = True
            for process in self._running:
                process.terminate()

    def _start(self, arguments: tuple[str, ...]) -> subprocess.Popen[str]:
        with self._lock:
            if self._ended:
                raise StepError("the scheduler is stopping")
            process = subprocess.Popen(
                leashed([sys.executable, "-m", *arguments]),
                cwd=PROJECT_PATH,
                env=without_addresses(os.environ),
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
            self._running.add(process)
            return process


def _pass_on(process: subprocess.Popen[str]) -> str:
    """Copy the child's lines to our stderr until it closes its own; returns its last complaint, else its last line."""
    last, complaint = "", ""
    assert process.stderr is not None
    with process.stderr as lines:
        for line in lines:
            sys.stderr.write(line)
            sys.stderr.flush()
            last = without_clock(line.strip()) or last
            complaint = last if last.startswith(("warning: ", "error: ")) else complaint
    return complaint or last
