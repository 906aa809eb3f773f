"""The lab market built three times: after the first visit, incrementally after the second, whole after compaction."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.compaction import compact
from quant.build import Builder
from quant.scale.building import ShardedBuilder
from quant.scale.engines import Task
from quant.scale.manifest import Manifest
from quant.scale.plan import Model, models_of, needed
from quant.scale.relations import attach
from quant.scale.shards import Shard
from quant.scale.task import ShardResult
from quant.settings import load_settings
from quant.warehouse import open_build
from tests.repo.lab import Lab

# Windows short enough for thirty bars.
ENVIRONMENT = {
    "QUANT_CRYPTO__SYMBOLS": '["BTCUSDT", "ETHUSDT"]',
    "QUANT_EQUITIES__SYMBOLS": '["SPY", "AAPL"]',
    "QUANT_PORTFOLIOS": '{"equities": ["SPY", "AAPL"], "crypto": ["BTCUSDT", "ETHUSDT"]}',
    "QUANT_METRICS__WINDOW_SHORT": "3",
    "QUANT_METRICS__WINDOW_MEDIUM": "5",
    "QUANT_METRICS__WINDOW_LONG": "8",
    "QUANT_METRICS__WINDOW_VOLATILITY": "4",
    "QUANT_METRICS__RISK_FREE_RATE": "0.03",
}


@dataclass(frozen=True)
class Visits:
    """Three published builds of one record; `whole` reads the ticks of `incremental` from closed files. `compiled` is
    what dbt made of each model for it.
    """

    lab: Lab
    first: duckdb.DuckDBPyConnection
    incremental: duckdb.DuckDBPyConnection
    whole: duckdb.DuckDBPyConnection
    compiled: list[Any]
    record: Path  # a copy of what `whole` read: later tests write on


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    data = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "QUANT_DATA_PATH": str(data)}.items():
            patch.setenv(name, value)
        patch.setattr("quant.configuration.LIVE_HOURS", 48)  # the lab's minutes are of yesterday
        settings = load_settings()
        lab = Lab(settings.parquet_path, datetime.now(UTC))
        builder = Builder(settings)
        lab.first_visit()
        with pytest.MonkeyPatch.context() as hurried:  # what dbt's tests find, they find in the last build
            hurried.setattr("quant.build._commands", lambda kind, tested: ["run", "--full-refresh"])
            first = built(builder, "full")
        lab.second_visit()
        incremental = built(builder, "incremental")
        compact(settings)
        compiled: list[Any] = []
        patch.setattr(builder, "_dbt", noting_models(builder._dbt, compiled))
        whole = built(builder, "full", full=True)
    record = tmp_path_factory.mktemp("record")
    shutil.copytree(lab.root, record / "parquet")
    yield Visits(lab, first, incremental, whole, compiled, record)
    for connection in (first, incremental, whole):
        connection.close()


def noting_models(dbt: Callable[..., Any], compiled: list[Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        result = dbt(*arguments, **named)
        compiled[:] = [item.node for item in result.result.results if item.node.resource_type == "model"]
        return result

    return run


@dataclass(frozen=True)
class Sharded:
    """The record of the last of those visits once more, each shard's relations made by a task of its own."""

    models: tuple[Model, ...]
    tags: dict[str, set[str]]
    manifest: Manifest
    whole: duckdb.DuckDBPyConnection
    split: duckdb.DuckDBPyConnection

    @property
    def needed(self) -> tuple[Model, ...]:
        return needed(self.models)


class Here:
    """Tasks one after the other in this process."""

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        yield from map(task, shards)


@pytest.fixture(scope="session")
def sharded(visits: Visits, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sharded]:
    folder = tmp_path_factory.mktemp("sharded")
    environment = {
        "QUANT_DATA_PATH": str(visits.record),
        "QUANT_SCALE__SHARDS": "3",
        "QUANT_SCALE__DATA_PATH": str(folder),
    }
    models = models_of(visits.compiled)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, **environment}.items():
            patch.setenv(name, value)
        builder = ShardedBuilder(load_settings())
        builder.engine = Here()
        record = builder._plan(full=True)
        plan = replace(builder._plan_of(models, record), instants=instants_of(visits.whole))
        manifest = builder._made(plan, record)
        attach(folder / "split.duckdb", manifest, builder.store)
    tags = {f"{node.schema}.{node.alias}": set(node.tags) for node in visits.compiled}
    with open_build(folder / "split.duckdb") as split:
        yield Sharded(models, tags, manifest, visits.whole, split)


def instants_of(build: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    names = ("live_since", "counted_since", "trades_boundary")
    found = build.execute(f"select {', '.join(f'{name}()' for name in names)}").fetchall()[0]
    return dict(zip(names, found, strict=True))


def built(builder: Builder, kind: str, full: bool = False) -> duckdb.DuckDBPyConnection:
    record = builder.build(full=full)
    assert record.kind == kind
    return open_build(Path(builder.settings.market_path).resolve())
