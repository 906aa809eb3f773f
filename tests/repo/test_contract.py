"""serving.* and meta.* are exactly what tests/repo/contract.yml promises to API, dashboard and everybody's queries."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from quant.settings import Settings
from quant.warehouse import open_build

CONTRACT: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("contract.yml").read_text())


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


@pytest.mark.parametrize("relation", CONTRACT)
def test_relation_has_exactly_the_promised_columns(build: duckdb.DuckDBPyConnection, relation: str) -> None:
    described = build.execute(f"describe from {relation}").fetchall()
    assert {name: type_ for name, type_, *_ in described} == CONTRACT[relation]


def test_nothing_is_offered_that_nobody_promised(build: duckdb.DuckDBPyConnection) -> None:
    listed = build.execute(
        "select schema_name || '.' || relation_name from (select schema_name, table_name as relation_name from "
        "duckdb_tables() union all select schema_name, view_name from duckdb_views()) "
        "where schema_name in ('serving', 'meta')"
    ).fetchall()
    assert {name for (name,) in listed} == set(CONTRACT)
