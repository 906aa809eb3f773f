"""Ways to be wrong, each a small change of the product: the simulator must find every one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa

from ingest import compaction, gap_fill, insertion
from ingest.crypto import Recorder
from ingest.disk import Disk
from ingest.growing_file import GrowingFiles
from ingest.parquet import write_text
from ingest.pending import Pending, Writer
from ingest.stored_trades import NO_IDS
from quant.boundary import boundary_path
from tests.simulation.process_disk import ProcessDisk

Mutant = Callable[[], AbstractContextManager[object]]


def _no_folder_sync() -> AbstractContextManager[object]:
    """A new name is not made durable."""
    return patch.object(ProcessDisk, "sync_folder", lambda self, path: None)


def _no_file_sync() -> AbstractContextManager[object]:
    """A new content is not made durable."""
    return patch.object(ProcessDisk, "sync", lambda self, file: None)


def _no_sync_at_start() -> AbstractContextManager[object]:
    """What a killed process left is trusted, though it may not be durable."""
    return patch.object(ProcessDisk, "sync_all", lambda self: None)


def _gaps_after_trades() -> AbstractContextManager[object]:
    """A hole is told only after what lies behind it is on disk."""
    tell_late = Writer.write

    def write(self: Writer, pending: Pending) -> None:
        warnings, pending.warnings = pending.warnings, []
        tell_late(self, pending)
        pending.warnings = warnings
        tell_late(self, pending)

    return patch.object(Writer, "write", write)


def _boundary_first() -> AbstractContextManager[object]:
    """The boundary advances before the closed files are durable."""
    close = compaction.close_settled

    def close_settled(root: Path, at: datetime, disk: Disk) -> None:
        new = compaction._floor_hour(at - compaction.SETTLED_AFTER)
        if new > compaction.stored_boundary(root, disk):
            write_text(new.isoformat() + "\n", boundary_path(root), disk)
        close(root, at, disk)

    return patch("tests.simulation.programs.close_settled", close_settled)


def _forgetful_flush() -> AbstractContextManager[object]:
    """What a failing disk refused is dropped, though its ids count as recorded."""
    return patch.object(Pending, "followed_by", lambda self, later: later)


def _doubles_kept() -> AbstractContextManager[object]:
    """A trade that comes twice is taken twice."""

    async def take(self: Recorder, trade: Any, frame: bytes = b"") -> None:
        last = self._last[trade.symbol]
        if last is not None and trade.trade_id <= last:
            self._append(trade)
        else:
            await self._take_new(trade)

    def unknown(self: GrowingFiles, rows: pa.Table, stored: Any) -> pa.Table:
        return rows

    return _both(patch.object(Recorder, "take", take), patch.object(GrowingFiles, "_unknown", unknown))


def _blind_insertion() -> AbstractContextManager[object]:
    """Other writers do not look whether a trade is on disk already."""
    nothing = patch("ingest.fill.ids_on_disk", lambda *arguments: NO_IDS)
    return _both(nothing, patch.object(insertion, "_without", lambda rows, ids: rows))


def _holes_refilled() -> AbstractContextManager[object]:
    """A starting recorder fills holes that are the background filler's."""
    return patch("ingest.crypto.untold", lambda run, symbol, holes: holes)


def _holes_overlooked() -> AbstractContextManager[object]:
    """A starting recorder does not look for holes that a crash left."""
    return patch("ingest.crypto.untold", lambda run, symbol, holes: [])


def _rash_belief() -> AbstractContextManager[object]:
    """One answer that lacks a trade proves that there is none."""
    return patch.object(gap_fill, "ASK_AGAIN_SECONDS", ())


def _rash_deletion() -> AbstractContextManager[object]:
    """A compaction deletes tail files without looking whether closed has their rows."""

    def delete(root: Path, hour: Any, disk: Disk) -> None:
        for path in hour.files(disk):
            disk.delete(path)

    return patch.object(compaction, "_delete", delete)


def _endless_memory() -> AbstractContextManager[object]:
    """Reading goes on while nothing can be written."""

    async def make_room(self: Recorder) -> None:
        return

    return patch.object(Recorder, "_make_room", make_room)


@contextmanager
def _both(*patches: AbstractContextManager[object]) -> Iterator[None]:
    with ExitStack() as stack:
        for each in patches:
            stack.enter_context(each)
        yield


MUTANTS: dict[str, Mutant] = {
    "no folder sync": _no_folder_sync,
    "no file sync": _no_file_sync,
    "no sync at start": _no_sync_at_start,
    "gaps after trades": _gaps_after_trades,
    "boundary first": _boundary_first,
    "forgetful flush": _forgetful_flush,
    "doubles kept": _doubles_kept,
    "blind insertion": _blind_insertion,
    "holes refilled": _holes_refilled,
    "holes overlooked": _holes_overlooked,
    "rash belief": _rash_belief,
    "rash deletion": _rash_deletion,
    "endless memory": _endless_memory,
}

# Two locks on one door: what these leave open another check closes, and it takes hundreds of seeds to pass both.
SELDOM_FOUND = ("blind insertion", "rash deletion")
