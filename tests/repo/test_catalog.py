"""Every metric has unit, formula, source and range; a test proves it, and its example runs at the prompt."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from quant.formulas import formula_files, load_formulas
from quant.metrics import metrics
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build
from udfs import register
from udfs.arrow_udfs import FUNCTIONS

COLUMN = tuple[str, str, dict[str, Any]]
TESTS = PROJECT_PATH / "tests"


def models() -> Iterator[dict[str, Any]]:
    for file in sorted((PROJECT_PATH / "models").rglob("*.yml")):
        yield from (yaml.safe_load(file.read_text()) or {}).get("models", [])


def columns() -> Iterator[COLUMN]:
    """(model, metric, meta) of every column that carries a meta entry, and of every metric with columns of its own."""
    for model in models():
        for metric, meta in model.get("config", {}).get("meta", {}).get("metrics", {}).items():
            yield model["name"], metric, {"formula": metric, **meta}
        for column in model.get("columns", []):
            meta = column.get("config", {}).get("meta", {})
            if meta.keys() - {"unit"}:  # a unit alone is that of a figure which is no metric
                yield model["name"], column["name"], {**meta, "description": column["description"]}


METRICS = list(columns())


@pytest.fixture(scope="module")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        register(connection)
        load_formulas(connection)
        yield connection


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


@cache
def proven() -> frozenset[str]:
    """Metrics that have values of an independent program."""
    with duckdb.connect() as connection:
        found = connection.execute(f"select distinct metric from '{TESTS}/golden/values/*.parquet'").fetchall()
    return frozenset(name for (name,) in found)


@cache
def written_tests() -> str:
    files = [*(TESTS / "formulas").glob("*.py"), *(TESTS / "udfs").glob("*.py"), *(TESTS / "oracle").glob("*.py")]
    return "\n".join(file.read_text() for file in files)


def test_entries_are_complete() -> None:
    wanted = {"unit", "formula", "source", "range", "description"}
    lacking = {metric: wanted - {key for key, value in meta.items() if value} for _, metric, meta in METRICS}
    assert {metric: keys for metric, keys in lacking.items() if keys} == {}
    assert [metric for _, metric, meta in METRICS if "%" in meta["unit"]] == []


def test_every_formula_exists(formulas: duckdb.DuckDBPyConnection) -> None:
    found = formulas.execute("select distinct function_name from duckdb_functions() where not internal").fetchall()
    known = {name for (name,) in found} | {function.name for function in FUNCTIONS}
    assert {meta["formula"] for _, _, meta in METRICS} - known == set()


def test_every_metric_is_proven_by_another_program_or_called_by_a_test() -> None:
    unproven = [
        metric
        for _, metric, meta in METRICS
        if not {metric, meta.get("macro"), meta["formula"]} & proven()
        and not re.search(rf"\b({meta['formula']}|{metric})\b", written_tests())
    ]
    assert unproven == []


def test_a_metric_is_described_once() -> None:
    names = [metric for _, metric, _ in METRICS]
    assert sorted(name for name in names if names.count(name) > 1) == []


def test_every_metric_macro_is_in_the_catalogue(build: duckdb.DuckDBPyConnection) -> None:
    listed = build.execute("select metric, unit, source, range, example from meta.catalog").fetchall()
    assert set(metrics()) - {row[0] for row in listed} == set()
    assert [row for row in listed if None in row] == []


def test_every_example_runs_at_the_prompt_as_it_stands(
    build: duckdb.DuckDBPyConnection, demo_warehouse: Settings
) -> None:
    """One process of the 1.5 prompt for all of them: what an example gives follows its name."""
    examples = build.execute("select metric, example from meta.catalog order by metric").fetchall()
    script = "\n".join(f".print @@{metric}\n{example}" for metric, example in examples)
    command = [str(Path(sys.executable).parent / "duckdb"), "-readonly", "-csv", str(demo_warehouse.market_path)]
    done = subprocess.run(command, input=script, cwd=PROJECT_PATH, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    answers = {part.partition("\n")[0]: part.partition("\n")[2] for part in done.stdout.split("@@")[1:]}
    assert len(answers) == len(examples) > 200
    assert [metric for metric, rows in answers.items() if rows.count("\n") < 2] == []


def test_an_example_names_every_parameter() -> None:
    for metric in metrics().values():
        assert all(f"{parameter.name} := " in metric.signature for parameter in metric.parameters)


def test_no_column_of_a_build_is_undocumented(build: duckdb.DuckDBPyConnection, demo_warehouse: Settings) -> None:
    manifest = json.loads((demo_warehouse.duckdb_path / "target" / "manifest.json").read_text())
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    described = {
        (node["schema"], node["alias"], name)
        for node in nodes.values()
        for told in [node, *(nodes[model] for model in node["config"]["meta"].get("columns_of", []))]
        for name, column in told["columns"].items()
        if column["description"]
    }
    described |= {
        (source["schema"], source["name"], name)
        for source in manifest["sources"].values()
        for name, column in source["columns"].items()
        if column["description"]
    }
    built = build.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and schema_name not in ('main', 'config') and table_name <> 'builds'"
    ).fetchall()
    assert sorted(set(built) - described) == []


def test_formula_files_load_in_number_order() -> None:
    numbers = [path.name.partition("_")[0] for path in formula_files()]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d\d[a-z]?", number) for number in numbers)
