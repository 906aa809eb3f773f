"""A Parquet file that is replaced while a query reads it: DuckDB itself fails then, a reading does not."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quant.warehouse import Reading, is_torn


def write(path: Path, count: int) -> None:
    """`count` rows, moved into place in one step."""
    numbers = list(range(count))
    temporary = path.with_suffix(".tmp")
    pq.write_table(pa.table({"number": numbers, "text": [f"row {number % 7}" for number in numbers]}), temporary)
    temporary.replace(path)


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    """A file that is replaced by a longer one fifty times a second."""
    path = tmp_path / "growing.parquet"
    write(path, 100)
    done = threading.Event()

    def grow() -> None:
        for count in range(103, 1_000_000, 3):
            if done.wait(0.02):
                return
            write(path, count)

    thread = threading.Thread(target=grow)
    thread.start()
    yield path
    done.set()
    thread.join()


def test_a_file_replaced_under_a_query_is_read_again(growing: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "quant.warehouse")
    deadline = time.monotonic() + 60
    with duckdb.connect() as connection:
        reading = Reading("none", connection.cursor())
        while "reading again" not in caplog.text:
            assert time.monotonic() < deadline, "no read was torn: does DuckDB open a file only once now?"
            row = reading.rows(
                "select count(*) as n, max(number) as last, count(distinct text) as texts from read_parquet($path)",
                {"path": str(growing)},
            )[0]
            assert (row["last"], row["texts"]) == (row["n"] - 1, 7)
        reading.cursor.close()


def test_a_fault_of_the_query_is_not_asked_again() -> None:
    for sql in ("select nothing", "select * from absent", "select 'x'::integer", "selec 1", "select error('no')"):
        with duckdb.connect() as connection, pytest.raises(duckdb.Error) as raised:
            connection.sql(sql).fetchall()
        assert not is_torn(raised.value), sql
