"""The Arrow table that a query gave, as JSON, NDJSON, CSV, Parquet or Arrow; nothing that a query gives is a fault."""

import csv
import io
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api.sql_schemas import Format

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
Row = dict[str, Any]


def table_of(arrow: bytes) -> pa.Table:
    return pa.ipc.open_stream(arrow).read_all()


def plain_rows(table: pa.Table) -> Iterator[Row]:
    """Records of JSON's own types; NaN and infinity are None, instants end in Z.

    Piece by piece: whoever else is being answered by this process gets its turn in between.
    """
    for batch in table.to_batches(max_chunksize=100):
        for row in batch.to_pylist():
            yield {name: plain(value) for name, value in row.items()}
        time.sleep(0)


def plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def json_text(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def written(table: pa.Table, kind: Format, facts: Mapping[str, Any]) -> bytes:
    """`facts` is the JSON body without its rows; Arrow and Parquet carry it in the metadata of their schema."""
    if kind == "json":
        return json_text(facts)[:-1] + b',"rows":[' + b",".join(map(json_text, plain_rows(table))) + b"]}"
    return WRITERS[kind](table, facts)


def _ndjson(table: pa.Table, _: Mapping[str, Any]) -> bytes:
    return b"".join(json_text(row) + b"\n" for row in plain_rows(table))


def _csv(table: pa.Table, _: Mapping[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in plain_rows(table):
        writer.writerow([json.dumps(value) if isinstance(value, list | bool) else value for value in row.values()])
    return text.getvalue().encode("utf-8", "replace")


def _parquet(table: pa.Table, facts: Mapping[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(_with_facts(table, facts), sink)
    return sink.getvalue()


def _arrow(table: pa.Table, facts: Mapping[str, Any]) -> bytes:
    sink = io.BytesIO()
    said = _with_facts(table, facts)
    with pa.ipc.new_stream(sink, said.schema) as writer:
        writer.write_table(said)
    return sink.getvalue()


def _with_facts(table: pa.Table, facts: Mapping[str, Any]) -> pa.Table:
    return table.replace_schema_metadata({name: json_text(value) for name, value in facts.items()})


WRITERS: dict[Format, Callable[[pa.Table, Mapping[str, Any]], bytes]] = {
    "ndjson": _ndjson, "csv": _csv, "parquet": _parquet, "arrow": _arrow,
}  # fmt: skip
