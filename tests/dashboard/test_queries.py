"""The selects of the dashboard read what the contract promises, and answer with what charts and tables can show."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from dashboard import data
from dashboard.data import LIVE, QUERIES, SLOW
from quant.settings import PROJECT_PATH
from quant.warehouse import open_build
from tests.dashboard import houses

CONTRACT_TEXT = (PROJECT_PATH / "tests" / "repo" / "contract.yml").read_text()
CONTRACT = houses.relations()
# The contract says of each relation, on its line, whether it changes without a build.
LIVE_RELATIONS = set(re.findall(r"^((?:serving|meta)\.\w+):(?: \*prices|.*#.*\blive\b)", CONTRACT_TEXT, re.MULTILINE))
FILES = sorted(QUERIES.glob("*.sql"))
# What a chart can draw. Not among it: HUGEINT, which sums of integers are, DECIMAL, instants without a zone.
SHOWABLE = {"VARCHAR", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE"}

every_query = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def relations(statement: exp.Expression) -> set[str]:
    named = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = [table for table in statement.find_all(exp.Table) if table.db or table.name not in named]
    return {f"{table.db}.{table.name}" for table in tables}


def of_contract(statement: exp.Expression) -> set[str]:
    """Relations of the warehouse; without a schema is only what is called with other relations: formulas."""
    return {relation for relation in relations(statement) if not relation.startswith(".")}


def parsed(file: Path) -> exp.Select:
    (statement,) = sqlglot.parse(file.read_text(), read="duckdb")
    assert isinstance(statement, exp.Select)
    return statement


@pytest.fixture(scope="module")
def empty(empty_build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every relation and column of the contract, no other one, and the formulas."""
    with open_build(empty_build) as connection:
        yield connection


@every_query
def test_select_reads_relations_of_the_contract_only(file: Path) -> None:
    assert of_contract(parsed(file)) <= set(CONTRACT)
    assert of_contract(parsed(file))


@every_query
def test_select_is_bound_by_the_columns_of_the_contract_and_answers_without_a_row(
    file: Path, empty: duckdb.DuckDBPyConnection
) -> None:
    answer = empty.execute(file.read_text(), dict.fromkeys(parameters(file.read_text())))
    assert {name: kind for name, kind in columns(answer).items() if kind.removesuffix("[]") not in SHOWABLE} == {}


def parameters(sql: str) -> set[str]:
    """Names behind a dollar, but for those in comments."""
    return set(re.findall(r"\$([a-z_]+)", re.sub(r"--.*", "", sql)))


def columns(answer: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {name: str(kind) for name, kind, *_ in answer.description}


@every_query
def test_select_starts_with_its_grain(file: Path) -> None:
    assert file.read_text().startswith("-- One row")


@every_query
def test_what_changes_without_a_build_is_not_kept_until_the_next_one(file: Path) -> None:
    is_live = bool(of_contract(parsed(file)) & LIVE_RELATIONS)
    assert not is_live or file.stem in LIVE | SLOW


def test_names_of_live_queries_are_queries() -> None:
    assert LIVE | SLOW <= {file.stem for file in FILES}
    assert not LIVE & SLOW
    assert {"serving.latest_prices", "serving.crypto_prices", "serving.bars", "meta.gaps"} <= LIVE_RELATIONS
    assert not {"serving.latest_metrics", "serving.final_bars", "meta.catalog"} & LIVE_RELATIONS


def test_lines_are_bound_by_stored_metrics(empty: duckdb.DuckDBPyConnection) -> None:
    sql = data.LINES.format(columns='"sma_short", "realized_vol"')
    asked = {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": None, "stretches": 400}
    answer = empty.execute(sql, {**asked, "source": "binance", "symbol": "BTCUSDT", "interval": "1d"})
    assert columns(answer) == {"ts": "TIMESTAMP WITH TIME ZONE", "series": "VARCHAR", "value": "DOUBLE"}


def test_sql_lies_in_the_folder_of_queries_and_behind_the_door_only() -> None:
    """data.py names the columns of lines, which no parameter can."""
    for module in (PROJECT_PATH / "dashboard").rglob("*.py"):
        if module.name != "data.py":
            assert not re.search(r"\b(from|join) (serving|meta)\.", module.read_text().lower()), module


def test_every_query_is_asked_by_a_page() -> None:
    """What no page asks is a promise to nobody."""
    modules = " ".join(module.read_text() for module in (PROJECT_PATH / "dashboard").rglob("*.py"))
    assert [file.stem for file in FILES if f'"{file.stem}"' not in modules] == []
