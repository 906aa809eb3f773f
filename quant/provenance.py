"""What a full build says of its own code: meta.lineage, where each column comes from, and meta.formulas.

Both depend on models and formulas alone: an incremental build has them with its copy of the build before.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict

import duckdb
import pyarrow as pa

from quant.formula_texts import formula_table
from quant.lineage.edges import Columns, edges
from udfs.arrow_udfs import FUNCTIONS

LINEAGE = pa.schema(
    {
        "relation": pa.string(),
        "column_name": pa.string(),
        "kind": pa.string(),
        "parent_relation": pa.string(),
        "parent_column": pa.string(),
        "dataset": pa.string(),
        "depth": pa.int32(),
        "macros": pa.string(),
        "is_exact": pa.bool_(),
    }
)
COLUMNS = """
    select schema_name || '.' || table_name as relation, column_name
    from duckdb_columns()
    where not internal
    order by relation, column_index
"""


def write_provenance(connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> None:
    """Replace both tables; `models` has the SQL of each relation as dbt ran it."""
    _write(connection, "lineage", lineage_table(models, _columns(connection)))
    _write(connection, "formulas", formula_table())


def lineage_table(models: Mapping[str, str], columns: Columns) -> pa.Table:
    """One row per step and per origin, as meta.lineage has it."""
    found = edges(models, columns, [function.name for function in FUNCTIONS])
    return pa.Table.from_pylist([asdict(edge) for edge in found], schema=LINEAGE)


def _columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    found: dict[str, list[str]] = defaultdict(list)
    for relation, name in connection.execute(COLUMNS).fetchall():
        found[relation].append(name)
    return found


def _write(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register(f"new_{name}", table)
    connection.execute(f"create or replace table meta.{name} as from new_{name}")
    connection.unregister(f"new_{name}")
