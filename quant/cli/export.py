"""`quant export`: any public relation, or the history of a metric, as a file that says where it came from."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from quant.cli.output import OutputError, refuse_no_folder
from quant.explanation.exports import Filters, exported, public_name
from quant.settings import Settings
from quant.warehouse import Warehouse

FORMATS = ("parquet", "csv", "arrow", "ndjson")


Asked = tuple[str | None, str | None, str | None, datetime | None, datetime | None, tuple[str, ...]]


def export_rows(settings: Settings, name: str, asked: Asked, out: Path, format: str | None) -> str:
    """Write the rows; Parquet and Arrow files say in their metadata which build they are of. Says what was written."""
    kind = _format_of(out, format)
    symbol, source, interval, since, until, fields = asked
    filters = Filters(symbol, source, interval, _utc(since), _utc(until), fields)
    with Warehouse(settings).reading() as reading:
        relation = public_name(reading, name)
        table, provenance = exported(reading, relation, filters, settings.demo)
    if kind in ("csv", "ndjson"):  # which hold nothing but rows
        for told in ("demo", "build_id"):
            table = table.add_column(0, told, pa.repeat(provenance[told], table.num_rows))
    _write(table.replace_schema_metadata(provenance), kind, out)
    return f"{out}: {table.num_rows} rows of {relation}, build {provenance['build_id']}"


def _utc(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant


def _format_of(out: Path, format: str | None) -> str:
    refuse_no_folder(out)
    suffix = out.suffix.lower().removeprefix(".")
    known = ", ".join(f".{each}" for each in FORMATS)
    if format is None and suffix not in FORMATS:
        raise OutputError(f"--out {out}: its name says no format: let it end in {known}, or add --format")
    if format is not None and suffix in FORMATS and format != suffix:
        raise OutputError(f"--out {out} says {suffix} and --format says {format}: leave --format out, or rename it")
    return format or suffix


def _write(table: pa.Table, format: str, out: Path) -> None:
    staged = out.with_name(f".{out.name}.part")  # a file that is there is whole
    try:
        if format == "parquet":
            pq.write_table(table, staged)
        elif format == "csv":
            pa_csv.write_csv(_texts(table), staged)
        elif format == "arrow":
            with pa.OSFile(str(staged), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        else:
            _write_ndjson(table, staged)
        staged.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror or error}): name another file") from error
    finally:
        staged.unlink(missing_ok=True)


def _write_ndjson(table: pa.Table, path: Path) -> None:
    with path.open("w") as file:
        for batch in table.to_batches(max_chunksize=10_000):
            file.writelines(json.dumps(row, default=_text) + "\n" for row in batch.to_pylist())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _texts(table: pa.Table) -> pa.Table:
    """CSV holds no lists and no maps: they are written as JSON."""
    columns: Iterable[pa.ChunkedArray] = (
        pa.chunked_array([pa.array([json.dumps(each, default=_text) for each in column.to_pylist()], pa.string())])
        if pa.types.is_nested(column.type)
        else column
        for column in table.columns
    )
    return pa.table(list(columns), names=table.schema.names)
