"""Lock files: what only one process at a time may do; the kernel lets go of them however a process ends."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(
    path: Path, refusal: Callable[[str], Exception] | None = None, *, makes_folder: bool = True
) -> Iterator[None]:
    """Hold the lock file `path`. Waits for it, or raises what `refusal` makes of the holder's process id."""
    if makes_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if refusal else 0))
        except BlockingIOError as error:
            lock.seek(0)
            raise (refusal or OSError)(lock.read().strip()) from error
        if refusal:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        yield
