"""An answer that is given again for a moment."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """What was made at most `seconds` ago, or is made now, by one thread for all that wait for it."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._made: tuple[float, T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        with self._lock:
            if self._made is None or self._clock() - self._made[0] > self._seconds:
                self._made = self._clock(), make()
            return self._made[1]
