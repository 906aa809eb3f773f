"""The file system as the ingest uses it: few operations, so that a simulated one can tear, forget and refuse."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa

from quant.locks import exclusive

log = logging.getLogger(__name__)


class Disk(Protocol):
    """What is written is durable only after `sync` of the file, and its name only after `sync_folder`."""

    def is_file(self, path: Path) -> bool: ...

    def is_folder(self, path: Path) -> bool: ...

    def files(self, folder: Path, pattern: str) -> list[Path]:
        """What below `folder` matches a glob pattern, folders too, sorted; nothing if `folder` is missing."""
        ...

    def read(self, path: Path) -> bytes: ...

    def open(self, path: Path) -> pa.NativeFile:
        """To read from at any position, without taking the whole into memory."""
        ...

    def make_folder(self, path: Path) -> None:
        """With its parents, and each durable in the one above; nothing happens if it is there."""
        ...

    def create(self, path: Path) -> AbstractContextManager[BinaryIO]:
        """A new file to write; while it is open, `remove_leftovers` of any process leaves it alone."""
        ...

    def sync(self, file: BinaryIO) -> None: ...

    def rename(self, old: Path, new: Path) -> None:
        """Atomic; what was at `new` is replaced."""
        ...

    def delete(self, path: Path) -> None: ...

    def delete_folder(self, path: Path) -> None:
        """An empty one, else OSError."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Make creations, renames and deletions in a folder durable."""
        ...

    def sync_all(self) -> None:
        """Make durable whatever is visible: a killed process may have left names and folders that are not."""
        ...

    def remove_leftovers(self, folder: Path) -> int:
        """Delete the temporary files below that a killed process left. Returns how many."""
        ...

    def exclusive(self, path: Path) -> AbstractContextManager[None]:
        """Hold a lock file, waiting for it."""
        ...

    def sole(self, path: Path, refusal: Exception) -> AbstractContextManager[None]:
        """Hold a lock file, or raise `refusal` when somebody else does."""
        ...


class LocalDisk:
    """The file system of this machine. `root` is never made anew: if it is gone it has vanished, and may come back."""

    def is_file(self, path: Path) -> bool:
        return path.is_file()

    def is_folder(self, path: Path) -> bool:
        return path.is_dir()

    def files(self, folder: Path, pattern: str) -> list[Path]:
        return sorted(folder.glob(pattern))

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def open(self, path: Path) -> pa.NativeFile:
        return pa.OSFile(str(path))

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._unsynced: set[Path] = set()  # folders that we made, but could not make durable

    def make_folder(self, path: Path) -> None:
        if path.is_dir() and path not in self._unsynced:
            return
        if path == self._root:
            raise FileNotFoundError(f"{path} has vanished: mount or move it back, or make it anew and start again")
        self.make_folder(path.parent)
        self._unsynced.add(path)
        with suppress(FileExistsError):  # another process was faster
            path.mkdir()
        self.sync_folder(path.parent)
        self._unsynced.discard(path)

    @contextmanager
    def create(self, path: Path) -> Iterator[BinaryIO]:
        with path.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def sync(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def delete(self, path: Path) -> None:
        path.unlink()

    def delete_folder(self, path: Path) -> None:
        path.rmdir()

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_all(self) -> None:
        os.sync()

    def remove_leftovers(self, folder: Path) -> int:
        return sum(_removed(path) for path in folder.rglob(".*.tmp"))

    def exclusive(self, path: Path) -> AbstractContextManager[None]:
        self.make_folder(path.parent)
        return exclusive(path, makes_folder=False)

    def sole(self, path: Path, refusal: Exception) -> AbstractContextManager[None]:
        self.make_folder(path.parent)
        return exclusive(path, lambda owner: refusal, makes_folder=False)


LOCAL_DISK = LocalDisk()


def put(content: bytes, path: Path, disk: Disk = LOCAL_DISK) -> None:
    """`content` under the name `path`, instead of what was there; durable on return. Nobody ever sees a part of it.

    When it fails (a full disk, say) nothing is left behind and what was there is as it was.
    """
    disk.make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with disk.create(temporary) as file:
            file.write(content)
            disk.sync(file)
            disk.rename(temporary, path)
    except OSError:
        with suppress(OSError):
            disk.delete(temporary)
        raise
    disk.sync_folder(path.parent)


def _removed(path: Path) -> bool:
    """Delete a temporary file unless somebody is writing it now.

    Its writer may open it between our look and our deletion; then its rename fails, and it tries again.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    log.info("removed %s, which a killed process had left half written", path)
    return True
