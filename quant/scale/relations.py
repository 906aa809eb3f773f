"""What shards made, as relations of market.duckdb: views over their files, whose rows are counted first."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from quant.errors import BuildError
from quant.scale.manifest import Manifest
from quant.scale.plan import Model, reads_of
from quant.scale.store import Store
from quant.settings import PROJECT_PATH

SERVED = "serving."
LIVE = "read_parquet("  # what reads the record itself, and so is to go on between builds


def verify(manifest: Manifest, store: Store) -> None:
    """BuildError if a file of these shards is missing or has not the rows that its task counted."""
    with duckdb.connect() as connection:
        store.join(connection)
        for relation in manifest.columns if manifest.shards else ():
            addresses = map(store.address, manifest.files(relation))
            counted = _counted(connection, relation, [*addresses])
            for (number, made), rows in zip(sorted(manifest.shards.items()), counted, strict=True):
                if rows != made.rows[relation]:
                    found = f"{relation} has {rows} rows in shard {number}, its task wrote {made.rows[relation]}"
                    raise BuildError(f"{found}: build again")


def _counted(connection: duckdb.DuckDBPyConnection, relation: str, files: list[str]) -> list[int]:
    """The rows of each file."""
    try:
        sql = "select file_name, num_rows from parquet_file_metadata($files)"
        counted = dict(connection.execute(sql, {"files": files}).fetchall())
        return [counted[file] for file in files]
    except (duckdb.Error, KeyError) as error:
        raise BuildError(f"what shards made of {relation} cannot be read: {error}") from error


def attach(database: Path, manifest: Manifest, store: Store) -> None:
    """Views schema.name over the files of all shards, with the names and types that the tasks had."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"set file_search_path = '{PROJECT_PATH}'")
        store.join(connection)
        # The last build stored some of them, for people who cannot read an object store.
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        stored = {name for (name,) in tables}
        for relation, columns in manifest.columns.items():
            connection.execute(f"create schema if not exists {relation.partition('.')[0]}")
            listed = ", ".join(f"'{_portable(store.address(name))}'" for name in manifest.files(relation))
            selected = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in columns)
            if relation in stored:
                connection.execute(f"drop table {relation}")
            connection.execute(
                f"create or replace view {relation} as select {selected} "
                f"from read_parquet([{listed}], hive_partitioning = false)"
            )


def store_served(database: Path, models: Iterable[Model], store: Store) -> None:
    """Store in `database` what people are served, because the prompt cannot read an object store: serving.* as tables,
    and where a view of it is live, the relations of shards that it looks at.
    """
    known = {model.relation: model for model in models}
    live = {name for name in known if name.startswith(SERVED) and _is_live(name, known)}
    below = {name for each in live for name in _seen(each, known) if known[name].is_sharded}
    served = [name for name in known if name.startswith(SERVED) and name not in live and not known[name].is_stored]
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"set file_search_path = '{PROJECT_PATH}'")
        store.join(connection)
        for relation in [*sorted(below), *served]:
            schema, _, name = relation.partition(".")
            connection.execute(
                f"create table {schema}.stored__ as from {relation}; drop view {relation}; "
                f"alter table {schema}.stored__ rename to {name}"
            )


def _is_live(relation: str, known: dict[str, Model]) -> bool:
    return any(LIVE in known[name].select for name in _seen(relation, known) if not known[name].is_stored)


def _seen(relation: str, known: dict[str, Model]) -> set[str]:
    """What a query of a view reads: through other views, down to what is stored."""
    seen, left = set(), [relation]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += [] if known[name].is_stored else [each for each in reads_of(known[name]) if each in known]
    return seen


def _portable(address: str) -> str:
    """Relative if inside the project, so that both can be moved together; as the raw sources are named."""
    return address.removeprefix(f"{PROJECT_PATH}/").replace("'", "''")
