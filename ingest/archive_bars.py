"""Bars of an archive on their way to disk: those that no file has as final yet."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.archive_file import Archive
from ingest.binance_record import Kline, klines_table
from ingest.parquet import Integers, append_table, partition_path, read_table, write_table
from ingest.record import KLINES
from ingest.runs import Run
from ingest.stored_trades import bounds

NO_BARS: Integers = np.empty(0, np.int64)


def store_bars(archive: Archive, bars: Sequence[Kline], run: Run) -> int:
    """Put bars of one archive on disk, each once; durable on return. Returns how many were not there yet."""
    if not bars:
        return 0
    assert archive.interval is not None
    rows = klines_table(sorted(bars, key=lambda bar: bar.ts), run.source, run.run_id)
    keys = {"symbol": archive.symbol, "source": run.source, "interval": archive.interval}
    folder = partition_path(run.root, KLINES, keys)
    begins, first = np.unique(_begins(rows), return_index=True)
    known = [NO_BARS]
    for path in run.disk.files(folder, "*.parquet"):
        span = bounds(path, "ts", run.disk)
        if span.start <= begins[-1] and begins[0] < span.stop:
            stored = read_table(path, run.disk)
            known.append(_begins(stored.filter(stored["is_final"])))
    fresh = rows.take(first[~np.isin(begins, np.concatenate(known))])
    if fresh.num_rows:
        path = folder / f"archive-{archive.path.stem}.parquet"
        (append_table if run.disk.is_file(path) else write_table)(fresh, path, run.disk)
    return int(fresh.num_rows)


def _begins(rows: pa.Table) -> Integers:
    begins: Integers = pc.cast(rows["ts"], pa.int64()).to_numpy()
    return begins
