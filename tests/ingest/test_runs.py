"""The ledger: one file per run, whatever happens to it."""

import errno
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq
import pytest

from ingest.disk import LocalDisk
from ingest.runs import Clock, Gap, Run, new_run_id

START = datetime(2026, 11, 20, 23, 59, 58, tzinfo=UTC)


def clock_from(start: datetime) -> Clock:
    """Each look at the clock is a second later."""
    ticks = iter(range(1000))
    return lambda: start + timedelta(seconds=next(ticks))


def rows(folder: Path) -> list[dict[str, object]]:
    return [row for path in sorted(folder.rglob("*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()]


def test_run_is_one_row_a_day_that_beats_and_ends(tmp_path: Path) -> None:
    run = Run(tmp_path, "binance", "trades", clock=clock_from(START))
    run.row_count = 3
    run.save()
    beating = rows(tmp_path / "ledger/runs/date=2026-11-21")
    assert [(row["status"], row["row_count"], row["finished_at"]) for row in beating] == [("running", 3, None)]
    run.finish("ok", "said")
    run.finish("failed", "too late")
    run.save()
    (yesterday,), (ended,) = (rows(tmp_path / f"ledger/runs/date=2026-11-{day}") for day in (20, 21))
    assert (yesterday["status"], yesterday["ingest_run_id"]) == ("running", ended["ingest_run_id"])
    assert (ended["status"], ended["message"], ended["started_at"]) == ("ok", "said", START)
    assert ended["finished_at"] == ended["updated_at"] == START + timedelta(seconds=3)


def test_run_ids_sort_by_time_and_never_meet(tmp_path: Path) -> None:
    ids = [new_run_id(START + timedelta(microseconds=number), 7) for number in range(100)]
    assert ids == sorted(ids)
    assert len({Run(root, "binance", "trades", clock=lambda: START).run_id for root in [tmp_path] * 20}) == 20


def test_gaps_say_what_became_of_the_ids(tmp_path: Path) -> None:
    run = Run(tmp_path, "binance", "trades", clock=clock_from(START))
    run.record_gaps([])
    run.record_gaps([Gap("BTCUSDT", 5, 9, "filled", "why", START), Gap("BTCUSDT", 10, 10, "open", "no", START)])
    gaps = rows(tmp_path / "ledger/gaps")
    assert [(gap["first_trade_id"], gap["count_filled"], gap["status"]) for gap in gaps] == [
        (5, 5, "filled"),
        (10, 0, "open"),
    ]
    assert {(gap["source"], gap["ingest_run_id"], gap["fetched_at"]) for gap in gaps} == {
        ("binance", run.run_id, START + timedelta(seconds=2))  # the third look at this clock
    }


def test_dead_letters_are_written_with_the_heartbeat(tmp_path: Path) -> None:
    run = Run(tmp_path, "binance", "trades", clock=clock_from(START))
    run.reject(b"\xff", "not JSON", START)
    assert rows(tmp_path / "ledger/dead_letters") == []
    run.save()
    run.reject(b"x", "not JSON", START)
    run.finish("ok")
    letters = rows(tmp_path / "ledger/dead_letters")
    assert [(letter["frame"], letter["dataset"]) for letter in letters] == [(b"\xff", "trades"), (b"x", "trades")]


def test_row_beats_every_five_minutes_and_when_there_are_dead_letters(tmp_path: Path) -> None:
    at = [START.replace(hour=1)]
    run = Run(tmp_path, "binance", "trades", clock=lambda: at[0])
    beats: list[object] = []
    for _ in range(12):
        at[0] += timedelta(minutes=1)
        run.beat()
        beats.append(rows(tmp_path / "ledger/runs")[0]["updated_at"])
    assert [(beat - START.replace(hour=1)) / timedelta(minutes=1) for beat in sorted(set(beats))] == [0, 5, 10]  # type: ignore[type-var,operator]
    run.reject(b"x", "not JSON", at[0])
    run.beat()
    assert len(rows(tmp_path / "ledger/dead_letters")) == 1


def test_dead_letters_come_to_disk_in_time_and_not_one_by_one(tmp_path: Path) -> None:
    at = [START]
    run = Run(tmp_path, "binance", "trades", clock=lambda: at[0])
    for number in range(250):
        run.reject(b"x", "not JSON", START)
        run.save_dead_letters()
        assert run.bytes_held == 9 * (number % 100)
    at[0] += timedelta(seconds=5)
    run.save_dead_letters()
    assert len(list((tmp_path / "ledger/dead_letters").rglob("*.parquet"))) == 2  # one a day: midnight has passed
    assert len(rows(tmp_path / "ledger/dead_letters")) == 250


def test_dead_letters_outlive_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, "binance", "trades", clock=clock_from(START))
    run.reject(b"x", "not JSON", START)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _full_disk)
        with pytest.raises(OSError, match="No space"):
            run.finish("ok")
    run.finish("ok")
    assert len(rows(tmp_path / "ledger/dead_letters")) == 1
    assert [row["status"] for row in rows(tmp_path / "ledger/runs")][-1] == "ok"


def _full_disk(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class HangingDisk(LocalDisk):
    """Once told to, it writes nothing before `goes_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()

    def sync(self, file: BinaryIO) -> None:
        if not self.goes_on.is_set():
            self.hangs.set()
            assert self.goes_on.wait(30)
        super().sync(file)


def test_frame_is_rejected_while_the_disk_hangs(tmp_path: Path) -> None:
    """The event loop rejects frames: it must not wait for a thread that writes."""
    disk = HangingDisk()
    run = Run(tmp_path, "binance", "trades", disk=disk)
    run.reject(b"one", "nonsense", START)
    disk.goes_on.clear()
    writer = threading.Thread(target=run.save)
    writer.start()
    assert disk.hangs.wait(10)
    rejecting = threading.Thread(target=run.reject, args=(b"two", "nonsense", START))
    rejecting.start()
    rejecting.join(10)
    assert not rejecting.is_alive()
    disk.goes_on.set()
    writer.join(10)
    assert run.bytes_held == len(b"two" + b"nonsense")
    run.save()
    assert [row["frame"] for row in rows(tmp_path / "ledger/dead_letters")] == [b"one", b"two"]
    assert run.bytes_held == 0
