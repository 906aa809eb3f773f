"""Files that grow until their time is over: replaced atomically at each step, each key once."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.disk import LOCAL_DISK, Disk
from ingest.parquet import append_table, count_groups, read_table, write_table

MOST_GROUPS = 8  # then one group of all rows takes their place


class GrowingFiles:
    """Adds rows to files under fixed names. `key` is the column that no two rows of a file share.

    The newest few files are held in memory; any other is read back before it is rewritten, so a row may come
    at any time, after a restart too. Not thread-safe: one thread writes.
    """

    def __init__(self, key: str, held: int, disk: Disk = LOCAL_DISK) -> None:
        self._key, self._disk = key, disk
        self._held = held
        self._files: OrderedDict[Path, pa.Table] = OrderedDict()

    def add(self, path: Path, rows: pa.Table) -> int:
        """Add `rows` to the file at `path`; durable on return. Returns how many were new; known keys are dropped."""
        stored = self._load(path, rows.schema)
        fresh = _without(_first_of_each(rows, self._key), stored, self._key)
        if not fresh.num_rows:
            return 0
        grown = pa.concat_tables([stored, fresh]).combine_chunks()
        if stored.num_rows and _ascends(grown, self._key) and count_groups(path, self._disk) < MOST_GROUPS:
            append_table(fresh, path, self._disk)
        else:
            grown = grown if _ascends(grown, self._key) else grown.sort_by(self._key)
            write_table(grown, path, self._disk)
        self._remember(path, grown)
        return int(fresh.num_rows)

    def _load(self, path: Path, schema: pa.Schema) -> pa.Table:
        if not self._disk.is_file(path):
            return schema.empty_table()
        if path in self._files:
            return self._files[path]
        return read_table(path, self._disk)

    def _remember(self, path: Path, table: pa.Table) -> None:
        self._files[path] = table
        self._files.move_to_end(path)
        while len(self._files) > self._held:
            finished, rows = self._files.popitem(last=False)
            if self._disk.is_file(finished) and count_groups(finished, self._disk) > 1:
                write_table(rows, finished, self._disk)


def _first_of_each(rows: pa.Table, key: str) -> pa.Table:
    """`rows` in their order, without the later ones of an equal key."""
    values = _integers(rows, key)
    _, first = np.unique(values, return_index=True)
    return rows if len(first) == len(values) else rows.take(np.sort(first))


def _without(rows: pa.Table, stored: pa.Table, key: str) -> pa.Table:
    """`rows` whose key `stored` does not have."""
    if not stored.num_rows:
        return rows
    known = np.isin(_integers(rows, key), _integers(stored, key))
    return rows.filter(pa.array(~known)) if known.any() else rows


def _ascends(table: pa.Table, key: str) -> bool:
    return bool(np.all(np.diff(_integers(table, key)) > 0))


def _integers(table: pa.Table, key: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    column = pc.cast(table.column(key), pa.int64())
    integers: np.ndarray[tuple[int], np.dtype[np.int64]] = column.to_numpy()
    return integers
