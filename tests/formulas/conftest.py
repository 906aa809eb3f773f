"""DuckDB with the formulas loaded, and invented prices."""

from collections.abc import Callable, Iterator

import duckdb
import pytest

from quant.formulas import load_formulas
from quant.settings import PROJECT_PATH

GOLDEN = PROJECT_PATH / "tests" / "golden"

Value = Callable[[str], object]


@pytest.fixture(scope="session")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    """Macros, `prices`, and `returns`: one row per bar of prices.csv with r and b (simple) and log_return."""
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.read_csv(str(GOLDEN / "prices.csv"), comment="#").create("prices")
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
