"""What time the stand-in takes it to be: the machine's, or one that starts where a test wants it."""

import time
from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], int]  # microseconds since 1970


def wall_clock() -> int:
    return time.time_ns() // 1000


class HeldClock:
    """Stands at an instant until `start` is called, then runs; a slow start-up costs none of its time."""

    def __init__(self, at: datetime) -> None:
        self._at_us = int(at.timestamp() * 1e6)
        self._started_us: int | None = None

    def __call__(self) -> int:
        passed = 0 if self._started_us is None else time.monotonic_ns() // 1000 - self._started_us
        return self._at_us + passed

    def start(self) -> None:
        self._started_us = time.monotonic_ns() // 1000
