"""The greatest resident memory of the processes that answer queries, seen from outside (Linux)."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SIGN = b"quant.sql.child"


@dataclass
class Peak:
    """Looks every 5 ms at each fork of the sandboxes that this process started."""

    megabytes: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.done.wait(0.005):
            for pid in self._forks():
                with suppress(OSError, IndexError, ValueError):
                    status = Path(f"/proc/{pid}/status").read_text()
                    self.megabytes = max(self.megabytes, int(status.split("VmHWM:")[1].split()[0]) / 1000)

    def running(self) -> bool:
        return bool(self._forks())

    def _forks(self) -> list[int]:
        """Children of our children that run the sandbox's program."""
        return [fork for child in children(os.getpid()) if is_sandbox(child) for fork in children(child)]


def children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(each) for each in (task / "children").read_text().split()]
    return found


def is_sandbox(pid: int) -> bool:
    with suppress(OSError):
        return SIGN in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@contextmanager
def peak_megabytes() -> Iterator[Peak]:
    peak = Peak()
    thread = threading.Thread(target=peak.watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.done.set()
        thread.join()
