"""One shard: a database of its own, the models' SQL over the shard's files, and each stored relation as a file.

The same function under every engine. It may run twice, even at the same time: what it writes has one name and is
whole from the first instant.
"""

import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from quant.configuration import write_instants, write_tables
from quant.errors import BuildError, QuantError
from quant.fingerprint import code_print
from quant.formulas import load_formulas
from quant.retention import write_kept_since
from quant.scale.plan import DATABASE, Model, Plan, unpacked
from quant.scale.shards import BUILDS, Shard
from quant.scale.store import Store, StoreError
from quant.settings import PROJECT_PATH
from udfs import register

# What Parquet cannot hold as it is: the view over a file would answer with another type.
UNFAITHFUL = ("HUGEINT", "UHUGEINT", "ENUM", "BIT", "TIME WITH TIME ZONE")
# Of disks, networks and memory: on another machine, or a little later, they may be gone.
PASSING = (duckdb.IOException, duckdb.HTTPException, duckdb.OutOfMemoryException, StoreError)
HAND_OVER = """
    insert into metrics.states by name
    select series_id, ts, state[1] as {name}_state from {relation} where state is not null;
    alter table {relation} drop column state
"""  # what the hook keep_states does in a full build


class ShardError(QuantError):
    """A shard cannot be made of these rows, however often it is tried."""


@dataclass(frozen=True)
class ShardResult:
    """What became of a shard: rows of each relation; or, in `failure`, why there are none."""

    number: int
    rows: dict[str, int]
    columns: dict[str, list[tuple[str, str]]]
    seconds: float
    cpu_seconds: float
    peak_mb: float
    failure: str | None = None


def folder_of(build_id: str) -> str:
    """Where all that a build's tasks write lies."""
    return f"{BUILDS}/{build_id}"


def file_name(build_id: str, relation: str, number: int) -> str:
    """Where a shard's rows of a relation lie: it depends on nothing but build, relation and shard."""
    return f"{folder_of(build_id)}/{relation}/shard={number:05d}.parquet"


def build_shard(plan: Plan, shard: Shard) -> ShardResult:
    """Make and write every relation of one shard.

    An error of the data comes back as `failure`: it would be the same on another machine. Errors of disks and networks,
    and another version than the driver's, are raised, so that the engine tries again, elsewhere perhaps.
    """
    if (found := code_print()) != plan.code:
        raise BuildError(f"the code installed here is {found}, the build's is {plan.code}: install one version")
    started, before = time.monotonic(), time.process_time()
    try:
        rows, columns, failure = *_written(plan, shard), None
    except PASSING:
        raise
    except (duckdb.Error, QuantError) as error:
        rows, columns, failure = {}, {}, str(error)
    used = time.process_time() - before
    return ShardResult(shard.number, rows, columns, time.monotonic() - started, used, peak_mb(), failure)


def peak_mb() -> float:
    """The most memory that this process held, in MB; on Linux without what its parent held, which getrusage counts."""
    status = Path("/proc/self/status")
    if status.is_file() and (found := re.search(r"VmHWM:\s*(\d+)", status.read_text())):
        return int(found[1]) / 1024
    units = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units


def _written(plan: Plan, shard: Shard) -> tuple[dict[str, int], dict[str, list[tuple[str, str]]]]:
    rows, columns = {}, {}
    with working_database(plan, shard) as connection:
        for model in plan.models:
            make(connection, model)
        for relation in plan.stored:
            columns[relation] = described(connection, relation)
            rows[relation] = write(connection, plan, shard, relation, dict(columns[relation]))
    return rows, columns


@contextmanager
def working_database(plan: Plan, shard: Shard) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with formulas, functions, the configuration and the shard's raw files; gone afterwards."""
    with TemporaryDirectory(prefix="quant-shard-") as folder:
        memory = {"memory_limit": plan.memory, "temp_directory": f"{folder}/spill"}
        settings: dict[str, str | bool | int | float | list[str]] = {"threads": plan.threads, **memory}
        with duckdb.connect(str(Path(folder) / f"{DATABASE}.duckdb"), config=settings) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")  # nobody watches a task
            connection.execute(f"set file_search_path = '{PROJECT_PATH}'")
            register(connection)
            load_formulas(connection)
            Store(plan.root).join(connection)
            lay_out(connection, plan, shard)
            yield connection


def lay_out(connection: duckdb.DuckDBPyConnection, plan: Plan, shard: Shard) -> None:
    """Schemas, configuration and views of the raw files. Of `instruments` only the shard's: others have no series."""
    tables = {name: unpacked(table) for name, table in plan.tables.items()}
    write_tables(connection, tables)
    keys = [{"source": key.source, "symbol": key.symbol} for key in shard.keys]
    connection.execute("create temp table shard_keys (source varchar, symbol varchar)")
    if keys:
        connection.executemany("insert into shard_keys values ($source, $symbol)", keys)
    connection.execute(
        "delete from config.instruments where (source, symbol) not in (select (source, symbol) from shard_keys)"
    )
    write_instants(connection, plan.instants)
    write_kept_since(connection, plan.kept_since)
    for schema in {"raw", *(model.relation.partition(".")[0] for model in plan.models)}:
        connection.execute(f"create schema if not exists {schema}")
    for folder, dataset in plan.datasets.items():
        connection.execute(f"set variable {dataset.variable} = $files", {"files": list(shard.files[folder])})
        connection.execute(f"create view {dataset.name} as {dataset.select}")


def make(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """One relation. ShardError names it, because DuckDB does not."""
    kind = "table" if model.is_stored else "view"
    try:
        connection.execute(f"create {kind} {model.relation} as {model.select}")
        if model.is_stored and "state" in dict(described(connection, model.relation)):
            name = model.relation.partition(".")[2]
            connection.execute(HAND_OVER.format(relation=model.relation, name=name))
    except PASSING:
        raise
    except duckdb.Error as error:
        raise ShardError(f"{model.relation}: {' '.join(str(error).split())}") from error


def described(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """Name and type of each column."""
    return [(row[0], row[1]) for row in connection.execute(f"describe {relation}").fetchall()]


def write(
    connection: duckdb.DuckDBPyConnection, plan: Plan, shard: Shard, relation: str, columns: Mapping[str, str]
) -> int:
    """One relation as the shard's file, without rows of series that it only looks at. Returns the row count."""
    if lossy := {name: kind for name, kind in columns.items() if any(each in kind for each in UNFAITHFUL)}:
        raise ShardError(f"{relation}: Parquet cannot keep {lossy}: cast it in the model")
    own = "semi join shard_keys using (source, symbol)" if {"source", "symbol"} <= set(columns) else ""
    with Store(plan.root).writing(file_name(plan.build_id, relation, shard.number)) as path:
        rows = connection.execute(f"copy (from {relation} {own}) to '{os.fspath(path)}' (format parquet)").fetchone()
    return int(rows[0]) if rows else 0
