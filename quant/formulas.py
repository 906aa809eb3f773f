"""Loads macros/formulas/*.sql, the mathematics of the product, into a DuckDB connection."""

from pathlib import Path

import duckdb

from quant.settings import PROJECT_PATH

FORMULAS_PATH = PROJECT_PATH / "macros" / "formulas"


def formula_files(path: Path = FORMULAS_PATH) -> list[Path]:
    """In number order: DuckDB binds a macro's callees when it is created, so callees come first."""
    return sorted(path.glob("*.sql"))


def load_formulas(connection: duckdb.DuckDBPyConnection, path: Path = FORMULAS_PATH) -> None:
    """Create or replace every formula as a macro in the connection's default catalog."""
    for file in formula_files(path):
        try:
            connection.execute(file.read_text())
        except duckdb.Error as error:
            raise duckdb.Error(f"{file.name}: {error}") from error
