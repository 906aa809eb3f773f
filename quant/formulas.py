"""Loads macros/formulas/*.sql, the mathematics of the product, into a DuckDB connection."""

import hashlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from quant.settings import PROJECT_PATH

FORMULAS_PATH = PROJECT_PATH / "macros" / "formulas"
VERSION = "formulas_version"  # a macro of each database that holds the formulas: which they are
MACROS = """
    select function_name, macro_definition
    from duckdb_functions()
    where not internal and database_name = current_database() and function_type in ('macro', 'table_macro')
"""


def formula_files(path: Path = FORMULAS_PATH) -> list[Path]:
    """In number order: DuckDB binds a macro's callees when it is created, so callees come first."""
    return sorted(path.glob("*.sql"))


def load_formulas(connection: duckdb.DuckDBPyConnection, path: Path = FORMULAS_PATH) -> None:
    """Every formula as a macro in the connection's own catalog, as the files have them now.

    To read them costs DuckDB a second. So a catalog that has these very formulas, as the copy of a build does, is left
    as it is, and one that has no macro gets them from a database of the process that was read once.
    """
    macros, version = connection.execute(MACROS).fetchall(), formulas_version(path)
    if (VERSION, f"'{version}'") in macros:
        return
    if macros:
        _read(connection, path, version)
    else:
        _copy(connection, _template(path, version))


def formulas_version(path: Path = FORMULAS_PATH) -> str:
    """16 hex digits of what the files say."""
    digest = hashlib.sha256()
    for file in formula_files(path):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def _template(path: Path, version: str) -> str:
    """The address of a database that holds nothing but these formulas; it goes when the process ends.

    One for each version: who edits a file beside a running service must not get the former one.
    """
    address = str(Path(_folder().name) / f"{version}.duckdb")
    with duckdb.connect(address) as connection:
        connection.begin()  # one write to the disk instead of a thousand
        _read(connection, path, version)
        connection.commit()
    return address


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="quant-formulas-")


def _copy(connection: duckdb.DuckDBPyConnection, template: str) -> None:
    """DuckDB takes the macros over as they are, without reading them again."""
    row = connection.execute("select current_database()").fetchone()
    connection.execute(f"attach '{template}' as formulas_template (read_only)")
    try:
        connection.execute(f'copy from database formulas_template to "{row[0] if row else ""}" (schema)')
    finally:
        connection.execute("detach formulas_template")


def _read(connection: duckdb.DuckDBPyConnection, path: Path, version: str) -> None:
    connection.execute(f"drop macro if exists {VERSION}")  # until the last file is read they are of no version
    for file in formula_files(path):
        try:
            connection.execute(file.read_text())
        except duckdb.Error as error:
            raise duckdb.Error(f"{file.name}: {error}") from error
    connection.execute(f"create macro {VERSION}() as '{version}'")
    connection.execute(f"comment on macro {VERSION} is 'Which formulas this database holds, in 16 hex digits.'")
