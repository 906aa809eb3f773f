"""The lab market built three times: after the first visit, incrementally after the second, whole after compaction."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.compaction import compact
from quant.build import Builder
from quant.scale.building import ShardedBuilder
from quant.scale.manifest import Manifest, read_manifest
from quant.scale.plan import Model, models_of, needed
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
    """Three published builds of one record; `whole` reads the ticks of `incremental` from closed files."""

    lab: Lab
    first: duckdb.DuckDBPyConnection
    incremental: duckdb.DuckDBPyConnection
    whole: duckdb.DuckDBPyConnection


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
        whole = built(builder, "full", full=True)
    yield Visits(lab, first, incremental, whole)
    for connection in (first, incremental, whole):
        connection.close()


@dataclass(frozen=True)
class Sharded:
    """The record of the third of those visits, built in shards by processes of this machine."""

    builder: ShardedBuilder
    whole: duckdb.DuckDBPyConnection
    split: duckdb.DuckDBPyConnection
    tags: dict[str, set[str]]

    @property
    def manifest(self) -> Manifest:
        found = read_manifest(self.builder.builds.link.resolve().parent)
        assert found is not None
        return found

    @property
    def needed(self) -> tuple[Model, ...]:
        return needed(self.builder._compiled[1])


@pytest.fixture(scope="session")
def sharded(visits: Visits, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sharded]:
    data = tmp_path_factory.mktemp("sharded")
    shutil.copytree(visits.lab.root, data / "parquet")
    with pytest.MonkeyPatch.context() as patch:
        environment = {**ENVIRONMENT, "QUANT_DATA_PATH": str(data), "QUANT_SCALE__SHARDS": "3"}
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr("quant.configuration.LIVE_HOURS", 48)
        builder = ShardedBuilder(load_settings())
        tags: dict[str, set[str]] = {}
        patch.setattr("quant.scale.building.models_of", lambda nodes: _tagged(list(nodes), tags))
        split = built(builder, "full")
        yield Sharded(builder, visits.whole, split, tags)
    split.close()


def _tagged(nodes: list[Any], tags: dict[str, set[str]]) -> tuple[Model, ...]:
    """What dbt compiled; on the way each model's tags are noted."""
    tags.update({f"{node.schema}.{node.alias}": set(node.tags) for node in nodes})
    return models_of(nodes)


def built(builder: Builder, kind: str, full: bool = False) -> duckdb.DuckDBPyConnection:
    record = builder.build(full=full)
    assert record.kind == kind
    return open_build(Path(builder.settings.market_path).resolve())
