"""`make scale`: a demo record built on a real Spark cluster, whose workers are killed, and whose data are damaged."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import pytest

from quant.errors import NoBuildError
from quant.settings import Settings
from quant.warehouse import Warehouse
from tests.scale.builds import (
    build,
    differences,
    long_ago,
    made_anew,
    manifest_of,
    on_spark,
    prepend,
    start,
    store_of,
)
from tests.scale.cluster import Cluster, running_cluster
from tests.scale.faults import await_that, damaged, kill_in_the_middle, refused

PAUSE_SECONDS = 0.05  # between questions: the build is to have its share of the machine
COUNTED = ("bars.crypto_bars", "metrics.trend")  # both lie in the files of every shard with a coin


def test_a_cluster_gives_what_one_duckdb_gives(copy: Settings, cluster: Cluster) -> None:
    build(*on_spark(cluster))
    assert len(manifest_of(copy).shards) > 3
    assert differences(copy, *on_spark(cluster)) == {}


def test_a_worker_that_is_killed_costs_time_and_nothing_else(
    copy: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_cluster(tmp_path_factory.mktemp("killed")) as cluster:
        written = kill_in_the_middle(store_of(copy), cluster, start(*on_spark(cluster)))
        manifest = manifest_of(copy)
        assert written < len(manifest.shards) * len(manifest.columns)  # it was in the middle
        assert differences(copy, *on_spark(cluster)) == {}


def test_a_shard_that_always_fails_stops_the_build_by_its_symbol(copy: Settings, cluster: Cluster) -> None:
    long_ago(copy)
    build(*on_spark(cluster))
    with damaged(copy):
        refused(copy, store_of(copy), on_spark(cluster))
    build(*on_spark(cluster))


@dataclass
class Reader:
    """Asks again and again, in one statement, for the rows of two relations of shards and for the build's id."""

    warehouse: Warehouse
    seen: set[tuple[str, int, int]] = field(default_factory=set)
    problems: list[BaseException] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        one, two = COUNTED
        query = (
            f"select (select count(*) from {one}), (select count(*) from {two}), "
            "(select max(build_id) from meta.builds)"
        )
        while not self.stop.wait(PAUSE_SECONDS):
            try:
                with self.warehouse.reading() as reading:
                    first, second, newest = reading.cursor.execute(query).fetchall()[0]
                    assert newest == reading.build_id
                    self.seen.add((newest, first, second))
            except (duckdb.Error, NoBuildError, AssertionError) as error:
                self.problems.append(error)

    def has_seen(self, build_id: str) -> bool:
        return any(build_id == known for known, *_ in self.seen.copy()) or bool(self.problems)


@contextmanager
def reading(settings: Settings, count: int) -> Iterator[list[Reader]]:
    """Readers of one warehouse, as an API has them."""
    warehouse = Warehouse(settings)
    readers = [Reader(warehouse) for _ in range(count)]
    threads = [threading.Thread(target=each.run) for each in readers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        for each in readers:
            each.stop.set()
        for thread in threads:
            thread.join(60)


def test_readers_see_one_build_or_the_next(copy: Settings, cluster: Cluster) -> None:
    """Rows change from build to build, in one shard and in all: each answer is, in each number, of the build whose id
    is in it, and none fails.
    """
    long_ago(copy)
    build(*on_spark(cluster))
    expected = {counted(copy)}
    with reading(copy, 2) as readers:
        for symbol, how in (("ETHUSDT", ()), ("BTCUSDT", ("--full-refresh",))):
            prepend(copy, symbol, 5)
            build(*on_spark(cluster), *how)
            expected.add(counted(copy))
            newest = copy.market_path.resolve().parent.name
            await_that(lambda newest=newest: all(each.has_seen(newest) for each in readers), "readers go on")  # type: ignore[misc]
    assert [problem for each in readers for problem in each.problems] == []
    assert len({(one, two) for _, one, two in expected}) == 3
    assert all(each.seen <= expected and len(each.seen) >= 2 for each in readers)


def counted(settings: Settings) -> tuple[str, int, int]:
    """The published build, and the rows of its relations as its tasks counted them."""
    manifest = manifest_of(settings)
    one, two = (sum(made.rows[name] for made in manifest.shards.values()) for name in COUNTED)
    return settings.market_path.resolve().parent.name, one, two


def test_a_second_build_touches_only_shards_with_news(copy: Settings, cluster: Cluster) -> None:
    long_ago(copy)
    build(*on_spark(cluster))
    first = manifest_of(copy)
    assert len(first.builds) == 1
    prepend(copy, "ETHUSDT", 5)
    build(*on_spark(cluster))
    assert len(made_anew(first, manifest_of(copy))) == 1
    assert differences(copy, *on_spark(cluster)) == {}
