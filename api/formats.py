"""How an answer is written: JSON, NDJSON, CSV, Parquet or Arrow, by `?format=` or by Accept."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from api.problems import Refusal

Format = Literal["json", "ndjson", "csv", "parquet", "arrow"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
ALSO: dict[str, Format] = {"application/ndjson": "ndjson", "application/jsonl": "ndjson", "*/*": "json"}
ACCEPTED: dict[str, Format] = {
    **{media_type: format for format, media_type in MEDIA_TYPES.items()},
    **ALSO,
    "application/*": "json",
    "text/*": "csv",
}
# Microseconds from 1970 to the years 1 and 10000: what ISO 8601 says in four digits.
FIRST, AFTER_LAST = -62_135_596_800_000_000, 253_402_300_800_000_000
JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class Answer:
    """Rows, and what is said of all of them; `more` is said in JSON alone, `key` makes its rows a mapping."""

    envelope: Mapping[str, object]
    noun: str
    table: pa.Table
    key: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    next_cursor: str | None = None
    is_paged: bool = True


def accepted(accept: str | None, asked: Format | None = None) -> Format:
    """The format that is asked for, or the one that Accept prefers; raises Refusal (406) if it takes none of ours."""
    if asked is not None:
        return asked
    if not accept:
        return "json"
    for media_type in _by_preference(accept):
        if media_type in ACCEPTED:
            return ACCEPTED[media_type]
    known = list(MEDIA_TYPES.values())
    detail = f"Accept: {accept[:200]} takes none of {', '.join(known)}: choose one, or add ?format="
    raise Refusal(HTTPStatus.NOT_ACCEPTABLE, detail, known)


def _by_preference(accept: str) -> list[str]:
    weighed = []
    for part in accept.split(","):
        media_type, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            weighed.append((float(weight), media_type))
        except ValueError:
            continue
    return [media_type for weight, media_type in sorted(weighed, key=lambda each: -each[0]) if weight > 0]


def body_of(answer: Answer, format: Format) -> bytes:
    """The answer as bytes. NaN and infinity, which no answer has, would be null."""
    return WRITERS[format](answer)


def _json(answer: Answer) -> bytes:
    place = {"next_cursor": answer.next_cursor} if answer.is_paged else {}
    return JSON.encode({**answer.envelope, **place, **answer.more, answer.noun: _said(answer)})


def _said(answer: Answer) -> object:
    if answer.key is None:
        return encodable(answer.table)
    names = _spoken(answer.table[answer.key])
    return dict(zip(names, encodable(answer.table.drop_columns([answer.key])), strict=True))


def _ndjson(answer: Answer) -> bytes:
    return JSON.encode_lines(encodable(_labelled(answer)))


def _csv(answer: Answer) -> bytes:
    table = _labelled(answer)
    for index, column in enumerate(table.schema):
        if not _is_flat(column.type):
            table = table.set_column(index, column.name, pa.array(_as_text(table[index]), pa.string()))
        elif pa.types.is_timestamp(column.type):
            table = table.set_column(index, column.name, pa.array(_as_instants(table[index]), pa.string()))
    sink = io.BytesIO()
    pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return sink.getvalue()


def _parquet(answer: Answer) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(_described(answer), sink, compression="zstd")
    return sink.getvalue()


def _arrow(answer: Answer) -> bytes:
    table = _described(answer)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(memoryview(sink.getvalue()))


WRITERS: dict[Format, Callable[[Answer], bytes]] = {
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
    "parquet": _parquet,
    "arrow": _arrow,
}
assert WRITERS.keys() == MEDIA_TYPES.keys() == set(get_args(Format))


def _labelled(answer: Answer) -> pa.Table:
    """Each row begins with what is said of all: a line that is cut out still says where it is from."""
    table = finite(answer.table)
    names = [name for name in answer.envelope if name not in table.schema.names]
    for position, name in enumerate(names):
        label = pa.repeat(pa.scalar(_plain(answer.envelope[name])), table.num_rows)
        table = table.add_column(position, name, label)
    return table


def _described(answer: Answer) -> pa.Table:
    """The same in the metadata of the schema, as JSON texts under `quant.<name>`."""
    said = {**answer.envelope, "next_cursor": answer.next_cursor}
    metadata = {f"quant.{name}": JSON.encode(value) for name, value in said.items()}
    return finite(answer.table).replace_schema_metadata(metadata)


def finite(table: pa.Table) -> pa.Table:
    """NULL for NaN and infinity."""
    for index, column in enumerate(table.schema):
        if pa.types.is_floating(column.type) and pc.all(pc.is_finite(table[index])).as_py() is False:
            known = pc.if_else(pc.is_finite(table[index]), table[index], None)
            table = table.set_column(index, column.name, known)
    return table


def encodable(table: pa.Table) -> list[msgspec.Struct]:
    """Rows that `JSON` writes as records; made and written in half the time of dictionaries."""
    row = _row_type(tuple(table.schema.names))
    return list(map(row, *map(_values, table.columns)))


@lru_cache(maxsize=256)  # a caller chooses the columns: bounded
def _row_type(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """Its own fields are numbered: a column may be called as no attribute can be."""
    numbered = {f"c{place}": name for place, name in enumerate(names)}
    return msgspec.defstruct("Row", list(numbered), rename=numbered, gc=False)


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_float64(column.type):  # NULL becomes NaN, which the encoder writes as null
        return list(column.to_numpy(zero_copy_only=False).tolist())
    if pa.types.is_timestamp(column.type):
        return _as_instants(column)
    if pa.types.is_date(column.type):
        return list(column.cast(pa.string()).to_pylist())
    if _is_flat(column.type):
        return _spoken(column)
    return [_plain(value) for value in _spoken(column)]


def _as_instants(column: pa.ChunkedArray) -> list[Any]:
    """2026-11-20T21:00:00Z; fractions of a second where there are any. All values at once: one by one takes long."""
    zone = "Z" if column.type.tz else ""
    steps = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
    bounds = pc.min_max(steps)
    if not FIRST <= (bounds["min"].as_py() or 0) <= (bounds["max"].as_py() or 0) < AFTER_LAST:
        return [str(value) for value in column.cast(pa.string()).to_pylist()]
    texts = pc.replace_substring_regex(steps.cast(pa.timestamp("us")).cast(pa.string()), r"\.0{6}$", "")
    return list(pc.binary_join_element_wise(pc.binary_replace_slice(texts, 10, 11, "T"), zone, "").to_pylist())


def _spoken(column: pa.ChunkedArray) -> list[Any]:
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
