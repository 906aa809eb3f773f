"""What we teach DuckDB: vectorised functions over NumPy arrays. Imports nothing else of ours."""

import duckdb


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every UDF callable on this connection and its cursors; safe to call again."""
