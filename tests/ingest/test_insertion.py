"""Trades of other writers: whatever lies on disk or is interrupted, each id is there once for every build."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest.insertion
from ingest.binance_record import Trade, trades_table
from ingest.compaction import close_settled, delete_unread
from ingest.errors import BusyError
from ingest.insertion import insert_now
from ingest.parquet import lay_down_empty_files, write_table
from ingest.stored_trades import ids_on_disk, newest_recorded, newest_stored
from ingest.tail import Tail
from quant.boundary import EPOCH, read_boundary
from quant.locks import exclusive
from tests.ingest.market_time import SOURCE, at, files_below, trade
from tests.ingest.staging_view import shown_ids

SYMBOL = "BTCUSDT"
MINUTES_PER_ID = 6  # ids 0 to 49 are the hours 8 to 12
MOST_IDS = 50

ids = st.sets(st.integers(0, MOST_IDS - 1), max_size=MOST_IDS)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), ids),
        st.tuples(st.just("compact"), st.integers(8, 13)),
        st.tuples(st.just("publish"), st.none()),
        st.tuples(st.just("record"), st.integers(1, 20)),
    ),
    max_size=8,
)


def time_of(trade_id: int) -> datetime:
    return at(8) + timedelta(minutes=MINUTES_PER_ID * trade_id)


def trades(wanted: Collection[int]) -> list[Trade]:
    return [trade(trade_id, time_of(trade_id)) for trade_id in sorted(wanted)]


def table(wanted: Collection[int], run: str = "another-run") -> pa.Table:
    return trades_table(trades(wanted), SOURCE, run)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_down_empty_files(tmp_path)
    return tmp_path


@settings(max_examples=25)
@given(ids, steps)
def test_each_id_is_there_once_for_every_build(first: set[int], steps: list[tuple[str, object]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        lay_down_empty_files(root)
        recorder = Tail(root, SOURCE, "a-run", symbols=1)
        recorder.write(trades(first))
        stored, boundaries, live = set(first), [EPOCH], MOST_IDS
        for kind, value in steps:
            match kind, value:
                case "insert", set():
                    new = value - stored
                    assert insert_now(root, table(value)) == len(new)
                    stored |= new
                case "record", int():  # the recorder goes on beyond everything that others bring
                    fresh = range(live, live + value)
                    live += value
                    recorder.write(trades(fresh))
                    stored |= set(fresh)
                case "compact", int():
                    close_settled(root, at(value, 30))
                    delete_unread(root, boundaries[1:])
                case _:
                    boundaries.append(read_boundary(root))
        for boundary in {*boundaries[1:], read_boundary(root)}:
            assert shown_ids(root, boundary) == sorted(stored)
        found = ids_on_disk(root, SYMBOL, SOURCE, range(5, 45)).tolist()
        assert found == [trade_id for trade_id in sorted(stored) if 5 <= trade_id < 45]


def test_hours_before_the_boundary_are_seen_at_once_by_builds_before_and_after_it(root: Path) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write(trades(range(0, 50, 2)))
    before = read_boundary(root)
    close_settled(root, at(11, 30))
    assert insert_now(root, table(range(50))) == 25
    assert shown_ids(root, before) == shown_ids(root, at(10)) == shown_ids(root, at(11)) == list(range(50))
    late = [path for path in files_below(root / "trades" / "closed") if "-" in Path(path).stem]
    assert [Path(path).name for path in late] == ["08-1-9.parquet", "09-11-19.parquet", "10-21-29.parquet"]


def test_hours_long_before_the_boundary_are_closed_alone(root: Path) -> None:
    close_settled(root, at(12, day=25))
    assert insert_now(root, table(range(10))) == 10
    assert files_below(root / "trades" / "tail") == []
    assert shown_ids(root, at(12, day=25)) == list(range(10))


def test_the_recorder_keeps_its_files_for_itself(root: Path) -> None:
    recorder = Tail(root, SOURCE, "a-run", symbols=1)
    recorder.write(trades([0, 1, 3]))
    insert_now(root, table([1, 2, 3]))
    recorder.write(trades([4]))  # it holds the minutes in memory, and would forget what others wrote into them
    assert shown_ids(root, EPOCH) == [0, 1, 2, 3, 4]


def test_the_same_trade_a_moment_beyond_the_hour_is_the_same_trade(root: Path) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(7, at(9, 59, 59.999))])
    close_settled(root, at(10, 30))
    late = trades_table([trade(7, at(10, 0, 0.001)), trade(8, at(10, 0, 0.002))], SOURCE, "another-run")
    assert insert_now(root, late) == 1
    assert shown_ids(root, at(10)) == [7, 8]


@pytest.mark.parametrize("deaths", range(1, 8))
def test_killed_after_any_file_and_run_again_it_is_complete(
    root: Path, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write(trades(range(0, 50, 3)))
    close_settled(root, at(11, 30))
    count = 0

    def write(*arguments: object) -> None:
        nonlocal count
        if count == deaths:
            raise KeyboardInterrupt
        count += 1
        write_table(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ingest.insertion, "write_table", write)
        insert_now(root, table(range(50)))
    assert insert_now(root, table(range(50))) > 0
    assert insert_now(root, table(range(50))) == 0
    for boundary in (EPOCH, at(9), at(11)):
        assert shown_ids(root, boundary) == list(range(50))


def test_no_insertion_while_a_compaction_runs(root: Path) -> None:
    with exclusive(root / "trades" / "compaction.lock"), pytest.raises(BusyError):
        insert_now(root, table([1]))


def test_what_others_wrote_beyond_the_recorder_is_known_apart(root: Path) -> None:
    assert newest_stored(root, SYMBOL, SOURCE) is None
    Tail(root, SOURCE, "a-run", symbols=1).write(trades([3, 12]))
    insert_now(root, table([40]))
    assert (newest_recorded(root, SYMBOL, SOURCE), newest_stored(root, SYMBOL, SOURCE)) == (12, 40)
    close_settled(root, at(11, 30))
    assert newest_recorded(root, SYMBOL, SOURCE) == 12
