"""Reading the gap ledger: what became of each trade id that the stream did not bring."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingest.disk import LOCAL_DISK, Disk
from ingest.id_ranges import IdRanges
from ingest.parquet import read_table
from ingest.record import GAPS
from ingest.runs import Gap


def fates(root: Path, source: str, symbol: str, disk: Disk = LOCAL_DISK) -> list[Gap]:
    """The newest word on every id that the ledger knows: ranges that share no id, ascending."""
    return _newest_words(_rows(root, source, disk), symbol)


def open_gaps(root: Path, source: str, symbols: Sequence[str], disk: Disk = LOCAL_DISK) -> list[Gap]:
    """What is still open, the newest first: those met last, and of one outage the highest ids."""
    rows = _rows(root, source, disk)
    found = [gap for symbol in symbols for gap in _newest_words(rows, symbol) if gap.status == "open"]
    return sorted(found, key=lambda gap: (gap.detected_at, gap.first_trade_id), reverse=True)


def _newest_words(rows: pa.Table, symbol: str) -> list[Gap]:
    told = IdRanges()
    newest: list[Gap] = []
    order = [("fetched_at", "descending"), ("ingest_run_id", "descending")]
    for row in rows.filter(pc.equal(rows["symbol"], symbol)).sort_by(order).to_pylist():
        for ids in told.add(range(row["first_trade_id"], row["last_trade_id"] + 1)):
            newest.append(Gap(symbol, ids[0], ids[-1], row["status"], row["reason"], row["detected_at"]))
    return sorted(newest, key=lambda gap: gap.first_trade_id)


def _rows(root: Path, source: str, disk: Disk) -> pa.Table:
    # `date` is the day of writing; a file that a crash left half written is not there under its name.
    tables = [read_table(path, disk) for path in disk.files(root / GAPS.folder, "date=*/*.parquet")]
    rows = pa.concat_tables([GAPS.schema.empty_table(), *tables])
    return rows.filter(pc.equal(rows["source"], source))
