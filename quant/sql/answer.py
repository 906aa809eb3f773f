"""The rows of a checked query, as Arrow: plain columns only, at most so many rows and bytes, the rest cut off.

What JSON, CSV and Parquet cannot all say (intervals, maps, bits, 128 bits) becomes text, as DuckDB writes it.
"""

import io
import re
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from quant.sql import wire
from quant.sql.guard import Checked
from quant.sql.refusal import SqlRefusal, shown

ONE = {"SELECT": [["SELECT"]], "MULTI": [["SELECT"], ["MULTI"]]}
BATCH_ROWS = 2048
VALUE_BYTES = 8  # at least, whatever its type: a byte in Arrow is a whole number in JSON
NAME_BYTES = 32  # of a column's name: what is longer counts in each row, as JSON says it in each
MOST_COLUMNS = 1000
PLAIN = re.compile(
    r"^(BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\s*\d+\)|VARCHAR|DATE|TIMESTAMP"
    r"|TIMESTAMP WITH TIME ZONE|\"NULL\"|NULL)(\[\d*\])*$"
)
EARLIEST, LATEST = -62135596800, 253402300799  # 0001-01-01 and 9999-12-31T23:59:59, the years that clients know


def send_answer(
    connection: socket.socket, database: duckdb.DuckDBPyConnection, checked: Checked, limits: dict[str, Any]
) -> None:
    """Columns, Arrow, and what was cut off; one frame each. Raises duckdb.Error where the query fails."""
    sql, kind = checked.sql, "SELECT" if checked.sql == checked.checkable else "MULTI"  # a PIVOT without IN is two
    if [str(statement.type).rpartition(".")[2] for statement in database.extract_statements(sql)] not in ONE[kind]:
        raise SqlRefusal("exactly one select is allowed")
    relation = database.sql(sql)
    if relation is None:
        raise SqlRefusal("exactly one select is allowed")
    names, types = _different(relation.columns), [str(kind) for kind in relation.types]
    if len(names) > MOST_COLUMNS:
        raise SqlRefusal(f"the answer has {len(names)} columns, {MOST_COLUMNS} are allowed: name those that you want")
    if not all(map(PLAIN.match, types)):
        relation = database.sql(_as_text(sql, types))
    reader = relation.to_arrow_reader(BATCH_ROWS)
    schema = pa.schema([pa.field(name, field.type) for name, field in zip(names, reader.schema, strict=True)])
    batches = _Cut(limits["rows"], limits["bytes"], sum(max(len(name.encode()) - NAME_BYTES, 0) for name in names))
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, schema) as writer:
        for batch in batches.of(reader):
            _refuse_instants(batch, names)
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    if batches.is_cut and not batches.rows:
        raise SqlRefusal(f"the first row alone has more than {limits['bytes']} bytes: ask for less", "bytes")
    columns = [{"name": name, "type": kind} for name, kind in zip(names, types, strict=True)]
    wire.send(connection, wire.COLUMNS, {"sql": sql, "columns": columns})
    wire.send(connection, wire.ROWS, buffer.getvalue())
    wire.send(connection, wire.END, {"row_count": batches.rows, "truncated": batches.is_cut})


def _different(columns: Sequence[str]) -> list[str]:
    """DuckDB permits two columns of one name, a JSON object does not: the second `a` is called `a_1`."""
    found: list[str] = []
    for name in columns:
        candidate, count = name, 0
        while candidate in found:
            count += 1
            candidate = f"{name}_{count}"
        found.append(candidate)
    return found


def _as_text(sql: str, types: list[str]) -> str:
    """The same select, its columns by place, those of unusual types as text."""
    columns = [
        f"c{index}" if PLAIN.match(kind) else f"c{index}::{'decimal(38, 0)' if kind == 'HUGEINT' else 'varchar'}"
        for index, kind in enumerate(types)
    ]
    names = ", ".join(f"c{index}" for index in range(len(types)))
    return f"select {', '.join(columns)} from ({sql}) as answer({names})"


class _Cut:
    """Batches until `most_rows` or `most_bytes` are reached, the last one shortened; each row adds `row_bytes`."""

    def __init__(self, most_rows: int, most_bytes: int, row_bytes: int) -> None:
        self.rows, self.is_cut = 0, False
        self._most_rows, self._bytes, self._row_bytes = most_rows, most_bytes, row_bytes

    def of(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        for batch in _read(reader):
            wanted = min(batch.num_rows, self._most_rows - self.rows)
            while wanted and self._size(batch.slice(0, wanted)) > self._bytes:
                wanted //= 2
            self.is_cut = wanted < batch.num_rows
            if wanted:
                part = batch.slice(0, wanted)
                self.rows += wanted
                self._bytes -= self._size(part)
                yield part
            if self.is_cut:
                return

    def _size(self, batch: pa.RecordBatch) -> int:
        return _column_bytes(batch) + self._row_bytes * int(batch.num_rows)


def _read(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The query runs while its rows are read, and what then fails in DuckDB comes as an error of Arrow's."""
    try:
        yield from reader
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        if "Out of Memory" in reason:
            raise MemoryError from None
        raise SqlRefusal(f"DuckDB: {shown(reason)}", "engine") from None


def _column_bytes(batch: pa.RecordBatch) -> int:
    return sum(max(column.nbytes, VALUE_BYTES * _values(column)) for column in batch.columns)


def _values(column: pa.Array) -> int:
    """How many values it holds, those in lists included."""
    if pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
        return len(column) + _values(column.flatten())
    return len(column)


def _refuse_instants(batch: pa.RecordBatch, names: list[str]) -> None:
    for name, column in zip(names, batch.columns, strict=True):
        while pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
            column = column.flatten()
        if not pa.types.is_temporal(column.type) or not len(column) - column.null_count:
            continue
        days = pa.types.is_date(column.type)
        ticks = pc.min_max(column.cast(pa.int32() if days else pa.int64())).as_py()
        second = 1 / 86400 if days else 1_000_000
        if ticks["min"] / second < EARLIEST or ticks["max"] / second > LATEST:
            remedy = "cast it to varchar"
            raise SqlRefusal(f"column {shown(name)} has instants outside the years 1 to 9999: {remedy}", "engine")
