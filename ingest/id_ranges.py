"""Sets of trade ids as ranges: what is nearly consecutive takes next to no memory."""

from bisect import bisect_left, bisect_right

import numpy as np

from ingest.parquet import Integers


class IdRanges:
    """A growing set of ids."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []  # exclusive

    @property
    def parts(self) -> list[range]:
        """The set as ranges, ascending; between two of them at least one id is missing."""
        return [range(begin, end) for begin, end in zip(self._begins, self._ends, strict=True)]

    def add(self, ids: range) -> list[range]:
        """Returns those of `ids` that were not in the set, ascending."""
        first, beyond = bisect_left(self._ends, ids.start), bisect_right(self._begins, ids.stop)
        lacking = self.lacking(ids)
        begins = [ids.start, *self._begins[first:beyond]]
        ends = [ids.stop, *self._ends[first:beyond]]
        self._begins[first:beyond], self._ends[first:beyond] = [min(begins)], [max(ends)]
        return lacking

    def lacking(self, ids: range) -> list[range]:
        """Those of `ids` that are not in the set, ascending."""
        first, beyond = bisect_right(self._ends, ids.start), bisect_left(self._begins, ids.stop)
        begins = [ids.start, *self._ends[first:beyond]]
        ends = [*self._begins[first:beyond], ids.stop]
        return [range(begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end]

    def within(self, ids: range) -> list[range]:
        """Those of `ids` that are in the set, ascending."""
        first, beyond = bisect_right(self._ends, ids.start), bisect_left(self._begins, ids.stop)
        return [range(max(part.start, ids.start), min(part.stop, ids.stop)) for part in self.parts[first:beyond]]

    def joined_with(self, ids: range) -> range:
        """`ids` and what lies between them and the set."""
        if not self._begins:
            return ids
        return range(min(ids.start, self._ends[-1]), max(ids.stop, self._begins[0]))


def distinct(ids: Integers) -> Integers:
    """`ids` ascending, each once; several times as fast as numpy's way when they nearly are already."""
    if len(ids) and not np.all(np.diff(ids) > 0):
        ids = np.sort(ids)
        ids = ids[np.r_[True, np.diff(ids) > 0]]
    return ids


def ranges_of(ids: Integers) -> list[range]:
    """Ascending ids, each once, as runs of consecutive ones."""
    if not len(ids):
        return []
    breaks = np.flatnonzero(np.diff(ids) > 1)
    begins, ends = ids[np.r_[0, breaks + 1]], ids[np.r_[breaks, len(ids) - 1]]
    return [range(int(begin), int(end) + 1) for begin, end in zip(begins, ends, strict=True)]
