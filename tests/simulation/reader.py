"""What readers see on the simulated disk, and what the ledger says; looks at the files as they lie there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.parquet import Integers, keys_of
from ingest.record import GAPS, TRADES_CLOSED, TRADES_TAIL, Dataset
from quant.boundary import EPOCH, boundary_path, parse_boundary
from tests.simulation.memory_disk import File, MemoryDisk

FATES = ("filled", "absent_upstream", "open")


@dataclass(frozen=True)
class StoredFile:
    path: Path
    rows: pa.Table

    @property
    def ids(self) -> Integers:
        ids: Integers = self.rows["trade_id"].to_numpy()
        return ids


class Reader:
    """Remembers what it has parsed: most files stay as they are from one look to the next."""

    def __init__(self, disk: MemoryDisk, root: Path) -> None:
        self._disk, self._root = disk, root
        self._parsed: dict[int, tuple[File, bytes, pa.Table]] = {}

    def boundary(self) -> datetime:
        path = boundary_path(self._root)
        file = self._disk.find(path)
        return parse_boundary(file.content.decode()) if isinstance(file, File) else EPOCH

    def ids_on_disk(self, symbol: str) -> set[int]:
        """Of every file, seen by readers or not."""
        return {
            int(one)
            for file in self._files(TRADES_CLOSED, symbol) + self._files(TRADES_TAIL, symbol)
            for one in file.ids
        }

    def seen(self, symbol: str, boundary: datetime) -> pa.Table:
        """The rows that a build with this boundary shows, in the order of their ids, doubles included."""
        parts = [TRADES_TAIL.schema.empty_table()]
        for file in self._files(TRADES_CLOSED, symbol):
            parts.append(file.rows.filter(pc.less(file.rows["ts"], pa.scalar(boundary))))
        for file in self._files(TRADES_TAIL, symbol):
            if _hour(file.path) >= boundary:
                parts.append(file.rows)
        return pa.concat_tables(parts).sort_by("trade_id")

    def fates(self, symbol: str) -> dict[int, str]:
        """By the newest batch that covers it: the fate of each id that the ledger knows."""
        fates: dict[int, str] = {}
        rows = pa.concat_tables([GAPS.schema.empty_table(), *(table for _, table in self._tables(GAPS))])
        for row in rows.filter(pc.equal(rows["symbol"], symbol)).sort_by("fetched_at").to_pylist():
            fates |= dict.fromkeys(range(row["first_trade_id"], row["last_trade_id"] + 1), row["status"])
        return fates

    def leftovers(self) -> list[Path]:
        """Files of no name that a reader would take for data."""
        return [path for path, _ in self._disk.files_below(self._root) if path.name.startswith(".")]

    def _files(self, dataset: Dataset, symbol: str) -> list[StoredFile]:
        return [StoredFile(path, rows) for path, rows in self._tables(dataset) if keys_of(path)["symbol"] == symbol]

    def _tables(self, dataset: Dataset) -> list[tuple[Path, pa.Table]]:
        files = self._disk.files_below(self._root / dataset.folder)
        return [(path, self._parse(file)) for path, file in files if path.suffix == ".parquet"]

    def _parse(self, file: File) -> pa.Table:
        known = self._parsed.get(id(file))
        if known is None or known[1] is not file.content:
            table = pq.ParquetFile(pa.BufferReader(file.content)).read(use_threads=False)
            known = self._parsed[id(file)] = file, file.content, table
        return known[2]


def _hour(path: Path) -> datetime:
    keys = keys_of(path)
    return datetime.fromisoformat(keys["date"]).replace(hour=int(keys["hour"]), tzinfo=UTC)


def repeated(ids: Integers) -> list[int]:
    """Ids that stand there more than once, of an ascending array."""
    return [int(one) for one in np.unique(ids[1:][np.diff(ids) == 0])]
