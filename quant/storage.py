"""Whether the data folder can take what comes: it is there, it answers, it has room, it can be written."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from quant.errors import StorageError
from quant.settings import Settings

PATIENCE_SECONDS = 2.0  # a disk that takes longer to say how full it is does not answer
MEGABYTE = 1e6


@dataclass(frozen=True)
class Storage:
    """What was found at `path`. Where nothing could be found out, `free_mb` and `is_writable` are None.

    `is_writable` is for this process: it may be False by design where another one writes.
    `problem` is one sentence with its remedy, None when there is no problem for anybody.
    `is_new`: nothing was ever built there, so what is not there was not lost either.
    """

    path: Path
    free_mb: float | None = None
    is_writable: bool | None = None
    is_there: bool = True
    problem: str | None = None
    is_new: bool = False

    @property
    def is_away(self) -> bool:
        """Whether something was stored there that cannot be reached now."""
        return not (self.is_there or self.is_new)

    @property
    def refusal(self) -> str | None:
        """The sentence for where this process, or the one it speaks of, ought to write."""
        if self.is_writable is not False:
            return None
        return f"the data folder {self.path} cannot be written: remount it, or give its user the right to write"


class Look(threading.Thread):
    """One look at the folder, in a thread of its own, which may hang as long as the disk does."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self._settings = settings
        self.found: Storage | None = None

    def run(self) -> None:
        self.found = examine_storage(self._settings)


class StorageWatch:
    """Looks at one data folder; never waits longer than two seconds, not even for a disk that hangs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._newest: Look | None = None

    def look(self) -> Storage:
        """What is so now. While an earlier look hangs, no second one is sent after it."""
        with self._lock:
            if self._newest is None or not self._newest.is_alive():
                self._newest = Look(self._settings)
                self._newest.start()
            look = self._newest
        look.join(PATIENCE_SECONDS)
        root = self._settings.root
        hangs = f"the disk of the data folder {root} has not answered for {PATIENCE_SECONDS:g} s: check its mount"
        return look.found or Storage(root, is_there=False, problem=hangs)


def refuse_absence(settings: Settings) -> Storage:
    """What is so now; raises StorageError, which says it, if data that were stored cannot be reached."""
    found = StorageWatch(settings).look()
    if found.is_away:
        raise StorageError(found.problem)
    return found


def examine_storage(settings: Settings) -> Storage:
    """Ask the file system. Nothing is written, and nothing is read but what it knows at once."""
    root = settings.root
    folders = [root, settings.parquet_path, settings.duckdb_path]
    try:
        missing = [str(folder) for folder in folders if not folder.is_dir()]
        if missing:
            gone = f"the data folder is gone, {missing[0]} is not there: mount it or put it back, and all goes on"
            return Storage(root, is_there=False, problem=gone, is_new=not settings.market_path.is_symlink())
        free_mb, problem = _room(root, settings.least_free_mb)
        writable = all(os.access(folder, os.W_OK | os.X_OK) for folder in folders)
    except OSError as error:
        silent = f"the data folder {root} cannot be looked at ({error.strerror}): check the disk and its mount"
        return Storage(root, is_there=False, problem=silent)
    return Storage(root, free_mb, writable, problem=problem)


def _room(root: Path, least_free_mb: float) -> tuple[float, str | None]:
    """Free space in MB (1e6 bytes) for a user without privileges, and what is wrong with it."""
    found = os.statvfs(root)
    free_mb = found.f_bavail * found.f_frsize / MEGABYTE
    if free_mb < least_free_mb:
        return free_mb, (
            f"only {free_mb:.0f} MB are free at {root}, wanted are {least_free_mb:g} (least_free_mb): "
            "free some space, or move data_path in config.yaml to a larger disk"
        )
    if found.f_files and not found.f_favail:
        return free_mb, f"no file can be added at {root} (no free inodes): delete files that are not needed there"
    return free_mb, None
