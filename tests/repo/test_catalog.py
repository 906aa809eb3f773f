"""Every metric has unit, formula, source and range in the yml; its formula exists, and a test calls it."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import yaml

from quant.formulas import formula_files, load_formulas
from quant.settings import PROJECT_PATH

COLUMN = tuple[str, str, dict[str, Any]]


def columns() -> Iterator[COLUMN]:
    """(model, column, meta) of every column in the yml files that carries a meta entry."""
    for file in sorted((PROJECT_PATH / "models").rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text()) or {}).get("models", []):
            for column in model.get("columns", []):
                meta = column.get("config", {}).get("meta", {})
                if meta:
                    yield model["name"], column["name"], {**meta, "description": column["description"]}


METRICS = list(columns())
IDS = [f"{model}.{column}" for model, column, _ in METRICS]


@pytest.fixture(scope="module")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        yield connection


@pytest.mark.parametrize(("model", "column", "meta"), METRICS, ids=IDS)
def test_entry_is_complete(model: str, column: str, meta: dict[str, Any]) -> None:
    missing = {"unit", "formula", "source", "range", "description"} - {key for key, value in meta.items() if value}
    assert not missing
    assert "%" not in meta["unit"]


@pytest.mark.parametrize(("model", "column", "meta"), METRICS, ids=IDS)
def test_formula_exists_and_a_test_calls_it(
    formulas: duckdb.DuckDBPyConnection, model: str, column: str, meta: dict[str, Any]
) -> None:
    known = formulas.execute(
        "select count(*) from duckdb_functions() where not internal and function_name = $name",
        {"name": meta["formula"]},
    ).fetchall()[0][0]
    in_udfs = f'"{meta["formula"]}"' in (PROJECT_PATH / "udfs" / "arrow_udfs.py").read_text()
    assert known or in_udfs, f"{meta['formula']} is neither a macro nor a UDF"
    tests = [*(PROJECT_PATH / "tests" / "formulas").glob("*.py"), *(PROJECT_PATH / "tests" / "udfs").glob("*.py")]
    assert any(re.search(rf"\b{meta['formula']}\(", test.read_text()) for test in tests)


def test_a_metric_is_described_once() -> None:
    names = [column for _, column, _ in METRICS]
    assert len(names) == len(set(names))


def test_formula_files_load_in_number_order() -> None:
    numbers = [path.name[:3] for path in formula_files()]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d\d_", number) for number in numbers)
