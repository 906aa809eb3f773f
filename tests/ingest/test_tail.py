"""The tail's files: one per symbol and minute, each trade once, whatever the order and however often we restart."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import ingest.growing_file
from ingest.binance_record import Trade
from ingest.compaction import close_settled, delete_unread
from ingest.disk import Disk
from ingest.parquet import lay_down_empty_files, write_table
from ingest.record import TRADE
from ingest.runs import Gap, Run
from ingest.stored_trades import newest_known
from ingest.tail import Stored, Tail, stored_ids
from quant.boundary import EPOCH
from tests.ingest.market_time import SOURCE, at, files_below, seen, trade

HOUR = "symbol=BTCUSDT/source=binance/date=2026-11-20/hour=9"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_down_empty_files(tmp_path)
    return tmp_path


def tail_of(root: Path, run_id: str = "a-run") -> Tail:
    return Tail(root, SOURCE, run_id, symbols=2)


def test_trades_lie_in_the_minute_of_the_exchanges_clock(root: Path) -> None:
    tail_of(root).write([trade(1, at(9, 4, 59.999)), trade(2, at(9, 5)), trade(3, at(9, 5), "ETHUSDT")])
    assert files_below(root / "trades" / "tail") == [
        f"{HOUR}/04.parquet",
        f"{HOUR}/05.parquet",
        f"{HOUR.replace('BTC', 'ETH')}/05.parquet",
    ]


def test_midnight_parts_days(root: Path) -> None:
    tail_of(root).write([trade(1, at(23, 59, 59.999)), trade(2, at(0, day=21))])
    below = "symbol=BTCUSDT/source=binance"
    assert files_below(root / "trades" / "tail") == [
        f"{below}/date=2026-11-20/hour=23/59.parquet",
        f"{below}/date=2026-11-21/hour=0/00.parquet",
    ]


def test_stored_rows_are_exact_and_say_where_they_come_from(root: Path) -> None:
    tail_of(root).write([trade(7, at(9, 5, 1.000001))])
    row = duckdb.execute(
        f"""select symbol, trade_id, ts, price, size, is_buyer_maker, origin, source, fetched_at, ingest_run_id, hour
            from read_parquet('{root}/trades/tail/*/*/*/*/*.parquet', hive_partitioning = true)"""
    ).fetchall()
    ts = at(9, 5, 1.000001)
    fetched_at = ts + timedelta(milliseconds=1)
    price, size = Decimal("7.12345678"), Decimal("0.50000000")
    assert row == [("BTCUSDT", 7, ts, price, size, False, "stream", "binance", fetched_at, "a-run", 9)]


def test_a_minute_grows_flush_by_flush(root: Path) -> None:
    tail = tail_of(root)
    for trade_id in range(1, 6):
        assert tail.write([trade(trade_id, at(9, 5, trade_id))]) == 1
    assert seen(root, EPOCH) == [1, 2, 3, 4, 5]
    assert files_below(root / "trades" / "tail") == [f"{HOUR}/05.parquet"]


def test_restart_within_a_minute_keeps_what_was_there(root: Path) -> None:
    tail_of(root, "first").write([trade(1, at(9, 5))])
    tail_of(root, "second").write([trade(2, at(9, 5))])
    assert seen(root, EPOCH) == [1, 2]


def test_late_trade_joins_its_old_minute(root: Path) -> None:
    tail = tail_of(root)
    tail.write([trade(number, at(9, number)) for number in (1, 3, 5, 7, 9, 11)])
    tail.write([trade(2, at(9, 1, 30))])
    assert seen(root, EPOCH) == [1, 2, 3, 5, 7, 9, 11]
    assert f"{HOUR}/01.parquet" in files_below(root / "trades" / "tail")


def test_known_trade_is_not_written_twice(root: Path) -> None:
    tail = tail_of(root)
    assert tail.write([trade(1, at(9, 5)), trade(2, at(9, 5)), trade(1, at(9, 5))]) == 2
    assert tail.write([trade(2, at(9, 5)), trade(3, at(9, 5))]) == 1
    assert seen(root, EPOCH) == [1, 2, 3]


def test_minute_stays_sorted_by_id(root: Path) -> None:
    tail = tail_of(root)
    tail.write([trade(5, at(9, 5, 5))])
    tail.write([trade(3, at(9, 5, 3))])
    ids = duckdb.execute(f"select trade_id from '{root}/trades/tail/{HOUR}/05.parquet'").fetchall()
    assert ids == [(3,), (5,)]


def test_older_minute_is_whole_on_disk_before_a_newer_one_appears(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noting(table: object, path: Path, disk: Disk) -> None:
        order.append(path.stem)
        write_table(table, path, disk)

    monkeypatch.setattr(ingest.growing_file, "write_table", noting)
    shuffled: list[Trade] = [trade(3, at(9, 7)), trade(1, at(9, 5)), trade(2, at(9, 6))]
    tail_of(root).write(shuffled)
    assert order == ["05", "06", "07"]


def test_crash_in_the_middle_of_a_write_leaves_the_old_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tail = tail_of(root)
    tail.write([trade(1, at(9, 5))])
    monkeypatch.setattr("os.fsync", _crash)
    with pytest.raises(RuntimeError, match="power"):
        tail.write([trade(2, at(9, 5))])
    assert seen(root, EPOCH) == [1]  # the half-written file has a name that no glob matches
    monkeypatch.undo()
    tail.write([trade(2, at(9, 5))])
    assert seen(root, EPOCH) == [1, 2]


def test_last_id_comes_from_the_newest_files(root: Path) -> None:
    assert stored_ids(root, "BTCUSDT", SOURCE) == Stored(None, ())
    tail_of(root).write([trade(number, at(8 + number, 59)) for number in range(1, 5)])
    assert stored_ids(root, "BTCUSDT", SOURCE).last == 4
    assert stored_ids(root, "BTCUSDT", "demo-binance").last is None
    assert stored_ids(root, "ETHUSDT", SOURCE).last is None


def test_last_id_of_closed_files_counts_when_the_tail_is_gone(root: Path) -> None:
    below = root / "trades/closed/symbol=BTCUSDT/source=binance"
    for day, name, trade_id in ((19, "23", 90), (20, "09", 99), (20, "09-5-7", 7)):
        row = {
            "symbol": "BTCUSDT",
            "trade_id": trade_id,
            "ts": at(9, day=day),
            "price": Decimal(1),
            "size": Decimal(1),
            "is_buyer_maker": True,
            "origin": "stream",
            "source": SOURCE,
            "fetched_at": at(9, day=day),
            "ingest_run_id": "a-run",
        }
        write_table(TRADE.empty_table().from_pylist([row], TRADE), below / f"date=2026-11-{day}" / f"{name}.parquet")
    assert stored_ids(root, "BTCUSDT", SOURCE).last == 99
    tail_of(root).write([trade(100, at(10))])
    assert stored_ids(root, "BTCUSDT", SOURCE).last == 100


def test_holes_in_the_newest_minutes_are_found(root: Path) -> None:
    # Ids 10 and 11 crossed a minute against the clock, and the crash came between the two files.
    tail_of(root).write([trade(8, at(9, 5, 58)), trade(9, at(9, 5, 59)), trade(11, at(9, 5, 59.9))])
    assert stored_ids(root, "BTCUSDT", SOURCE) == Stored(11, (range(10, 11),))


def test_a_hole_at_the_turn_of_an_hour_is_found_after_its_compaction(root: Path) -> None:
    # Found by the simulator: 9 and 10 belong to the next hour, whose file was never written; 11 came before the turn.
    tail_of(root).write([trade(7, at(9, 30)), trade(8, at(9, 59, 58)), trade(11, at(9, 59, 59.9))])
    close_settled(root, at(10, 30))
    assert stored_ids(root, "BTCUSDT", SOURCE) == Stored(11, (range(9, 11),))
    delete_unread(root, [at(10)])
    assert stored_ids(root, "BTCUSDT", SOURCE) == Stored(11, (range(9, 11),))


def test_a_hole_told_before_any_trade_is_on_disk_is_where_the_next_life_begins(root: Path) -> None:
    run = Run(root, SOURCE, "trades")
    assert newest_known(run, "BTCUSDT", None) is None
    run.record_gaps([Gap("BTCUSDT", 50, 52, "open", "REST was silent", at(9))])
    assert newest_known(run, "BTCUSDT", None) == 49
    assert newest_known(run, "BTCUSDT", 60) == 60


def _crash(descriptor: int) -> None:
    raise RuntimeError("power failure")
