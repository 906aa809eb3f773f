"""Files that grow until their time is over: replaced atomically at each step, each key once."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.disk import LOCAL_DISK, Disk
from ingest.parquet import Integers, append_table, count_groups, read_table, write_table

log = logging.getLogger(__name__)

MOST_GROUPS = 8  # of few rows; then one group of all rows takes their place
ROWS_WORTH_A_GROUP = 4096  # a reader does not mind groups of this size


@dataclass(frozen=True)
class Stored:
    """What a file holds: its rows in the order of their keys, and in how many groups."""

    rows: pa.Table
    greatest: int
    groups: int

    @property
    def is_scattered(self) -> bool:
        """Too many groups for its rows."""
        return self.groups >= MOST_GROUPS and self.rows.num_rows < self.groups * ROWS_WORTH_A_GROUP


class GrowingFiles:
    """Adds rows to files under fixed names. `key` is the column that no two rows of a file share.

    The newest few files are held in memory; any other is read back before it is rewritten, so a row may come
    at any time, after a restart too. Not thread-safe: one thread writes.
    """

    def __init__(self, key: str, held: int, disk: Disk = LOCAL_DISK) -> None:
        self._key, self._disk = key, disk
        self._held = held
        self._files: OrderedDict[Path, Stored] = OrderedDict()
        self._unsure: set[Path] = set()  # a writing failed: what is visible may not be durable

    def add(self, path: Path, rows: pa.Table) -> int:
        """Add `rows` to the file at `path`; durable on return. Returns how many were new; known keys are dropped."""
        if path in self._unsure and self._disk.is_file(path):
            self._disk.sync_folder(path.parent)
        stored = self._load(path)
        fresh = self._unknown(rows, stored)
        if fresh.num_rows:
            self._files.pop(path, None)  # should the writing fail, what lies there is looked up the next time
            self._unsure.add(path)
            self._remember(path, self._write(path, stored, fresh))
        self._unsure.discard(path)
        return int(fresh.num_rows)

    def _write(self, path: Path, stored: Stored | None, fresh: pa.Table) -> Stored:
        keys = _integers(fresh, self._key)
        if stored is None:
            ordered = _in_order(fresh, keys)
            write_table(ordered, path, self._disk)
            return Stored(ordered, int(keys.max()), 1)
        greatest = max(stored.greatest, int(keys.max()))
        grown = pa.concat_tables([stored.rows, fresh])
        if keys[0] > stored.greatest and np.all(np.diff(keys) > 0) and not stored.is_scattered:
            append_table(fresh, path, self._disk)
            return Stored(grown, greatest, stored.groups + 1)
        ordered = _in_order(grown, _integers(grown, self._key)).combine_chunks()
        write_table(ordered, path, self._disk)
        return Stored(ordered, greatest, 1)

    def _unknown(self, rows: pa.Table, stored: Stored | None) -> pa.Table:
        """`rows` in their order, without keys that are stored and without the later ones of an equal key."""
        keys = _integers(rows, self._key)
        ascends = bool(np.all(np.diff(keys) > 0))
        if ascends and (stored is None or keys[0] > stored.greatest):
            return rows
        _, first = np.unique(keys, return_index=True)
        rows = rows.take(np.sort(first))
        if stored is None:
            return rows
        known = np.isin(_integers(rows, self._key), _integers(stored.rows, self._key))
        return rows.filter(pa.array(~known))

    def _load(self, path: Path) -> Stored | None:
        """None when there is no such file, or none with rows."""
        if not self._disk.is_file(path):
            return None
        if path in self._files:
            return self._files[path]
        rows = read_table(path, self._disk)
        if not rows.num_rows:
            return None
        return Stored(rows, int(_integers(rows, self._key).max()), count_groups(path, self._disk))

    def _remember(self, path: Path, stored: Stored) -> None:
        self._files[path] = stored
        while len(self._files) > self._held:
            self._finish(*self._files.popitem(last=False))

    def _finish(self, path: Path, stored: Stored) -> None:
        """Its time is over: one group of all rows, unless the groups are large."""
        if stored.groups == 1 or stored.rows.num_rows >= stored.groups * ROWS_WORTH_A_GROUP:
            return
        try:
            if self._disk.is_file(path):
                write_table(stored.rows.combine_chunks(), path, self._disk)
        except OSError as error:  # the rows are on disk all the same, in more groups
            log.warning("%s stays in %d groups: %s", path, stored.groups, error)


def _in_order(rows: pa.Table, keys: Integers) -> pa.Table:
    return rows if np.all(np.diff(keys) > 0) else rows.take(np.argsort(keys, kind="stable"))


def _integers(table: pa.Table, key: str) -> Integers:
    integers: Integers = pc.cast(table.column(key), pa.int64()).to_numpy()
    return integers
