"""Builds in shards beside one DuckDB on the same record: ratios, what a shard costs, how cost grows, memory.

`python -m bench.scale` makes a record of daily bars (equities: every stored relation of a series is made of them), and
runs in turn: one DuckDB; a pool of 1 and 2 processes; a real Spark cluster of 1 and 2 workers, if pyspark is there.
The driver's own part, dbt and what looks across symbols, is the same for all and is timed apart.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from ingest import record
from ingest.parquet import lay_down_empty_files, partition_path
from quant.scale.building import ShardedBuilder
from quant.scale.engines import Engine, ProcessPool, task_of
from quant.scale.plan import Plan
from quant.scale.record import Record, read_record
from quant.scale.shards import SeriesKey, Shard
from quant.scale.store import Store
from quant.scale.task import ShardResult
from quant.settings import PROJECT_PATH, load_settings

SESSIONS = """
copy (
    with days as (select $last - (d * 7 // 5)::int as session_date, d from range($sessions) as days(d)),
    walked as (
        select
            session_date, d,
            50 * exp(sum(0.02 * ((hash(d, $symbol) % 20001) / 10000.0 - 1)) over (order by d)) as price
        from days
    )
    select
        $symbol as symbol, '1d' as interval, session_date,
        (session_date + time '14:30') at time zone 'UTC' as ts,
        (session_date + time '21:00') at time zone 'UTC' as end_ts,
        price as open, price * 1.01 as high, price * 0.99 as low, price * 1.002 as close,
        price * 1.002 as vendor_adj_close,
        (1e6 * (1 + d % 7))::bigint as volume, 0.0 as dividend, 0.0 as split_ratio, 'USD' as currency, true as is_final,
        'yahoo' as source, $fetched::timestamptz as fetched_at, 'bench' as ingest_run_id
    from walked order by session_date
) to '{path}' (format parquet)
"""


@dataclass(frozen=True)
class Lap:
    """One way to make all shards, once; `made` is in the order in which they ended."""

    seconds: float
    made: tuple[ShardResult, ...]

    @property
    def cpu_seconds(self) -> float:
        return sum(result.cpu_seconds for result in self.made)

    @property
    def peak_mb(self) -> float:
        return max(result.peak_mb for result in self.made)


def write_record(root: Path, symbols: int, sessions: int) -> tuple[str, ...]:
    """A record of `symbols` shares, newest session last Friday; their names."""
    lay_down_empty_files(root)
    names = tuple(f"S{i:05d}" for i in range(symbols))
    today = datetime.now(UTC)
    last = today.date() - timedelta(days=(today.weekday() - 4) % 7 or 7)
    with duckdb.connect() as connection:
        for name in names:
            folder = partition_path(root, record.EQUITIES, {"symbol": name, "source": "yahoo", "interval": "1d"})
            folder.mkdir(parents=True)
            path = folder / f"{today:%Y%m%dT%H%M%S.%fZ}-bench.parquet"
            given = {"symbol": name, "sessions": sessions, "last": last, "fetched": today.isoformat()}
            connection.execute(SESSIONS.format(path=path), given)
    return names


@dataclass(frozen=True)
class Bench:
    """A record, its plan, and shards of it."""

    builder: ShardedBuilder
    plan: Plan
    rows: Record
    keys: tuple[SeriesKey, ...]

    def shards(self, count: int) -> list[Shard]:
        return self.rows.shards(self.keys, count)

    def lap(self, engine: Engine, shards: Sequence[Shard]) -> Lap:
        started = time.monotonic()
        made = tuple(engine.run(task_of(self.plan), shards))
        failed = [result.failure for result in made if result.failure]
        assert not failed, failed[0]
        return Lap(time.monotonic() - started, made)

    def whole(self) -> Lap:
        """One DuckDB with two threads: the same statements over all symbols, its relations as files as well."""
        plan, (shard,) = replace(self.plan, threads=2), self.shards(1)
        started = time.monotonic()
        (made,) = ProcessPool(1).run(task_of(plan), [shard])
        assert made.failure is None, made.failure
        return Lap(time.monotonic() - started, (made,))


@contextmanager
def prepared(symbols: int, sessions: int) -> Iterator[Bench]:
    """A record of daily bars in a folder of its own, compiled; the settings name its symbols."""
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        shares = write_record(Path(folder) / "parquet", symbols, sessions)
        with compiled(Path(folder), shares=shares) as bench:
            yield bench


@contextmanager
def compiled(folder: Path, shares: Sequence[str] = (), coins: Sequence[str] = ()) -> Iterator[Bench]:
    """The record in `folder`, with settings that name these symbols and no other."""
    keys = [SeriesKey("yahoo", name) for name in shares] + [SeriesKey("binance", name) for name in coins]
    given = {"QUANT_DATA_PATH": str(folder), "QUANT_CONFIG": str(configured(folder, shares, coins))}
    os.environ.update(given)
    try:
        builder = ShardedBuilder(load_settings())
        plan = builder.planned()
        rows = read_record(Store(str(builder.settings.parquet_path)), plan.datasets)
        yield Bench(builder, plan, rows, tuple(keys))
    finally:
        for name in given:
            del os.environ[name]


def configured(folder: Path, shares: Sequence[str], coins: Sequence[str]) -> Path:
    """config.yaml with these symbols and nothing else."""
    given = yaml.safe_load((PROJECT_PATH / "config.yaml").read_text())
    given["equities"]["symbols"], given["crypto"]["symbols"] = list(shares), list(coins)
    for asset_class, names in (("equity", shares), ("crypto", coins)):
        if names:
            given["asset_classes"][asset_class]["benchmark"] = names[0]
    given["options"] |= {"underlyings": [], "dividend_yields": {}}
    given |= {"portfolios": {}, "scale": {"shards": 1}}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(given))
    return path


def engines(stack: ExitStack, folder: Path) -> dict[str, Engine]:
    found: dict[str, Engine] = {"pool of 1": ProcessPool(1), "pool of 2": ProcessPool(2)}
    try:
        import pyspark  # noqa: F401
    except ImportError:
        print("pyspark is not there: Spark is left out (make scale installs it)")
        return found
    from quant.scale.spark import Spark
    from tests.scale.cluster import running_cluster

    for workers in (1, 2):
        cluster = stack.enter_context(running_cluster(folder / f"workers{workers}", workers))
        found[f"Spark, {workers} workers" if workers > 1 else "Spark, 1 worker"] = Spark(cluster.url)
    return found


def compare(symbols: int, sessions: int, shards: int, rounds: int) -> None:
    """Each engine and one DuckDB in turn, `rounds` times: medians and ratios."""
    with prepared(symbols, sessions) as bench, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-spark-")))
        ways = engines(stack, folder)
        laps: dict[str, list[Lap]] = {name: [] for name in ("one DuckDB, 2 threads", *ways)}
        for _ in range(rounds):
            laps["one DuckDB, 2 threads"].append(bench.whole())
            for name, engine in ways.items():
                laps[name].append(bench.lap(engine, bench.shards(shards)))
    print(f"\n{symbols} symbols x {sessions} sessions, {shards} shards, medians of {rounds}")
    base = statistics.median(lap.seconds for lap in laps["one DuckDB, 2 threads"])
    for name, each in laps.items():
        seconds = statistics.median(lap.seconds for lap in each)
        cpu = statistics.median(lap.cpu_seconds for lap in each)
        peak = max(lap.peak_mb for lap in each)
        print(
            f"  {name:24} {seconds:7.1f} s  {seconds / base:5.2f} x  {cpu:7.1f} s CPU in tasks  {peak:6.0f} MB a task"
        )


def growth(cases: Sequence[tuple[int, int, int]]) -> None:
    """CPU of the tasks by symbols, sessions and shards: what is fixed a shard, and what a row costs."""
    print("\nCPU of the tasks, pool of 2")
    for symbols, sessions, shards in cases:
        with prepared(symbols, sessions) as bench:
            lap = bench.lap(ProcessPool(2), bench.shards(shards))
        each = lap.cpu_seconds / len(lap.made)
        print(
            f"  {symbols:5} symbols x {sessions:5} sessions, {len(lap.made):3} shards: {lap.cpu_seconds:7.1f} s, "
            f"{each:5.2f} s a shard, {lap.peak_mb:5.0f} MB at most"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--sessions", type=int, default=2520)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    compare(given.symbols, given.sessions, given.shards, given.rounds)
    n, length = given.symbols, given.sessions
    growth([(1, 10, 1), (16, 10, 16), (n // 4, length, 4), (n, length, 4), (n, length, 16), (n, length // 4, 4)])


if __name__ == "__main__":
    main()
