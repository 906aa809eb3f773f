"""The selects of the dashboard read what the contract promises, and nothing else."""

from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp

from dashboard.data import QUERIES
from quant.settings import PROJECT_PATH

CONTRACT = yaml.safe_load((PROJECT_PATH / "tests" / "repo" / "contract.yml").read_text())
FILES = sorted(QUERIES.glob("*.sql"))


def relations(statement: exp.Expression) -> set[str]:
    named = {cte.alias for cte in statement.find_all(exp.CTE)}
    return {f"{table.db}.{table.name}" for table in statement.find_all(exp.Table) if table.name not in named}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_select_reads_relations_of_the_contract_only(file: Path) -> None:
    (statement,) = sqlglot.parse(file.read_text(), read="duckdb")
    assert isinstance(statement, exp.Select)
    assert relations(statement)
    assert relations(statement) <= set(CONTRACT)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_select_starts_with_its_grain(file: Path) -> None:
    assert file.read_text().startswith("-- One row")


def test_sql_lies_in_the_folder_of_queries_and_behind_the_door_only() -> None:
    """data.py names the columns of lines, which no parameter can."""
    for module in set((PROJECT_PATH / "dashboard").rglob("*.py")) - {PROJECT_PATH / "dashboard" / "data.py"}:
        assert "serving.latest_prices\n" not in module.read_text()
        assert " from serving." not in module.read_text().lower(), module
        assert " from meta." not in module.read_text().lower(), module
