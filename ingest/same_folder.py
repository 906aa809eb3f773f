"""Whether the data folder is the one that was recorded into: unmounting leaves an empty one in its place.

A mark lies in the folder and again beside it. Where only the one beside is left, the record is elsewhere, and what
were written now would be missing when it is back.
"""

from pathlib import Path

from ingest.disk import LOCAL_DISK, Disk, put
from quant.errors import QuantError

MARK = ".recorded"  # hidden, so that no reader takes it for data
REMEDY = "mount or move it back"


class VanishedError(QuantError, FileNotFoundError):
    """The data folder is gone, or another one has taken its place."""


class SameFolder:
    """The data folder as it was at start; `new_mark` is its mark if it has none and nothing beside it.

    Raises VanishedError if it has another mark than the one beside it, or none.
    """

    def __init__(self, root: Path, new_mark: str, disk: Disk = LOCAL_DISK) -> None:
        self._root, self._disk = root, disk
        self._inside, self._beside = root / MARK, root.parent / f"{root.name}{MARK}"
        beside = self._read(self._beside)  # once: another process may be writing it
        self._mark = beside or self._read(self._inside) or new_mark.encode()
        if beside is not None:
            self.check()

    def mark(self) -> "SameFolder":
        """Write the marks that are lacking; durable on return. Of several processes that begin at once, one decides."""
        with self._disk.exclusive(self._beside.with_suffix(".lock")):
            self._mark = self._read(self._beside) or self._read(self._inside) or self._mark
            for path in (self._inside, self._beside):  # in this order: after a crash between them the first counts
                if self._read(path) is None:
                    put(self._mark, path, self._disk)
        return self

    def check(self) -> None:
        """Raises VanishedError if the folder is no longer, or not yet, what it was."""
        if not self._disk.is_folder(self._root):
            raise VanishedError(f"{self._root} has vanished: {REMEDY}; to begin a new record, delete {self._beside}")
        if self._read(self._inside) != self._mark:
            raise VanishedError(
                f"{self._root} has vanished, another folder is in its place: {REMEDY}; "
                f"to begin a new record in this one, delete {self._beside}"
            )

    def _read(self, path: Path) -> bytes | None:
        return self._disk.read(path) if self._disk.is_file(path) else None
