"""The golden grid as arrays, a connection that knows the UDFs, one that knows the macros as well."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from quant.formulas import load_formulas
from tests.udfs.samples import read_golden
from udfs import register
from udfs.black_scholes import FloatArray


@pytest.fixture(scope="session")
def grid() -> dict[str, FloatArray]:
    """options.csv column by column; is_call as 1 and 0."""
    rows = read_golden("options.csv")
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "is_call"}
    return columns | {"is_call": np.array([row["is_call"] == "True" for row in rows], dtype=float)}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database with every UDF."""
    with duckdb.connect() as database:
        register(database)
        yield database


@pytest.fixture(scope="module")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with every UDF and every formula, and the golden grid as table `grid`."""
    with duckdb.connect() as database:
        register(database)
        load_formulas(database)
        database.execute("create table grid as from read_csv('tests/golden/options.csv', skip = 1)")
        yield database
