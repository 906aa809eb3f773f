"""What we teach DuckDB: vectorised functions over NumPy arrays. Imports nothing else of ours.

Modules `import scipy` whole: it imports its parts, half a second of them, when a function is first used.
"""

import duckdb

from udfs.arrow_udfs import register_functions


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every UDF callable on this connection and its cursors; safe to call again."""
    register_functions(connection)
