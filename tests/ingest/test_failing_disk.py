"""A disk that refuses: said once, nothing lost, bounded memory, and on again when it is back."""

import asyncio
import errno
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ingest.crypto
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.disk import LOCAL_DISK, LocalDisk, put
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from quant.boundary import EPOCH
from quant.settings import Settings
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import SOURCE, seen
from tests.ingest.recorder_session import START, frames


def refuse(number: int) -> Callable[[int], None]:
    def fsync(descriptor: int) -> None:
        raise OSError(number, errno.errorcode[number])

    return fsync


async def problem_of(recorder: Recorder) -> str:
    """What the recorder has to say, as soon as it has tried."""
    async with asyncio.timeout(20):
        while recorder.problem is None:
            await asyncio.sleep(0.01)
    return recorder.problem


@pytest.fixture
def recorder(settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(ingest.crypto, "WRITE_AGAIN_SECONDS", 0.01)
    lay_down_empty_files(settings.parquet_path)
    root = settings.parquet_path
    trades, klines = (Run(root, SOURCE, name, disk=LocalDisk(root)) for name in ("trades", "klines"))
    return Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_refusal_is_said_once_and_made_up_for(
    recorder: Recorder,
    settings: Settings,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", refuse(number))
            await recorder.take_frames(frames(1, 2), START * 1000)
            flushing = asyncio.ensure_future(recorder.flush_surely())
            assert errno.errorcode[number] in await problem_of(recorder)
            await recorder.take_frames(frames(3), START * 1000)
        await flushing
        await recorder.flush()

    asyncio.run(work())
    assert recorder.problem is None
    assert seen(settings.parquet_path, EPOCH) == [1, 2, 3]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1 and "nothing can be written" in errors[0].message
    assert not list(settings.parquet_path.rglob(".*.tmp"))


def test_reading_stops_while_memory_is_full(
    recorder: Recorder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.crypto, "MOST_PENDING", 3)

    async def work() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", refuse(errno.ENOSPC))
            reading = asyncio.ensure_future(recorder.take_frames(frames(1, 2, 3), START * 1000))
            await problem_of(recorder)
            assert not reading.done()
        assert await reading
        await recorder.take_frames(frames(4), START * 1000)
        await recorder.flush()

    asyncio.run(work())
    assert seen(settings.parquet_path, EPOCH) == [1, 2, 3, 4]


def test_vanished_folder_is_not_made_anew(
    recorder: Recorder, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    root, aside = settings.parquet_path, settings.root / "elsewhere"

    async def work() -> None:
        await recorder.take_frames(frames(1), START * 1000)
        await recorder.flush()
        root.rename(aside)
        await recorder.take_frames(frames(2), START * 1000)
        flushing = asyncio.ensure_future(recorder.flush_surely())
        await problem_of(recorder)
        assert not root.exists()
        aside.rename(root)
        await flushing

    asyncio.run(work())
    assert seen(root, EPOCH) == [1, 2]
    assert f"{root} has vanished: mount or move it back" in caplog.text


def test_empty_folder_in_its_place_is_not_written_to(recorder: Recorder, settings: Settings) -> None:
    """What an unmounted folder leaves; another process may even have laid it out meanwhile."""
    root, aside = settings.parquet_path, settings.root / "elsewhere"

    async def work() -> None:
        await recorder.take_frames(frames(1), START * 1000)
        await recorder.flush()
        root.rename(aside)
        lay_down_empty_files(root)
        await recorder.take_frames(frames(2), START * 1000)
        flushing = asyncio.ensure_future(recorder.flush_surely())
        assert "another folder is in its place" in await problem_of(recorder)
        assert seen(root, EPOCH) == []
        shutil.rmtree(root)
        aside.rename(root)
        await flushing

    asyncio.run(work())
    assert seen(root, EPOCH) == [1, 2]


def test_rename_that_is_not_durable_yet_is_made_so_before_it_counts(
    recorder: Recorder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's sync fails after the rename: the next flush finds the rows, and must sync them all the same."""
    synced: list[Path] = []
    sync_folder = LocalDisk.sync_folder

    def failing(disk: LocalDisk, path: Path) -> None:
        if path.name.startswith("hour="):
            raise OSError(errno.EIO, "Input/output error")
        sync_folder(disk, path)

    def noting(disk: LocalDisk, path: Path) -> None:
        synced.append(path)
        sync_folder(disk, path)

    async def work() -> None:
        await recorder.take_frames(frames(1), START * 1000)
        with monkeypatch.context() as patch:
            patch.setattr(LocalDisk, "sync_folder", failing)
            with pytest.raises(OSError, match="Input/output error"):
                await recorder.flush()
        monkeypatch.setattr(LocalDisk, "sync_folder", noting)
        await recorder.flush()

    asyncio.run(work())
    assert any(path.name.startswith("hour=") for path in synced)
    assert seen(settings.parquet_path, EPOCH) == [1]


def test_failed_put_leaves_what_was_there_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(b"old", tmp_path / "file")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse(errno.ENOSPC))
        with pytest.raises(OSError, match="ENOSPC"):
            put(b"new", tmp_path / "file")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_leftovers_go_unless_somebody_writes_them_now(tmp_path: Path) -> None:
    left, live = tmp_path / "a" / ".05.parquet.77.tmp", tmp_path / ".06.parquet.78.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")
    with LOCAL_DISK.create(live) as file:
        file.write(b"being written")
        assert LOCAL_DISK.remove_leftovers(tmp_path) == 1
        assert (left.exists(), live.exists()) == (False, True)
    assert LOCAL_DISK.remove_leftovers(tmp_path) == 1


def test_recorder_does_not_begin_anew_where_its_record_has_vanished(settings: Settings) -> None:
    """Restarted while the folder is away, it must not take an empty one for a new beginning."""
    root, aside = settings.parquet_path, settings.root / "elsewhere"
    command = [sys.executable, "-m", "ingest", "init"]
    environment = os.environ | {"QUANT_DATA_PATH": str(settings.root)}
    subprocess.run(command, env=environment, check=True)
    root.rename(aside)
    for _ in range(2):
        refused = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert refused.returncode == 1 and not root.exists()
        assert refused.stderr == (
            f"ingest init: {root} has vanished: mount or move it back; "
            f"to begin a new record, delete {settings.root}/parquet.recorded\n"
        )
    root.mkdir()
    other = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert other.returncode == 1 and "another folder is in its place" in other.stderr
    (settings.root / "parquet.recorded").unlink()
    subprocess.run(command, env=environment, check=True)


def test_processes_that_begin_at_once_agree_on_the_folder(settings: Settings) -> None:
    """Six that have imported everything and wait for the same instant: nearer to each other than six starts."""
    environment = os.environ | {"QUANT_DATA_PATH": str(settings.root)}
    for _ in range(3):
        shutil.rmtree(settings.root, ignore_errors=True)
        subprocess.run([sys.executable, "-c", AT_ONCE], env=environment, check=True, timeout=60)
    subprocess.run([sys.executable, "-m", "ingest", "init"], env=environment, check=True)


AT_ONCE = """
import multiprocessing, sys
import ingest.commands
from ingest.__main__ import main

def begin(together):
    together.wait()
    sys.exit(main(["init"]))

fork = multiprocessing.get_context("fork")
together = fork.Barrier(6)
begun = [fork.Process(target=begin, args=(together,)) for _ in range(6)]
for process in begun:
    process.start()
for process in begun:
    process.join()
sys.exit(any(process.exitcode for process in begun))
"""
