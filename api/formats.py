"""How an answer is written: JSON, NDJSON, CSV, Parquet or Arrow, by `?format=` or by Accept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

import pyarrow as pa

from api.problems import Refusal
from quant.formats import JSON, WRITERS, described, encodable, json_rows, labelled, spoken

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


@dataclass(frozen=True)
class Answer:
    """Rows, and what is said of all of them; `more` is said in JSON alone, `key` makes its rows a mapping."""

    envelope: Mapping[str, object]
    noun: str
    table: pa.Table
    key: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    next_cursor: str | None = None
    labels: tuple[str, ...] | None = None  # of the envelope, with which rows of CSV and NDJSON begin; None is all
    is_paged: bool = True

    @property
    def said(self) -> dict[str, object]:
        """Of all rows."""
        return {**self.envelope, "next_cursor": self.next_cursor} if self.is_paged else dict(self.envelope)


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
    detail = f"Accept: {accept[:200]} takes none of {', '.join(known)}: choose one, or say format"
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
    if format == "json":
        return _json(answer)
    if format in ("csv", "ndjson"):  # which hold nothing but rows
        table = labelled(answer.table, {name: answer.envelope[name] for name in answer.labels or answer.envelope})
    else:
        table = described(answer.table, answer.said)
    sink = pa.BufferOutputStream()
    WRITERS[format](table, sink)
    return bytes(memoryview(sink.getvalue()))


def _json(answer: Answer) -> bytes:
    return JSON.encode({**answer.said, **answer.more, answer.noun: _rows(answer)})


def _rows(answer: Answer) -> object:
    if answer.key is None:
        return json_rows(answer.table)
    names = spoken(answer.table[answer.key])
    return dict(zip(names, encodable(answer.table.drop_columns([answer.key])), strict=True))
