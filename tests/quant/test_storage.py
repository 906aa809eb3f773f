"""What is said of the data folder: gone, full, read-only or silent, and nothing when all is well."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from quant import storage
from quant.settings import PROJECT_PATH, Settings, load_settings
from quant.storage import StorageWatch


@pytest.fixture
def laid_out(settings: Settings) -> Settings:
    """A data folder as it is once something was built."""
    for folder in (settings.parquet_path, settings.duckdb_path):
        folder.mkdir(parents=True)
    return settings


def test_a_folder_with_room_is_no_problem(laid_out: Settings) -> None:
    found = StorageWatch(laid_out).look()
    assert (found.problem, found.refusal, found.is_there) == (None, None, True)
    assert found.free_mb is not None
    assert found.free_mb == pytest.approx(shutil.disk_usage(laid_out.root).free / 1e6, rel=0.1)


def test_too_little_room_is_said_with_figures_and_remedy(laid_out: Settings) -> None:
    greedy = load_settings(data_path=laid_out.data_path, least_free_mb=1e12)
    found = StorageWatch(greedy).look()
    assert found.is_there
    assert found.problem is not None
    assert f"MB are free at {greedy.root}, wanted are 1e+12 (least_free_mb): free some space" in found.problem


def test_a_folder_that_goes_and_comes_back_is_said_only_while_it_is_away(laid_out: Settings) -> None:
    watch = StorageWatch(laid_out)
    away = laid_out.parquet_path.rename(laid_out.root / "elsewhere")
    found = watch.look()
    assert not found.is_there
    assert found.problem == (
        f"the data folder is gone, {laid_out.parquet_path} is not there: mount it or put it back, and all goes on"
    )
    away.rename(laid_out.parquet_path)
    assert watch.look().problem is None


def test_a_disk_that_hangs_is_not_waited_for(laid_out: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file system hangs on demand, so the call to it does."""
    answers, asked, real = threading.Event(), [], storage.examine_storage

    def hang(settings: Settings) -> storage.Storage:
        asked.append(settings)
        answers.wait(30)
        return real(settings)

    monkeypatch.setattr(storage, "examine_storage", hang)
    monkeypatch.setattr(storage, "PATIENCE_SECONDS", 0.05)
    watch = StorageWatch(laid_out)
    for _ in range(3):
        found = watch.look()
        assert not found.is_there
        assert "has not answered for 0.05 s: check its mount" in (found.problem or "")
    assert len(asked) == 1, "one look waits, no second one was sent after it"
    answers.set()
    monkeypatch.setattr(storage, "PATIENCE_SECONDS", 30)
    assert watch.look().problem is None


READ_ONLY = """
import subprocess, sys
from pathlib import Path
from quant.settings import load_settings
from quant.storage import StorageWatch
root = Path(sys.argv[1])
mount = lambda *options: subprocess.run(["mount", *options], check=True)
mount("-t", "tmpfs", "-o", "size=4m", "none", str(root))
settings = load_settings(data_path=root, least_free_mb=1)
settings.parquet_path.mkdir()
settings.duckdb_path.mkdir()
watch = StorageWatch(settings)
for remount in ("remount,ro", "remount,rw"):
    mount("-o", remount, str(root))
    print(watch.look().is_writable, watch.look().refusal)
(root / "filler").write_bytes(bytes(3_500_000))
print(watch.look().problem)
"""


def test_a_read_only_and_a_full_file_system_are_told_from_one_that_is_well(tmp_path: Path) -> None:
    """On a real one, in a private mount namespace."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUANT_")}
    command = ["unshare", "-Urm", sys.executable, "-c", READ_ONLY, str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no private mount namespace (unshare -Urm)")
    done = subprocess.run(command, cwd=PROJECT_PATH, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read_only, writable, full = done.stdout.splitlines()
    assert read_only.startswith(f"False the data folder {tmp_path} cannot be written: remount it")
    assert writable == "True None"
    assert full.startswith("only 1 MB are free") or full.startswith("only 0 MB are free")
