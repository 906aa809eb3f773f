"""`quant export`: any public relation, or the history of a metric, as a file that says where it came from."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from quant import formats
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
    if since is not None and until is not None and since >= until:
        raise OutputError(
            f"--from {since.isoformat()} is not before {until.isoformat()}, where --to ends: exchange them"
        )
    filters = Filters(symbol, source, interval, since, until, fields)
    with Warehouse(settings).reading() as reading:
        relation = public_name(reading, name)
        table, provenance = exported(reading, relation, filters, settings.demo)
    if kind in ("csv", "ndjson"):  # which hold nothing but rows
        table = formats.labelled(table, {name: provenance[name] for name in ("build_id", "demo")})
    _write(formats.described(formats.finite(table), provenance), kind, out)
    return f"{out}: {table.num_rows} rows of {relation}, build {provenance['build_id']}"


def _format_of(out: Path, format: str | None) -> str:
    refuse_no_folder(out)
    suffix = out.suffix.lower().removeprefix(".")
    known = ", ".join(f".{each}" for each in FORMATS)
    if format is None and suffix not in FORMATS:
        raise OutputError(f"--out {out}: its name says no format: let it end in {known}, or add --format")
    if format is not None and suffix in FORMATS and format != suffix:
        raise OutputError(f"--out {out} says {suffix} and --format says {format}: leave --format out, or rename it")
    return format or suffix


def _write(table: pa.Table, kind: str, out: Path) -> None:
    staged = out.with_name(f".{out.name}.part")  # a file that is there is whole
    try:
        with pa.OSFile(str(staged), "wb") as file:
            WRITERS[kind](table, file)
        staged.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror or error}): name another file") from error
    finally:
        staged.unlink(missing_ok=True)


def _arrow_file(table: pa.Table, sink: pa.NativeFile) -> None:
    """Not a stream, as over HTTP: readers of files want to go to any part."""
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


WRITERS: dict[str, Callable[[pa.Table, pa.NativeFile], None]] = {**formats.WRITERS, "arrow": _arrow_file}
