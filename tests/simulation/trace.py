"""What happened, in order: a hash to compare two runs by, and lines to read."""

import hashlib
from collections import Counter
from collections.abc import Callable


class Trace:
    """Counts and hashes events; prints them when asked to."""

    def __init__(self, time: Callable[[], float], is_printed: bool = False) -> None:
        self._time, self._is_printed = time, is_printed
        self._hash = hashlib.sha256()
        self.counts: Counter[str] = Counter()

    def event(self, kind: str, *details: object) -> None:
        self.counts[kind] += 1
        line = f"{self._time():10.4f} {kind} {' '.join(map(str, details))}"
        self._hash.update(line.encode())
        if self._is_printed:
            print(line)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()[:16]
