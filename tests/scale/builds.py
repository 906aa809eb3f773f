"""Builds of the proofs: started as people start them, and compared with one DuckDB's build of the same record."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from quant.scale.building import ShardedBuilder
from quant.scale.manifest import Manifest, read_manifest
from quant.scale.store import Store
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build
from tests.scale.cluster import Cluster
from tests.scale.same import difference, relations

SHARDS = "16"  # more than symbols: some hold one, some none
SCHEMAS = ("staging", "bars", "metrics", "pairs", "portfolio", "options", "signals", "findings", "serving", "meta")
# All relations of these schemas are compared, tables and views, whatever they are in the other build. Left out is what
# says when it was made or how long ago something was:
#   meta.builds      the history of the builds themselves
#   serving.health   ages in seconds, of now()
# Schemas config and raw are no results: what everything is made of.
OF_THE_MOMENT = {"meta.builds", "serving.health"}


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "quant.cli", "build", *arguments]
    return subprocess.Popen(command, cwd=PROJECT_PATH, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def build(*arguments: str, expected: int = 0) -> str:
    """`quant build ARGUMENTS`, and what it said."""
    return ended(start(*arguments), expected)


def ended(process: subprocess.Popen[str], expected: int = 0) -> str:
    try:
        output, _ = process.communicate(timeout=600)
    finally:
        process.kill()  # if it is not over: nobody would end it
    assert process.returncode == expected, output[-4000:]
    return output


def on_spark(cluster: Cluster, shards: str = SHARDS) -> tuple[str, ...]:
    return ("--engine", "spark", "--master", cluster.url, "--shards", shards)


def manifest_of(settings: Settings) -> Manifest:
    found = read_manifest(settings.market_path.resolve().parent)
    assert found is not None
    return found


def store_of(settings: Settings) -> Store:
    """Where its shards are written."""
    return ShardedBuilder(settings).store


def made_anew(before: Manifest, after: Manifest) -> set[int]:
    """The shards that are of another build than they were."""
    assert before.shards.keys() == after.shards.keys()
    return {number for number, made in after.shards.items() if made.build_id != before.shards[number].build_id}


def long_ago(settings: Settings) -> None:
    """All rows of the record came a day ago, so that shards are settled."""
    day_ago = time.time() - 86_400
    for file in settings.parquet_path.rglob("*.parquet"):
        os.utime(file, (day_ago, day_ago))


def prepend(settings: Settings, symbol: str, days: int) -> None:
    """News: a file of `days` more days of a coin, before its first."""
    (folder,) = (settings.parquet_path / "klines" / f"symbol={symbol}").glob("*/interval=1d")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (ts - to_days({days}) as ts, end_ts - to_days({days}) as end_ts) "
            f"from read_parquet('{folder}/*.parquet', hive_partitioning = false) order by ts limit {days}) "
            f"to '{folder}/before-{len(list(folder.iterdir()))}.parquet' (format parquet)"
        )


def differences(ours: Settings, *arguments: str) -> dict[str, str]:
    """What is not the same in a split build and in one DuckDB's build of the same record, by relation.

    What is final and what is counted depends on the hour: builds of different hours are made again until they agree.
    """
    for _ in range(3):
        with unsplit(ours) as theirs, open_build(ours.market_path.resolve()) as mine:
            if instants(mine) == instants(theirs):
                names = [name for name in relations(theirs, *SCHEMAS) if name not in OF_THE_MOMENT]
                assert len(names) > 150
                assert [name for name in relations(mine, *SCHEMAS) if name not in OF_THE_MOMENT] == names
                found = {name: difference(mine, theirs, name) for name in names}
                return {name: said for name, said in found.items() if said is not None}
        build(*arguments, "--full-refresh")
    raise TimeoutError("builds take more than an hour")


@contextmanager
def unsplit(ours: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """One DuckDB's build of a copy of the record."""
    with tempfile.TemporaryDirectory(prefix="unsplit-") as folder:
        record = ours.parquet_path.relative_to(ours.data_path)
        shutil.copytree(ours.parquet_path, Path(folder) / record)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("QUANT_SCALE")}
        command = [sys.executable, "-m", "quant.cli", "build", "--full-refresh"]
        done = subprocess.run(
            command, cwd=PROJECT_PATH, env={**plain, "QUANT_DATA_PATH": folder}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-4000:]
        with open_build((Path(folder) / ours.market_path.relative_to(ours.data_path)).resolve()) as theirs:
            yield theirs


def instants(build: duckdb.DuckDBPyConnection) -> tuple[object, ...]:
    return build.execute("select live_since(), counted_since(), trades_boundary()").fetchall()[0]
