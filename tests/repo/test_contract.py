"""serving.* and meta.* are exactly what tests/repo/contract.yml promises to API, dashboard and everybody's queries."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build

CONTRACT: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("contract.yml").read_text())
METRICS = yaml.safe_load((PROJECT_PATH / "models/serving/serving_metrics.yml").read_text())["models"][0]["config"][
    "meta"
]


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


@pytest.mark.parametrize("relation", CONTRACT)
def test_relation_has_exactly_the_promised_columns(build: duckdb.DuckDBPyConnection, relation: str) -> None:
    described = build.execute(f"describe from {relation}").fetchall()
    of_models = metric_columns(build) if relation == "serving.metrics" else {}
    assert {name: type_ for name, type_, *_ in described} == CONTRACT[relation] | of_models


def metric_columns(build: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the stored models of serving.metrics have: a new metric is promised by being there."""
    found = build.execute(
        "select distinct column_name from duckdb_columns() where schema_name in ('metrics', 'pairs') "
        "and list_contains($models, table_name) and not list_contains($without, column_name)",
        {"models": METRICS["columns_of"], "without": [*METRICS["columns_without"], "series_id", "ts"]},
    ).fetchall()
    assert len(found) > 60
    return {name: "DOUBLE" for (name,) in found}


def test_nothing_is_offered_that_nobody_promised(build: duckdb.DuckDBPyConnection) -> None:
    listed = build.execute(
        "select schema_name || '.' || relation_name from (select schema_name, table_name as relation_name from "
        "duckdb_tables() union all select schema_name, view_name from duckdb_views()) "
        "where schema_name in ('serving', 'meta')"
    ).fetchall()
    assert {name for (name,) in listed} == set(CONTRACT)
