"""Warehouses to visit: the whole contract without a row, some of it missing, and builds that cannot be opened."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from quant.formulas import load_formulas
from quant.publish import BuildRecord, Builds
from quant.settings import PROJECT_PATH, Settings, load_settings
from udfs import register

BUILD_ID = "20261122T000000.000000Z"
LATER_ID = "20261122T010000.000000Z"


def relations() -> dict[str, dict[str, str]]:
    """Columns and types of every relation that the dashboard may read."""
    contract: dict[str, dict[str, str]] = yaml.safe_load((PROJECT_PATH / "tests/repo/contract.yml").read_text())
    return contract | {"serving.metrics": _metric_columns() | contract["serving.metrics"]}


def _metric_columns() -> dict[str, str]:
    """serving.metrics has those of the stored models too, as its yml says: the contract does not name them."""
    about = _model(PROJECT_PATH / "models/serving/serving_metrics.yml")["config"]["meta"]
    found: dict[str, str] = {}
    for model in about["columns_of"]:
        (file,) = [path for path in (PROJECT_PATH / "models").glob(f"*/{model}.yml") if path.parent.name != "serving"]
        found |= {column["name"]: "DOUBLE" for column in _model(file)["columns"]}
    lacking = {*about["columns_without"], "series_id", "ts"}
    return {name: kind for name, kind in found.items() if name not in lacking}


def _model(file: Path) -> dict[str, Any]:
    model: dict[str, Any] = yaml.safe_load(file.read_text())["models"][0]
    return model


def write_empty(path: Path) -> None:
    """A database with every relation of the contract, no row, and the formulas that queries may call."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema serving; create schema meta")
        for relation, columns in relations().items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"create table {relation} ({listed})")
        register(connection)
        load_formulas(connection)


def settings_of(environment: Mapping[str, str]) -> Settings:
    """What these QUANT_* variables mean."""
    with pytest.MonkeyPatch.context() as patch:
        for name, text in environment.items():
            patch.setenv(name, text)
        return load_settings()


def publish(settings: Settings, build: Path, *changes: str) -> None:
    """Publish a copy of `build`, changed by these statements."""
    now = "2026-11-22T00:00:00+00:00"
    record = BuildRecord(BUILD_ID, "full", "none", now, now, None)
    builds = Builds(settings.duckdb_path)
    settings.parquet_path.mkdir(parents=True, exist_ok=True)
    database = builds.prepare(record)
    shutil.copyfile(build, database)
    if wanted := [change for change in changes if change]:
        with duckdb.connect(str(database)) as connection:
            for change in wanted:
                connection.execute(change)
    builds.publish(record)


def publish_rubbish(settings: Settings) -> None:
    """A newer build that cannot be opened."""
    database = settings.duckdb_path / "builds" / LATER_ID / "market.duckdb"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database " * 1000)
    settings.market_path.unlink(missing_ok=True)
    settings.market_path.symlink_to(database)
