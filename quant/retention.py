"""Which option chains are kept: those since a day that only ever moves on; each build carries its own as a literal.

No view of a build reads chains of an earlier date, so what lies before the literal of every build can be deleted.
"""

from datetime import date
from pathlib import Path

import duckdb

from quant.boundary import records_in_use

FOR_EVER = date(1970, 1, 1)


def kept_since_path(parquet_path: Path) -> Path:
    return parquet_path / "options" / "kept_since"


def read_kept_since(parquet_path: Path) -> date:
    """The first UTC date whose chains count; 1970 while all are kept."""
    path = kept_since_path(parquet_path)
    return date.fromisoformat(path.read_text().strip()) if path.is_file() else FOR_EVER


def kept_since_in_use(duckdb_path: Path) -> list[date]:
    """The day of each build that still lies on disk."""
    records = records_in_use(duckdb_path)
    return [date.fromisoformat(record.get("options_since", FOR_EVER.isoformat())) for record in records]


def write_kept_since(connection: duckdb.DuckDBPyConnection, since: date) -> None:
    """The macro options_since(): a literal, so that a view that calls it skips files by it before they are opened."""
    connection.execute(f"create or replace macro options_since() as date '{since}'")
    connection.execute("comment on macro options_since is 'option chains of an earlier date are no longer kept'")
