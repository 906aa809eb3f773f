"""Holes in the stored trade ids that the ledger knows nothing of: files that somebody took away, say."""

from itertools import pairwise
from pathlib import Path

from ingest.disk import LOCAL_DISK, Disk
from ingest.gap_ledger import fates
from ingest.id_ranges import IdRanges
from ingest.runs import Gap, Run
from ingest.stored_trades import once_listed, stored_ranges
from ingest.tail import least_of_newest_minutes

FOUND_MISSING = "they are missing on disk, though trades before and behind them are there"


def tell(holes: list[range], run: Run, symbol: str) -> int:
    """Write holes of a symbol into the ledger, as open. Returns how many ids they have."""
    for hole in holes:
        run.record_gaps([Gap(symbol, hole[0], hole[-1], "open", FOUND_MISSING, run.clock())])
    return sum(map(len, holes))


def untold_holes(root: Path, source: str, symbol: str, disk: Disk = LOCAL_DISK) -> list[range]:
    """Ids between stored ones that are neither stored nor in the ledger, ascending.

    Nothing is said of the newest two minutes: the recorder fills those itself.
    """
    beyond = least_of_newest_minutes(root, symbol, source, disk)
    stored = IdRanges()
    for part in once_listed(lambda: stored_ranges(root, symbol, source, disk)):
        stored.add(part)
    known = stored.parts
    told = IdRanges()
    for gap in fates(root, source, symbol, disk):
        if gap.status != "filled":  # what was filled and is not there has gone since
            told.add(range(gap.first_trade_id, gap.last_trade_id + 1))
    holes = [range(one.stop, other.start) for one, other in pairwise(known)]
    return [part for hole in holes if beyond is None or hole.start < beyond for part in told.lacking(hole)]
