"""What a query can reach: stored copies of public relations, and formulas that read only what they are given."""

import re
from pathlib import Path

import duckdb
import pytest
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import ParseError

from quant.build import make_public
from quant.formula_texts import FormulaText, formula_texts
from quant.settings import PROJECT_PATH, Settings
from quant.sql.dialect import ENGINE
from quant.sql.public_database import FROZEN, STAND_INS, UNSAID, write_public_database
from quant.sql.public_names import PublicNames

CONTRACT = yaml.safe_load((PROJECT_PATH / "tests/repo/contract.yml").read_text())


def test_every_relation_of_the_contract_is_there_or_said_to_be_live(names: PublicNames) -> None:
    assert names.relations.keys() | names.absent.keys() == CONTRACT.keys() | {"meta.columns"}
    assert names.absent.keys() == {"serving.bars", "serving.latest_prices"}  # in the build of these tests
    assert "use serving.final_bars" in names.absent["serving.bars"]


def test_the_lists_name_relations_that_there_are() -> None:
    assert {*FROZEN, *STAND_INS, *UNSAID} <= CONTRACT.keys()


def test_a_relation_that_is_too_large_is_left_out_and_said_so(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "market.duckdb")) as connection:
        connection.execute("create schema serving; create schema meta; create table serving.wide as from range(100)")
    names = write_public_database(tmp_path / "market.duckdb", most_cells=99)
    assert "more than 99 cells" in names.absent["serving.wide"] and "serving.wide" not in names.relations


def test_a_build_is_published_even_where_its_public_database_cannot_be_made(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "market.duckdb").write_text("no database")
    make_public(settings, tmp_path / "market.duckdb")
    assert "cannot answer POST /sql" in caplog.text
    assert [path.name for path in tmp_path.glob("public*")] == []


def table_calls(text: FormulaText) -> list[exp.Anonymous]:
    try:
        tree = sqlglot.parse_one(text.body, read=ENGINE)
    except ParseError:
        assert not re.search(r"from\s+\w+\s*\(\s*(?!\w+\s*\))", text.body), f"{text.macro} cannot be looked through"
        return []
    return [table.this for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Anonymous)]


@pytest.mark.parametrize(
    "text", [each for each in formula_texts() if each.kind == "table"], ids=lambda each: each.macro
)
def test_a_relation_reaches_a_formula_only_by_a_parameter_that_is_checked(
    text: FormulaText, names: PublicNames
) -> None:
    """query_table reads whatever it is told: what it is told must be of a parameter that the guard looks at."""
    for call in table_calls(text):
        name = str(call.this).lower()
        parameters = names.table_formulas.get(name, ["relation"] if name == "query_table" else [])
        for index, argument in enumerate(call.expressions):
            parameter = parameters[index] if index < len(parameters) else ""
            if isinstance(argument, exp.PropertyEQ | exp.EQ):
                parameter, argument = argument.this.name, argument.expression
            if parameter in names.relation_parameters:
                assert isinstance(argument, exp.Literal | exp.Null) or argument.name in names.relation_parameters
