"""The two walls that read a query before it runs."""

import random

import duckdb
import pytest

from quant.sql.formulas import load_called
from quant.sql.guard import engine_functions, guard
from quant.sql.public_names import PublicNames
from quant.sql.refusal import SqlRefusal
from quant.sql.tree import check_tree
from tests.guard.attacks import BOMBS, FORBIDDEN
from tests.guard.legitimate import QUERIES


def checked(sql: str, names: PublicNames) -> str:
    """The text that would run; both walls have seen it."""
    passed = guard(sql, names)
    with duckdb.connect(":memory:") as connection:
        check_tree(connection, passed.checkable, names)
    return passed.sql


def test_there_are_enough_attacks_and_queries_to_mean_something() -> None:
    assert sum(map(len, FORBIDDEN.values())) > 400 and sum(map(len, BOMBS.values())) > 50
    assert len(QUERIES) >= 50


@pytest.mark.parametrize("family", FORBIDDEN)
def test_every_forbidden_query_is_refused_before_it_runs(family: str, names: PublicNames) -> None:
    for sql in FORBIDDEN[family]:
        with pytest.raises(SqlRefusal) as refusal:
            checked(sql, names)
        assert 10 < len(str(refusal.value)) < 400, sql
        assert str(refusal.value).isprintable(), sql


def test_every_query_of_an_analyst_answers_as_it_does_unguarded(
    names: PublicNames, public: duckdb.DuckDBPyConnection
) -> None:
    for sql in QUERIES:
        passed = guard(sql, names)
        check_tree(public, passed.checkable, names)
        with public.cursor() as cursor:
            load_called(cursor, passed.calls)
            wanted, found = cursor.sql(sql), cursor.sql(passed.sql)
            assert len(found.columns) == len(wanted.columns), sql  # one without a name is called as it was rendered
            assert repr(found.fetchall()) == repr(wanted.fetchall()), sql


def test_any_name_that_is_not_public_is_refused_wherever_it_stands(names: PublicNames) -> None:
    """Legal queries with one relation or function swapped for another: 400 of them, the same in each run."""
    chance = random.Random(7)
    hidden = ("raw.secret", "sqlite_master", "duckdb_tables", "information_schema.tables", "pg_class", "main.bars")
    functions = ("getenv(", "current_setting(", "read_text(", "query(", "nextval(", "pg_get_viewdef(")
    with_relation = [sql for sql in QUERIES if "serving.final_bars" in sql]
    with_function = [sql for sql in QUERIES if any(f" {name}(" in sql for name in ("count", "max", "avg", "list"))]
    for _ in range(200):
        sql = chance.choice(with_relation).replace("serving.final_bars", chance.choice(hidden))
        with pytest.raises(SqlRefusal):
            checked(sql, names)
        sql = chance.choice(with_function)
        for name in ("count(", "max(", "avg(", "list("):
            sql = sql.replace(f" {name}", f" {chance.choice(functions)}")
        with pytest.raises(SqlRefusal):
            checked(sql, names)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select *\nfrom read_csv('x')", "line 2, column 6: table function read_csv is not allowed"),
        (
            "select close,\n  getenv('HOME')\nfrom serving.final_bars",
            "line 2, column 3: function getenv is not allowed",
        ),
        ("from final_bars", "line 1, column 6: final_bars is no public relation; did you mean serving.final_bars?"),
        ("from serving.finalbars", "did you mean serving.final_bars or"),
        ("summarize serving.final_bars", "SUMMARIZE is not allowed: use `from meta.columns`"),
        ("select sma(close) from sma(serving.final_bars)", "sma: bars must be the name of a public relation"),
        ("select 1; select 2", "exactly one statement is allowed, these are 2"),
        ("select '{}'::json -> 'a' = 'b'", "put `->` and what it is of in brackets"),
        ("select 0xFF", "0xFF is a number that runs into a name"),
        ("select quantil(close) from serving.final_bars", "did you mean quantile"),
        ("select a from\u200b b", "line 1, column 14: U+200B cannot be seen"),
    ],
)
def test_a_refusal_says_what_where_and_what_instead(sql: str, said: str, names: PublicNames) -> None:
    with pytest.raises(SqlRefusal) as refusal:
        guard(sql, names)
    assert said in str(refusal.value)


def test_duckdb_has_every_function_that_is_allowed() -> None:
    """And what a newer DuckDB adds is not allowed until somebody has read it."""
    by_syntax = {"coalesce", "ifnull", "iif", "percentile_cont", "percentile_disc", "columns", "grouping",
                 "grouping_id", "try", "any", "all"}  # fmt: skip
    with duckdb.connect(":memory:") as connection:
        known = {
            name.lower() for (name,) in connection.execute("select function_name from duckdb_functions()").fetchall()
        }
    assert engine_functions() - by_syntax <= known


def test_the_second_wall_holds_by_itself(names: PublicNames, public: duckdb.DuckDBPyConnection) -> None:
    """What the first wall would miss, DuckDB's own reading shows."""
    for sql in ("from sqlite_master", "select getenv('x')", "from read_text('x')", "from duckdb_secrets()", "select $1",
                "from serving.final_bars at (version => 1)", "with recursive a as (select 1 union from a) from a",
                "summarize serving.final_bars", "with sqlite_master as (from sqlite_master) from sqlite_master",
                "select 1; select 2", "drop table serving.final_bars", "from query_table('raw.secret')"):  # fmt: skip
        with pytest.raises(SqlRefusal):
            check_tree(public, sql, names)
