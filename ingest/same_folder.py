"""Whether the data folder is the one that the recorder began with: unmounting leaves an empty one in its place."""

from ingest.disk import put
from ingest.runs import Run

NAME = ".recorded"  # says which run recorded here first; hidden, so that no reader takes it for data
REMEDY = "mount or move it back; to begin anew in an empty one, start again"


class SameFolder:
    """Remembers the mark of a data folder; marks it if it has none."""

    def __init__(self, run: Run) -> None:
        self._root, self._disk, self._path = run.root, run.disk, run.root / NAME
        if not self._disk.is_file(self._path):
            put(run.run_id.encode(), self._path, self._disk)
        self._mark = self._disk.read(self._path)

    def check(self) -> None:
        """Raises FileNotFoundError if the folder is gone, or another one has taken its place.

        Trades that were written into another folder would be missing when the true one is back.
        """
        if not self._disk.is_folder(self._root):
            raise FileNotFoundError(f"{self._root} has vanished: {REMEDY}")
        if not self._disk.is_file(self._path) or self._disk.read(self._path) != self._mark:
            raise FileNotFoundError(f"{self._root} has vanished, another folder is in its place: {REMEDY}")
