"""Formulas come into a database once, and anew when a file changed."""

from pathlib import Path

import duckdb
import pytest

from quant.formulas import FORMULAS_PATH, formula_files, formulas_version, load_formulas
from udfs import register

# The names of an `exclude` have no order: DuckDB writes them down as they come.
TEXTS = """
    select function_name, function_type, length(macro_definition), parameters, comment
    from duckdb_functions()
    where not internal and function_type in ('macro', 'table_macro') and function_name <> 'formulas_version'
    order by all
"""


@pytest.fixture
def formulas(tmp_path: Path) -> Path:
    (tmp_path / "1.sql").write_text("create or replace macro half(x) as x / 2;")
    (tmp_path / "2.sql").write_text("create or replace macro quarter(x) as half(half(x));")
    return tmp_path


def test_a_copy_is_what_the_files_say() -> None:
    with duckdb.connect() as read, duckdb.connect() as copied:
        for connection in (read, copied):
            register(connection)
        for file in formula_files():
            read.execute(file.read_text())
        load_formulas(copied)
        assert copied.execute(TEXTS).fetchall() == read.execute(TEXTS).fetchall()
        assert copied.execute("select formulas_version()").fetchall() == [(formulas_version(FORMULAS_PATH),)]
        assert [name for (name,) in copied.execute("select database_name from duckdb_databases()").fetchall()] == [
            *("memory", "system", "temp")
        ]


def test_what_a_database_holds_is_read_anew_when_a_file_changed(formulas: Path) -> None:
    with duckdb.connect() as connection:
        load_formulas(connection, formulas)
        assert connection.execute("select quarter(8)").fetchall() == [(2,)]
        (formulas / "1.sql").write_text("create or replace macro half(x) as x * 0.5 + 1;")
        load_formulas(connection, formulas)
        assert connection.execute("select quarter(8)").fetchall() == [(3.5,)]
    with duckdb.connect() as later:  # of the same process, which has copies of what it read
        load_formulas(later, formulas)
        assert later.execute("select quarter(8)").fetchall() == [(3.5,)]


def test_a_file_that_is_wrong_is_named_and_leaves_no_version(formulas: Path) -> None:
    with duckdb.connect() as connection:
        load_formulas(connection, formulas)
        (formulas / "2.sql").write_text("create or replace macro quarter(x) as half(half(x)")
        with pytest.raises(duckdb.Error, match=r"2\.sql: "):
            load_formulas(connection, formulas)
        with pytest.raises(duckdb.CatalogException, match="formulas_version"):
            connection.execute("select formulas_version()")


def test_a_macro_of_the_users_own_stays(formulas: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create macro mine() as 1")
        load_formulas(connection, formulas)
        assert connection.execute("select mine(), quarter(8)").fetchall() == [(1, 2)]
