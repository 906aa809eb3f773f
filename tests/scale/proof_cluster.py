"""`make scale`: a demo record built on a real Spark cluster, whose workers are killed, and whose data are damaged."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from quant.errors import NoBuildError
from quant.publish import Builds
from quant.scale.manifest import Manifest, read_manifest
from quant.settings import PROJECT_PATH, Settings, load_settings
from quant.warehouse import Warehouse, open_build
from tests.conftest import Demo
from tests.scale.cluster import Cluster, running_cluster
from tests.scale.same import difference, relations

SETTLING_SECONDS = 90.0  # a minute of ticks ends, and its grace passes
SHARDS = "16"  # more than symbols: some hold one, some none
SCHEMAS = ("staging", "bars", "metrics", "pairs", "portfolio", "options", "signals")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture(scope="session")
def settled(demo: Demo) -> Demo:
    """The demo record once its last minute is final, and one DuckDB's build of it from then on."""
    newest = max(file.stat().st_mtime for file in demo.settings.parquet_path.rglob("*.parquet"))
    time.sleep(max(0.0, newest + SETTLING_SECONDS - time.time()))
    rebuild(demo)
    return demo


def rebuild(demo: Demo) -> None:
    plain = {name: value for name, value in demo.environment.items() if not name.startswith("QUANT_SCALE")}
    command = [sys.executable, "-m", "quant.cli", "build", "--full-refresh"]
    subprocess.run(command, cwd=PROJECT_PATH, env=plain, check=True, capture_output=True)


