"""DuckDB with the formulas loaded, and the golden files as tables of one name each."""

from collections.abc import Callable, Iterator

import duckdb
import pytest

from quant.formulas import load_formulas
from quant.settings import PROJECT_PATH

GOLDEN = PROJECT_PATH / "tests" / "golden"
TABLES = ("prices", "volatility", "trend", "performance", "performance_trailing", "risk", "risk_trailing")

Value = Callable[[str], object]


@pytest.fixture(scope="session")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    """Macros, golden tables, and `returns`: one row per bar of prices.csv with r and b (simple) and log_return."""
    with duckdb.connect() as connection:
        load_formulas(connection)
        for name in TABLES:
            connection.read_csv(str(GOLDEN / f"{name}.csv"), comment="#").create(name)
        connection.execute(
            "create table returns as select *, simple_return_of(close, previous(close, 1, i)) as r, "
            "simple_return_of(benchmark, previous(benchmark, 1, i)) as b, "
            "log_return_of(close, previous(close, 1, i)) as log_return, "
            "r - rate_per_period(0.03, 252) as excess, b - rate_per_period(0.03, 252) as benchmark_excess from prices"
        )
        yield connection


@pytest.fixture
def value(formulas: duckdb.DuckDBPyConnection) -> Value:
    """The single value of a select; the text after `select`."""

    def evaluate(expression: str) -> object:
        rows = formulas.execute(f"select {expression}").fetchall()
        assert len(rows) == 1, f"{len(rows)} rows instead of one"
        return rows[0][0]

    return evaluate


@pytest.fixture
def worst_error(formulas: duckdb.DuckDBPyConnection) -> Callable[[str, str, str], tuple[float, int]]:
    """Greatest relative error of a trailing expression against a golden column, and how many values were compared.

    A value where the golden file has none, or none where it has one, counts as an infinite error.
    """

    def compare(expression: str, table: str, column: str) -> tuple[float, int]:
        row = formulas.execute(
            f"with ours as (select i, {expression} as value from returns) "
            "select max(case when ours.value is null and golden is null then 0 "
            "when ours.value is null or golden is null then 'inf'::double "
            "else abs(ours.value - golden) / greatest(1, abs(golden)) end), count(golden) "
            f"from ours join (select i, {column} as golden from {table}) using (i)"
        ).fetchone()
        assert row is not None
        return float(row[0]), int(row[1])

    return compare
