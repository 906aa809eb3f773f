"""How rows are written: JSON, NDJSON, CSV, Parquet, Arrow. NaN and infinity are null, and no type of DuckDB's fails."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

# Microseconds from 1970 to the years 1 and 10000: what ISO 8601 says in four digits.
FIRST, AFTER_LAST = -62_135_596_800_000_000, 253_402_300_800_000_000
UNSAID = frozenset('"\\')  # no name of a structure's field has them; of a query's column it may
JSON = msgspec.json.Encoder(decimal_format="number")
NOT_IN_CSV = (pa.binary(), pa.month_day_nano_interval())
PIECE = 1000  # rows; between two of them whoever else is answered by this process has its turn


def write_ndjson(table: pa.Table, sink: pa.NativeFile) -> None:
    for piece in _pieces(table):
        sink.write(JSON.encode_lines(encodable(piece)))


def write_csv(table: pa.Table, sink: pa.NativeFile) -> None:
    """Instants as in JSON; what CSV has no word for, lists and maps above all, as JSON texts."""
    table = finite(table)
    for index, column in enumerate(table.schema):
        if not _is_flat(column.type) or column.type in NOT_IN_CSV:
            table = table.set_column(index, column.name, pa.array(_as_text(table[index]), pa.string()))
        elif pa.types.is_timestamp(column.type):
            table = table.set_column(index, column.name, pa.array(_as_instants(table[index]), pa.string()))
    pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(quoting_style="needed"))


def write_parquet(table: pa.Table, sink: pa.NativeFile) -> None:
    pyarrow.parquet.write_table(finite(table), sink, compression="zstd")


def write_arrow(table: pa.Table, sink: pa.NativeFile) -> None:
    table = finite(table)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


WRITERS: dict[str, Callable[[pa.Table, pa.NativeFile], None]] = {
    "ndjson": write_ndjson, "csv": write_csv, "parquet": write_parquet, "arrow": write_arrow,
}  # fmt: skip


def json_rows(table: pa.Table) -> msgspec.Raw:
    """The rows as a JSON array, which JSON.encode takes as it is."""
    return msgspec.Raw(b"[" + b",".join(JSON.encode(encodable(piece))[1:-1] for piece in _pieces(table)) + b"]")


def encodable(table: pa.Table) -> list[Any]:
    """Rows that `JSON` writes as records; made and written in half the time of dictionaries."""
    names = tuple(table.schema.names)
    if not all(name.isprintable() and UNSAID.isdisjoint(name) for name in names):
        return [dict(zip(names, row, strict=True)) for row in zip(*map(_values, table.columns), strict=True)]
    row = _row_type(names)
    return list(map(row, *map(_values, table.columns)))


@lru_cache(maxsize=256)  # a caller chooses the columns: bounded
def _row_type(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """Its own fields are numbered: a column may be called as no attribute can be."""
    numbered = {f"c{place}": name for place, name in enumerate(names)}
    return msgspec.defstruct("Row", list(numbered), rename=numbered, gc=False)


def described(table: pa.Table, said: Mapping[str, object]) -> pa.Table:
    """What is said of all rows in the metadata of their schema, as JSON texts under `quant.<name>`."""
    return table.replace_schema_metadata({f"quant.{name}": JSON.encode(value) for name, value in said.items()})


def labelled(table: pa.Table, said: Mapping[str, object]) -> pa.Table:
    """Each row begins with what is said of all: a line that is cut out still says where it is from."""
    names = [name for name in said if name not in table.schema.names]
    for position, name in enumerate(names):
        table = table.add_column(position, name, pa.repeat(pa.scalar(_plain(said[name])), table.num_rows))
    return table


def finite(table: pa.Table) -> pa.Table:
    """NULL for NaN and infinity."""
    for index, column in enumerate(table.schema):
        if pa.types.is_floating(column.type) and pc.all(pc.is_finite(table[index])).as_py() is False:
            known = pc.if_else(pc.is_finite(table[index]), table[index], None)
            table = table.set_column(index, column.name, known)
    return table


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, PIECE):
        if start:
            time.sleep(0)
        yield table.slice(start, PIECE)


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_float64(column.type):  # NULL becomes NaN, which the encoder writes as null
        return list(column.to_numpy(zero_copy_only=False).tolist())
    if pa.types.is_timestamp(column.type):
        return _as_instants(column)
    if pa.types.is_date(column.type):
        return list(column.cast(pa.string()).to_pylist())
    if _is_flat(column.type):
        return spoken(column)
    return [_plain(value) for value in spoken(column)]


def _as_instants(column: pa.ChunkedArray) -> list[Any]:
    """2026-11-20T21:00:00Z; fractions of a second where there are any. All values at once: one by one takes long."""
    zone = "Z" if column.type.tz else ""
    steps = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
    bounds = pc.min_max(steps)
    if not FIRST <= (bounds["min"].as_py() or 0) <= (bounds["max"].as_py() or 0) < AFTER_LAST:
        return [str(value) for value in column.cast(pa.string()).to_pylist()]
    texts = pc.replace_substring_regex(steps.cast(pa.timestamp("us")).cast(pa.string()), r"\.0{6}$", "")
    return list(pc.binary_join_element_wise(pc.binary_replace_slice(texts, 10, 11, "T"), zone, "").to_pylist())


def spoken(column: pa.ChunkedArray) -> list[Any]:
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):  # a date before the year 1 has no Python object
        return list(column.cast(pa.string()).to_pylist())


def _as_text(column: pa.ChunkedArray) -> list[str | None]:
    return [None if value is None else JSON.encode(value).decode() for value in _values(column)]


def _is_flat(kind: pa.DataType) -> bool:
    return not pa.types.is_nested(kind)


def _plain(value: Any) -> Any:
    """A mapping of Arrow is a list of pairs."""
    if isinstance(value, list) and value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return {str(name): _plain(item) for name, item in value}
    return value
