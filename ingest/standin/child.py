"""The stand-in as a child process on a free port, for tests and measurements."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from quant.settings import PROJECT_PATH


@dataclass(frozen=True)
class Market:
    """A running stand-in. `url` is http://127.0.0.1:PORT, `stream_url` the same for WebSockets."""

    url: str
    process: subprocess.Popen[str]

    @property
    def stream_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def stop(self) -> int:
        """Ask it to leave as the machine would; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


@contextmanager
def running_market(at: datetime | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Market]:
    """Start it, wait until it listens, end it on leaving. `at` starts its clock at that instant."""
    command = [sys.executable, "-m", "ingest.standin", "--port", "0"]
    if at is not None:
        command += ["--at", at.isoformat()]
    process = subprocess.Popen(
        command, cwd=PROJECT_PATH, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the stand-in ended with code {process.wait()} before it listened: see its stderr")
        yield Market(line.split()[-1], process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
