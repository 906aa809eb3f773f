"""Locks between the threads of one simulated process: who waits lets the others run."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests.simulation.fiber import Fiber
from tests.simulation.loop import StuckError, VirtualLoop

WAIT_SECONDS = 0.001
MODULES_THAT_LOCK = ("ingest.runs", "ingest.late_rows")


class ThreadLock:
    """Stands in for threading.Lock, which would let the one thread wait that runs for all."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._is_held = False
        self._holder: Fiber | None = None

    def __enter__(self) -> None:
        while self._is_held:
            self._wait()
        self._is_held, self._holder = True, self._loop.fiber

    def __exit__(self, *error: Any) -> None:
        self._is_held = False

    def _wait(self) -> None:
        if self._loop.fiber is not None:
            self._loop.fiber.pause(WAIT_SECONDS)
        elif self._holder is not None:
            self._loop.hurry(self._holder)
        else:
            raise StuckError("the event loop waits for a lock that it holds itself")


@contextmanager
def locks_of(loop: VirtualLoop) -> Iterator[None]:
    """The product's modules make locks of this kind."""
    threading = SimpleNamespace(Lock=lambda: ThreadLock(loop))
    first, second = (patch(f"{module}.threading", threading) for module in MODULES_THAT_LOCK)
    with first, second:
        yield