@pytest.fixture
def copy(settled: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo record without a build, in a folder of its own."""
    source = settled.settings.parquet_path
    shutil.copytree(source, tmp_path / source.relative_to(settled.settings.data_path))
    for name, value in {**settled.environment, "QUANT_DATA_PATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "quant.cli", "build", *arguments]
    return subprocess.Popen(command, cwd=PROJECT_PATH, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def build(*arguments: str, expected: int = 0) -> str:
    """`quant build ARGUMENTS`, and what it said."""
    return ended(start(*arguments), expected)


def ended(process: subprocess.Popen[str], expected: int = 0) -> str:
    output, _ = process.communicate(timeout=600)
    assert process.returncode == expected, output[-4000:]
    return output


def on_spark(cluster: Cluster) -> tuple[str, ...]:
    return ("--engine", "spark", "--master", cluster.url, "--shards", SHARDS)


def manifest_of(settings: Settings) -> Manifest:
    found = read_manifest(settings.market_path.resolve().parent)
    assert found is not None
    return found


def differences(ours: Settings, demo: Demo, *arguments: str) -> dict[str, str]:
    """What is not the same in a split build and in one DuckDB's build of the same record, by relation.

    What is final and what is counted depends on the hour: builds of different hours are made again until they agree.
    """
    for _ in range(3):
        if instants(ours) == instants(demo.settings):
            break
        rebuild(demo)
        if instants(ours) != instants(demo.settings):
            build(*arguments, "--full-refresh")
    theirs = demo.settings
    with open_build(ours.market_path.resolve()) as one, open_build(theirs.market_path.resolve()) as two:
        stored = [name for name in relations(two, *SCHEMAS) if is_stored(two, name)]
        assert len(stored) > 60
        return {name: said for name in stored if (said := difference(one, two, name)) is not None}


def instants(settings: Settings) -> tuple[object, ...]:
    with open_build(settings.market_path.resolve()) as build:
        return build.execute("select live_since(), counted_since(), trades_boundary()").fetchall()[0]


def is_stored(build: duckdb.DuckDBPyConnection, relation: str) -> bool:
    found = build.execute("select count(*) from duckdb_tables() where schema_name || '.' || table_name = ?", [relation])
    return found.fetchall() == [(1,)]


def test_a_cluster_gives_what_one_duckdb_gives(demo: Demo, copy: Settings, cluster: Cluster) -> None:
    build(*on_spark(cluster))
    assert len(manifest_of(copy).shards) > 3
    assert differences(copy, demo, *on_spark(cluster)) == {}


def test_a_worker_that_is_killed_costs_time_and_nothing_else(
    demo: Demo, copy: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_cluster(tmp_path_factory.mktemp("killed")) as cluster:
        running = start(*on_spark(cluster))
        written = await_files(copy)
        os.killpg(cluster.workers[0].pid, signal.SIGKILL)
        ended(running)
        cluster.await_workers(1)
        manifest = manifest_of(copy)
        assert written < len(manifest.shards) * len(manifest.columns)  # it was in the middle
        assert differences(copy, demo, *on_spark(cluster)) == {}


def await_files(settings: Settings) -> int:
    """Until the first shard has written something; how many files there were then."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if found := len(list((settings.duckdb_path / "shards").rglob("shard=*.parquet"))):
            return found
        time.sleep(0.01)
    raise TimeoutError("no shard wrote anything")


def test_a_shard_that_always_fails_stops_the_build_by_its_symbol(copy: Settings, cluster: Cluster) -> None:
    build(*on_spark(cluster))
    before = Builds(copy.duckdb_path).current()
    broken = next((copy.parquet_path / "klines" / "symbol=ETHUSDT").rglob("*.parquet"))
    broken.with_name("broken.parquet").write_bytes(b"no rows at all")
    said = build(*on_spark(cluster), expected=1)
    assert "ETHUSDT" in said and "broken.parquet" in said
    assert Builds(copy.duckdb_path).current() == before
    assert before is not None
    assert [path.name for path in (copy.duckdb_path / "shards" / "build").iterdir()] == [before.build_id]
    broken.with_name("broken.parquet").unlink()
    build(*on_spark(cluster))


def test_readers_see_one_build_or_the_next(copy: Settings, cluster: Cluster) -> None:
    """While two builds are published: each answer is of one build in all its relations, and none fails."""
    build(*on_spark(cluster))
    seen: set[tuple[object, ...]] = set()
    stop = threading.Event()
    problems: list[BaseException] = []
    reading = threading.Thread(target=read_on, args=(Warehouse(copy), stop, seen, problems))
    reading.start()
    for _ in range(2):
        build(*on_spark(cluster), "--full-refresh")
    time.sleep(1)
    stop.set()
    reading.join(30)
    assert problems == []
    assert len({build_id for build_id, *_ in seen}) >= 2
    assert len({(bars, trend) for _, bars, trend in seen}) == 1


def read_on(
    warehouse: Warehouse, stop: threading.Event, seen: set[tuple[object, ...]], problems: list[BaseException]
) -> None:
    query = (
        "select (select count(*) from bars.bars), (select count(*) from metrics.trend), "
        "(select max(build_id) from meta.builds)"
    )
    while not stop.is_set():
        try:
            with warehouse.reading() as reading:
                bars, trend, newest = reading.cursor.execute(query).fetchall()[0]
                assert newest == reading.build_id
                seen.add((reading.build_id, bars, trend))
        except (duckdb.Error, NoBuildError, AssertionError) as error:
            problems.append(error)


def test_a_second_build_touches_only_shards_with_news(copy: Settings, cluster: Cluster) -> None:
    """All files but those of one share are a day old."""
    day_ago = time.time() - 86_400
    for file in copy.parquet_path.rglob("*.parquet"):
        os.utime(file, (day_ago, day_ago))
    build(*on_spark(cluster))
    first = manifest_of(copy)
    assert {made.build_id for made in first.shards.values()} == first.builds
    touched = next((copy.parquet_path / "equities" / "symbol=MSFT").rglob("*.parquet"))
    os.utime(touched)
    build(*on_spark(cluster))
    second = manifest_of(copy)
    changed = [number for number, made in second.shards.items() if made != first.shards[number]]
    assert len(changed) == 1
