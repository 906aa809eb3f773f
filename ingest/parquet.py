"""Parquet files: where a row lies, and how a file comes to be whole and durable under its name."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.record import DATASETS, UTC, Dataset
from quant.errors import QuantError

EMPTY_KEYS = {"date": "1970-01-01"}  # every other key is 0 in the path of an empty file
ROWS_PER_GROUP = 120_000
MAGIC = b"PAR1"


def partition_path(root: Path, dataset: Dataset, keys: Mapping[str, str]) -> Path:
    """The folder of one partition below `root` (data/parquet); `keys` holds exactly the dataset's keys."""
    return root.joinpath(dataset.folder, *(f"{key}={quote(keys[key], safe='^.:-_')}" for key in dataset.keys))


def keys_of(folder: Path) -> dict[str, str]:
    """The partition keys that a folder's path carries: the inverse of `partition_path`."""
    pairs = (part.split("=", 1) for part in folder.parts if "=" in part)
    return {key: unquote(value) for key, value in pairs}


def lay_down_empty_files(root: Path) -> None:
    """Give each dataset an empty typed file that sorts first: DuckDB binds to it, and it never goes away."""
    for dataset in DATASETS:
        path = partition_path(root, dataset, {key: EMPTY_KEYS.get(key, "0") for key in dataset.keys}) / "0.parquet"
        if not path.is_file() or not pq.read_schema(path).equals(dataset.schema):
            write_table(dataset.schema.empty_table(), path)


def write_table(table: pa.Table, path: Path) -> None:
    """Write `table` to `path`, replacing what is there. On return it is durable; no reader ever sees a part of it."""
    if path.is_file():
        _replace(path, _grown(path, table, keep_rows=False))
        return
    with _durable(path) as file:
        pq.write_table(table, file, row_group_size=ROWS_PER_GROUP, **_writer_layout(table.schema))


def append_table(table: pa.Table, path: Path) -> None:
    """Add the rows of `table` to the file at `path` as a row group of its own; durable on return."""
    _replace(path, _grown(path, table, keep_rows=True))


def count_groups(path: Path) -> int:
    """Row groups that a reader of the file meets: each costs it a little."""
    return int(pq.read_metadata(path).num_row_groups)


def _grown(path: Path, table: pa.Table, keep_rows: bool) -> bytes:
    """The next version of a file: the old rows where they were, then `table`, then a footer that says what counts.

    DuckDB opens a file by its name twice in one query, for the footer and for the rows (measured on 2.0). If the file
    was replaced in between, the rows that the old footer names must still lie where it says. So rows that do not
    count any more stay in the file as dead bytes, and only the footer forgets them.
    """
    old = path.read_bytes()
    rows_end = len(old) - 8 - int.from_bytes(old[-8:-4], "little")
    sink = pa.BufferOutputStream()
    written: list[pq.FileMetaData] = []
    with pq.ParquetWriter(sink, table.schema, metadata_collector=written, **_writer_layout(table.schema)) as writer:
        sink.write(old[len(MAGIC) : rows_end])  # the writer has written the magic word and goes on from here
        writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        end = sink.tell()
    counted = written[0]
    if keep_rows:
        counted = pq.read_metadata(path)
        counted.append_row_groups(written[0])
    footer = pa.BufferOutputStream()
    counted.write_metadata_file(footer)
    return bytes(sink.getvalue()[:end]) + bytes(footer.getvalue()[len(MAGIC) :])


def _replace(path: Path, content: bytes) -> None:
    with _durable(path) as file:
        file.write(content)


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    """A file to write; at the end it is on disk, whole, under the name `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_text(text: str, path: Path) -> None:
    """As `write_table`, for a small text file."""
    _replace(path, text.encode())


def read_table(path: Path) -> pa.Table:
    """The rows of one file, without the columns that its folders would add."""
    try:
        with pq.ParquetFile(path) as file:
            return file.read()
    except pa.ArrowInvalid as error:
        raise QuantError(f"{path} is no readable Parquet file ({error}): move it away and start again") from error


def read_ids(path: Path, column: str = "trade_id") -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """One int64 column of one file."""
    with pq.ParquetFile(path) as file:
        ids: np.ndarray[tuple[int], np.dtype[np.int64]] = file.read([column]).column(0).to_numpy()
        return ids


def greatest(path: Path, column: str) -> int | None:
    """The largest value of an int64 column (a timestamp: in microseconds), from the footer; None without rows."""
    with pq.ParquetFile(path) as file:
        position = file.schema_arrow.get_field_index(column)
        groups = [file.metadata.row_group(number).column(position) for number in range(file.metadata.num_row_groups)]
        values = [group.statistics.max_raw for group in groups if group.statistics and group.statistics.has_min_max]
    return max(values, default=None)


def sync_folder(folder: Path) -> None:
    """Make renames and deletions in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
