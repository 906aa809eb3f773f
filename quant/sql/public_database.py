"""public.duckdb, what `POST /sql` reads: the public relations of one build as plain tables.

It lies beside market.duckdb and needs nothing else: no view, no Parquet, no other schema. What can be answered
without a file beside the database is public by that alone; what reads Parquet is live, and either copied as it is now
(FROZEN) or left out, and said so by name.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path

import duckdb

from quant.formula_texts import formula_texts
from quant.metrics import RELATIONS
from quant.publish import SHARDS
from quant.scale.shards import BUILDS
from quant.settings import PROJECT_PATH
from quant.sql.public_names import DATABASE, NAMES, PublicNames

SCHEMAS = ("serving", "meta")
FROZEN = (  # live relations that are small, and of use as of the build
    "meta.completeness", "meta.gaps", "meta.ingest_runs", "serving.completeness", "serving.option_chains",
    "serving.option_snapshots",
    "serving.recent_signals",
)  # fmt: skip
FINAL = "serving.final_bars, and its indicators from formulas: from sma('serving.final_bars', n := 20)"
PRICE = "serving.final_bars, or GET /metrics/{symbol}"
STAND_INS = {  # live relations whose point is the present: what has the same of the past
    "serving.bars": FINAL,
    "serving.crypto_minutes": FINAL,
    "serving.crypto_days": FINAL,
    "serving.equity_bars": FINAL,
    "serving.latest_prices": PRICE,
    "serving.crypto_prices": PRICE,
    "serving.equity_prices": PRICE,
    "serving.recent_trades": "serving.final_bars of interval 1m",
    "serving.second_bars": "serving.final_bars of interval 1m",
    "serving.health": "meta.builds and meta.ingest_runs, or GET /health",
}
UNSAID = {"meta.ingest_runs": ("message",)}  # errors as they were raised: addresses and paths may stand in them
GIVEN = re.compile(r"query_table\((\w+)\)")


def write_public_database(market: Path, most_cells: int) -> PublicNames:
    """Make public.duckdb and public.json beside `market`, a finished build that nobody has open for writing.

    A relation of more cells (rows times columns) is left out, and said so.
    """
    path = market.with_name(DATABASE)
    path.unlink(missing_ok=True)
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'UTC'; set disabled_compression_methods = 'alprd'")
        connection.execute(f"set file_search_path = {_text(str(PROJECT_PATH))}")
        connection.execute(f"attach {_text(str(market))} as market (read_only)")
        connection.execute(f"attach {_text(str(path))} as public (storage_version 'v1.4.0')")
        names = _fill(connection, most_cells, market.with_name(SHARDS))
        connection.execute("detach public")
    market.with_name(NAMES).write_text(json.dumps(asdict(names), indent=1) + "\n")
    return names


def _fill(connection: duckdb.DuckDBPyConnection, most_cells: int, shards: Path) -> PublicNames:
    """The tables into `public`. Files are out of reach once the frozen relations are copied."""
    connection.execute("use market")
    for schema in SCHEMAS:
        connection.execute(f"create schema public.{schema}")
    relations = _relations(connection)
    for relation in FROZEN:
        if relation in relations:
            _copy(connection, relation)
    _close_files(connection, shards)
    absent = {
        relation: reason
        for relation in relations
        if relation not in FROZEN and (reason := _try_copy(connection, relation, most_cells))
    }
    _describe(connection)
    return PublicNames(_columns(connection), absent, *_formulas())


def _close_files(connection: duckdb.DuckDBPyConnection, shards: Path) -> None:
    """No file can be read from here on but those in which a build that was split keeps its rows."""
    if shards.is_file():
        root = str(json.loads(shards.read_text())["root"])
        names = ", ".join(_text(f"{each}/{BUILDS}/") for each in {root, root.removeprefix(f"{PROJECT_PATH}/")})
        connection.execute(f"set allowed_directories = [{names}]")
    connection.execute("set enable_external_access = false")


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    sql = """
        select schema_name || '.' || name from (
            select schema_name, database_name, table_name as name from duckdb_tables()
            union all select schema_name, database_name, view_name from duckdb_views()
        ) where database_name = 'market' and list_contains($schemas, schema_name) order by all
    """
    return [str(name) for (name,) in connection.execute(sql, {"schemas": list(SCHEMAS)}).fetchall()]


def _try_copy(connection: duckdb.DuckDBPyConnection, relation: str, most_cells: int) -> str:
    """Empty, or why the relation is left out and what there is instead. Live is what needs files beside it."""
    try:
        if _cells(connection, relation) > most_cells:
            return f"has more than {most_cells} cells and is not in the public database: GET its route of the API"
        _copy(connection, relation)
    except duckdb.PermissionException:
        return f"is live and not in the public database: use {STAND_INS.get(relation, 'its route of the API')}"
    return ""


def _cells(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    columns = len(connection.execute(f"describe market.{relation}").fetchall())
    row = connection.execute(f"select count(*) from market.{relation}").fetchone()
    return columns * int(row[0] if row else 0)


def _copy(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    unsaid = UNSAID.get(relation, ())
    columns = f"* exclude ({', '.join(unsaid)})" if unsaid else "*"
    connection.execute(f"create table public.{relation} as select {columns} from market.{relation}")


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    """meta.columns: what `describe` would tell, for those who ask in SQL."""
    connection.execute("""
        create table public.meta.columns as
        select schema_name || '.' || table_name as relation, column_name, data_type as type, column_index as place
        from duckdb_columns() where database_name = 'public' order by relation, place
    """)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    sql = """
        select schema_name || '.' || table_name, list(column_name order by column_index)
        from duckdb_columns() where database_name = 'public' group by all order by all
    """
    return dict(connection.execute(sql).fetchall())


def _formulas() -> tuple[list[str], dict[str, list[str]], list[str]]:
    """Names of the macros, the table macros with their parameters, and parameters that name a relation."""
    texts = formula_texts()
    columns = sorted({text.macro for text in texts if text.kind == "scalar"})
    tables = {text.macro: [each.name for each in text.parameters] for text in texts if text.kind == "table"}
    given = {name for text in texts for name in GIVEN.findall(text.body)}
    return columns, tables, sorted(given | set(RELATIONS))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
