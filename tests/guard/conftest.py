from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from quant.sql.public_names import PublicNames, read_public_names
from tests.guard.market import publish


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one build with a public database."""
    folder = tmp_path_factory.mktemp("guarded")
    publish(folder)
    return folder


@pytest.fixture(scope="session")
def names(build: Path) -> PublicNames:
    return read_public_names(build)


@pytest.fixture(scope="session")
def public(build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The public database as DuckDB alone opens it, one thread, no wall."""
    with duckdb.connect(str(build / "public.duckdb"), read_only=True, config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
