"""Reading the gap ledger: what became of each trade id that the stream did not bring."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.disk import LOCAL_DISK, Disk
from ingest.id_ranges import IdRanges
from ingest.parquet import read_table
from ingest.record import GAPS
from ingest.runs import Gap


def fates(root: Path, source: str, symbol: str, disk: Disk = LOCAL_DISK) -> list[Gap]:
    """The newest word on every id that the ledger knows: ranges that share no id, ascending."""
    told = IdRanges()
    newest: list[Gap] = []
    for row in _newest_first(root, source, symbol, disk):
        for ids in told.add(range(row["first_trade_id"], row["last_trade_id"] + 1)):
            newest.append(Gap(symbol, ids[0], ids[-1], row["status"], row["reason"], row["detected_at"]))
    return sorted(newest, key=lambda gap: gap.first_trade_id)


def open_gaps(root: Path, source: str, symbols: Sequence[str], disk: Disk = LOCAL_DISK) -> list[Gap]:
    """What is still open, the newest first: those met last, and of one outage the highest ids."""
    found = [gap for symbol in symbols for gap in fates(root, source, symbol, disk) if gap.status == "open"]
    return sorted(found, key=lambda gap: (gap.detected_at, gap.first_trade_id), reverse=True)


def _newest_first(root: Path, source: str, symbol: str, disk: Disk) -> list[dict[str, Any]]:
    # `date` is the day of writing; a file that a crash left half written is not there under its name.
    tables = [read_table(path, disk) for path in disk.files(root / GAPS.folder, "date=*/*.parquet")]
    rows = pa.concat_tables([GAPS.schema.empty_table(), *tables])
    ours = rows.filter(pc.and_(pc.equal(rows["source"], source), pc.equal(rows["symbol"], symbol)))
    order = [("fetched_at", "descending"), ("ingest_run_id", "descending")]
    newest_first: list[dict[str, Any]] = ours.sort_by(order).to_pylist()
    return newest_first
