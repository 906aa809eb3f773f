"""Parquet files: where a row lies, and how a file comes to be whole and durable under its name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.disk import LOCAL_DISK, Disk, put
from ingest.record import DATASETS, UTC, Dataset
from quant.errors import QuantError

EMPTY_KEYS = {"date": "1970-01-01"}  # every other key is 0 in the path of an empty file
ROWS_PER_GROUP = 120_000
MAGIC = b"PAR1"

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]


def partition_path(root: Path, dataset: Dataset, keys: Mapping[str, str]) -> Path:
    """The folder of one partition below `root` (data/parquet); `keys` holds exactly the dataset's keys."""
    return root.joinpath(dataset.folder, *(f"{key}={quote(keys[key], safe='^.:-_')}" for key in dataset.keys))


def keys_of(folder: Path) -> dict[str, str]:
    """The partition keys that a folder's path carries: the inverse of `partition_path`."""
    pairs = (part.split("=", 1) for part in folder.parts if "=" in part)
    return {key: unquote(value) for key, value in pairs}


def lay_down_empty_files(root: Path, disk: Disk = LOCAL_DISK) -> None:
    """Give each dataset an empty typed file that sorts first: DuckDB binds to it, and it never goes away."""
    for dataset in DATASETS:
        path = partition_path(root, dataset, {key: EMPTY_KEYS.get(key, "0") for key in dataset.keys}) / "0.parquet"
        if not disk.is_file(path) or not read_schema(path, disk).equals(dataset.schema):
            write_table(dataset.schema.empty_table(), path, disk)


def write_table(table: pa.Table, path: Path, disk: Disk = LOCAL_DISK) -> None:
    """Write `table` to `path`, replacing what is there. On return it is durable; no reader ever sees a part of it."""
    if disk.is_file(path):
        put(_grown(disk.read(path), table, keep_rows=False), path, disk)
        return
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=ROWS_PER_GROUP, **_writer_layout(table.schema))
    put(sink.getvalue(), path, disk)


def append_table(table: pa.Table, path: Path, disk: Disk = LOCAL_DISK) -> None:
    """Add the rows of `table` to the file at `path` as a row group of its own; durable on return."""
    put(_grown(disk.read(path), table, keep_rows=True), path, disk)


def count_groups(path: Path, disk: Disk = LOCAL_DISK) -> int:
    """Row groups that a reader of the file meets: each costs it a little."""
    with disk.open(path) as file:
        return int(pq.read_metadata(file).num_row_groups)


def _grown(old: bytes, table: pa.Table, keep_rows: bool) -> bytes:
    """The next version of a file: the old rows where they were, then `table`, then a footer that says what counts.

    DuckDB opens a file by its name twice in one query, for the footer and for the rows (measured on 2.0). If the file
    was replaced in between, the rows that the old footer names must still lie where it says. So rows that do not
    count any more stay in the file as dead bytes, and only the footer forgets them.
    """
    rows_end = len(old) - 8 - int.from_bytes(old[-8:-4], "little")
    sink = pa.BufferOutputStream()
    written: list[pq.FileMetaData] = []
    with pq.ParquetWriter(sink, table.schema, metadata_collector=written, **_writer_layout(table.schema)) as writer:
        sink.write(old[len(MAGIC) : rows_end])  # the writer has written the magic word and goes on from here
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        end = sink.tell()
    counted = written[0]
    if keep_rows:
        counted = pq.read_metadata(pa.BufferReader(old))
        counted.append_row_groups(written[0])
    footer = pa.BufferOutputStream()
    counted.write_metadata_file(footer)
    return bytes(sink.getvalue()[:end]) + bytes(footer.getvalue()[len(MAGIC) :])


def write_text(text: str, path: Path, disk: Disk = LOCAL_DISK) -> None:
    """As `write_table`, for a small text file."""
    put(text.encode(), path, disk)


def read_table(path: Path, disk: Disk = LOCAL_DISK) -> pa.Table:
    """The rows of one file, without the columns that its folders would add."""
    try:
        with disk.open(path) as file:
            return pq.ParquetFile(file).read()
    except pa.ArrowInvalid as error:
        raise QuantError(f"{path} is no readable Parquet file ({error}): move it away and start again") from error


def read_schema(path: Path, disk: Disk = LOCAL_DISK) -> pa.Schema:
    """The columns of one file, with the metadata that its writer added."""
    with disk.open(path) as file:
        return pq.ParquetFile(file).schema_arrow


def read_ids(path: Path, column: str = "trade_id", disk: Disk = LOCAL_DISK) -> Integers:
    """One int64 column of one file."""
    with disk.open(path) as file:
        ids: Integers = pq.ParquetFile(file).read([column]).column(0).to_numpy()
        return ids


def greatest(path: Path, column: str, disk: Disk = LOCAL_DISK) -> int | None:
    """The largest value of an int64 column (a timestamp: in microseconds), from the footer; None without rows."""
    with disk.open(path) as opened:
        file = pq.ParquetFile(opened)
        position = file.schema_arrow.get_field_index(column)
        groups = [file.metadata.row_group(number).column(position) for number in range(file.metadata.num_row_groups)]
        values = [group.statistics.max_raw for group in groups if group.statistics and group.statistics.has_min_max]
    return max(values, default=None)


def _writer_layout(schema: pa.Schema) -> dict[str, Any]:
    """Small files that DuckDB reads fast: ids, times and prices as differences, repeated words as a dictionary."""
    delta = [field.name for field in schema if pa.types.is_int64(field.type) or field.type == UTC]
    narrow = [field.name for field in schema if pa.types.is_decimal(field.type) and field.type.precision <= 18]
    words = [field.name for field in schema if pa.types.is_string(field.type)]
    return {
        "compression": "zstd",
        "use_dictionary": words,
        "column_encoding": dict.fromkeys(delta + narrow, "DELTA_BINARY_PACKED"),
        "store_decimal_as_integer": True,
    }
