"""`quant sql`: one answer in the format asked for, or the prompt of the DuckDB CLI."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from quant import connect
from quant.cli.output import format_of
from quant.cli.up import duckdb_command
from quant.errors import NoBuildError, QuantError
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import nothing_built

COPY_OPTIONS = {"csv": "format csv, header", "json": "format json, array true", "parquet": "format parquet"}
SHOWN_ROWS = 100


class QueryError(QuantError):
    """DuckDB refused a query; its own words say where."""


def answer(settings: Settings, query: str, asked: str | None, out: Path | None) -> None:
    """Print the last statement's answer, or write it to `out`; several statements run in order."""
    format = format_of(out, asked)
    refuse_binary_for_people(format, out)
    if not settings.market_path.exists():
        raise NoBuildError(nothing_built(settings))
    connection = connect(settings.market_path)
    try:
        relation = connection.sql(query)
        if relation is not None:
            write(relation, format, out)
    except duckdb.Error as error:
        raise QueryError(str(error).rstrip()) from error
    finally:
        connection.close()


def refuse_binary_for_people(format: str, out: Path | None) -> None:
    if format == "parquet" and out is None and sys.stdout.isatty():
        raise QueryError("parquet is binary: give --out FILE, or send the output into a pipe")


def write(relation: duckdb.DuckDBPyRelation, format: str, out: Path | None) -> None:
    """Print rows as table, csv, json or parquet, or write them to `out`."""
    try:
        if format == "table":
            _write_table(relation, out)
        else:
            _write_copy(relation, format, out)
    except OSError as error:
        raise QueryError(f"{out} cannot be written ({error.strerror}): name a file in a folder that exists") from error


def prompt(settings: Settings) -> None:
    """Become the DuckDB CLI on the newest build; read-only, UTC, in the project root so that globs resolve."""
    if not settings.market_path.exists():
        raise NoBuildError(nothing_built(settings))
    os.chdir(PROJECT_PATH)
    command = duckdb_command()
    os.execvp(command, [command, "-readonly", "-cmd", "set TimeZone = 'UTC'", str(settings.market_path)])


def _write_table(relation: duckdb.DuckDBPyRelation, out: Path | None) -> None:
    width = shutil.get_terminal_size((200, 24)).columns if sys.stdout.isatty() else 10_000
    if out is None:
        relation.show(max_rows=SHOWN_ROWS, max_width=width)
        return
    with out.open("w") as file:
        file.write(str(relation))


def _write_copy(relation: duckdb.DuckDBPyRelation, format: str, out: Path | None) -> None:
    if out is not None:
        _copy(relation, format, out)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answer.{format}"  # parquet's footer comes last: not every pipe takes it directly
        _copy(relation, format, path)
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _copy(relation: duckdb.DuckDBPyRelation, format: str, path: Path) -> None:
    target = str(path.absolute()).replace("'", "''")
    relation.query("answer", f"copy (from answer) to '{target}' ({COPY_OPTIONS[format]})")
