"""A file that is replaced while it is read: with the plain way of replacing, about one read in twenty fails here."""

import threading
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.growing_file import MOST_GROUPS, GrowingFiles
from ingest.parquet import append_table, count_groups, read_table, write_table

SECONDS = 2.0


def rows(first: int, count: int) -> pa.Table:
    ids = range(first, first + count)
    return pa.table({"trade_id": ids, "text": [f"t{i % 7}" for i in ids], "value": [i * 1.5 for i in ids]})


def test_readers_of_a_growing_file_never_fail_and_always_see_a_whole_prefix(tmp_path: Path) -> None:
    path = tmp_path / "05.parquet"
    files = GrowingFiles("trade_id", held=1)
    files.add(path, rows(0, 100))
    problems: list[str] = []
    reads = [0, 0, 0]
    stop = threading.Event()

    def read(reader: int) -> None:
        with duckdb.connect() as connection:
            while not stop.is_set():
                query = (
                    f"select count(*), max(trade_id), sum(value), count(text) from read_parquet('{tmp_path}/*.parquet')"
                )
                try:
                    count, last, total, texts = connection.execute(query).fetchall()[0]
                except duckdb.Error as error:
                    problems.append(str(error))
                    continue
                if not count == last + 1 == texts or total != 1.5 * last * (last + 1) / 2:
                    problems.append(f"{count} rows up to {last}")
                reads[reader] += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(len(reads))]
    for reader in readers:
        reader.start()
    deadline, first, writes = time.monotonic() + SECONDS, 100, 0
    while time.monotonic() < deadline:
        files.add(path, rows(first, 3))
        first, writes = first + 3, writes + 1
    stop.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert min(reads) > 5 and writes > 20


def test_what_an_old_footer_names_lies_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "05.parquet"
    write_table(rows(0, 10), path)
    for step in (append_table, write_table, append_table):
        before, metadata = path.read_bytes(), pq.read_metadata(path)
        rows_end = len(before) - 8 - metadata.serialized_size
        step(rows(10, 5), path)
        assert path.read_bytes()[:rows_end] == before[:rows_end]


def test_a_rewritten_file_holds_the_new_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "05.parquet"
    write_table(rows(0, 10), path)
    append_table(rows(10, 5), path)
    assert read_table(path) == rows(0, 15)
    write_table(rows(3, 4), path)
    assert read_table(path) == rows(3, 4)
    ids = duckdb.execute(f"select trade_id from '{path}' order by trade_id").fetchall()
    assert ids == [(3,), (4,), (5,), (6,)]


def test_a_growing_file_has_few_groups_and_one_when_it_is_over(tmp_path: Path) -> None:
    files = GrowingFiles("trade_id", held=1)
    minute, later = tmp_path / "05.parquet", tmp_path / "06.parquet"
    most = 0
    for first in range(0, 300, 3):
        files.add(minute, rows(first, 3))
        most = max(most, count_groups(minute))
    assert 1 < most <= MOST_GROUPS
    files.add(later, rows(300, 3))
    assert count_groups(minute) == 1
    assert read_table(minute) == rows(0, 300)
