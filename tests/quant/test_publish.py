"""Publishing: readers in other processes are never blocked, never see half a build, and see each one."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quant.boundary import boundaries_in_use
from quant.errors import BuildError
from quant.publish import BuildRecord, Builds, is_open
from quant.settings import Settings

READER = """
import json, sys, time
from quant.settings import load_settings
from quant.warehouse import Warehouse

warehouse, errors, seen, queries = Warehouse(load_settings()), [], [], 0
log = open(sys.argv[1], "w", buffering=1)
while True:
    try:
        low, high, rows, twice = warehouse.query(
            "select min(value), max(value), count(*), (select max(value) from serving.doubled) from serving.answer"
        ).to_pylist()[0].values()
        queries += 1
        time.sleep(0.002)  # leaves the publisher some of the two cores
        assert low == high and rows == 1000 and twice == 2 * low, (low, high, rows, twice)
        if low not in seen:
            seen.append(low)
            log.write(json.dumps({"seen": low, "queries": queries}) + "\\n")
    except Exception as error:
        log.write(json.dumps({"error": repr(error)}) + "\\n")
        time.sleep(0.01)
"""


def test_readers_in_other_processes_see_every_build_and_no_error(tiny: Any, wait_for: Any, tmp_path: Path) -> None:
    builds = tiny.builds
    tiny.publish(0)
    logs = [tmp_path / f"reader{number}.jsonl" for number in range(3)]
    with _readers(logs):
        for value in range(1, 9):
            # The next one follows when all have seen this one, so that "every build" does not hang on speed.
            wait_for(partial(_all_saw, logs, value - 1))
            tiny.publish(value)
            builds.prune(grace_seconds=0)
        wait_for(partial(_all_saw, logs, 8))
    for log in logs:
        assert [line for line in _lines(log) if "error" in line] == []
        assert _seen(log) == list(range(9))


def test_the_link_is_relative_so_that_the_folder_can_be_mounted_elsewhere(
    tiny: Any, settings: Settings, tmp_path: Path
) -> None:
    builds = tiny.builds
    record = tiny.publish(7)
    assert os.readlink(builds.link) == f"builds/{record.build_id}/market.duckdb"

    settings.duckdb_path.rename(tmp_path / "elsewhere")

    moved = Builds(tmp_path / "elsewhere")
    assert moved.current() == record
    with duckdb.connect(str(moved.link), read_only=True) as connection:
        assert connection.sql("select max(value) from serving.doubled").fetchall() == [(14,)]


def test_a_build_that_was_not_published_changes_nothing(tiny: Any) -> None:
    builds = tiny.builds
    record = tiny.publish(1)
    with builds.exclusive():
        tiny.fill(builds.prepare(tiny.record()), 2)
    assert builds.current() == record
    assert tiny.published_value() == 1


def test_an_incremental_build_starts_from_the_published_one(tiny: Any) -> None:
    builds = tiny.builds
    tiny.publish(5)
    with builds.exclusive(), duckdb.connect(str(builds.prepare(tiny.record("incremental")))) as connection:
        assert connection.sql("select max(value) from serving.doubled").fetchall() == [(10,)]


def test_only_one_process_builds_at_a_time(tiny: Any) -> None:
    builds = tiny.builds
    script = (
        "import sys; from pathlib import Path; from quant.publish import Builds\n"
        f"with Builds(Path({str(builds.path)!r})).exclusive(): pass"
    )
    with builds.exclusive():
        refused = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "BuildError: another build is running on this data folder" in refused.stderr
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_prune_keeps_what_another_process_has_open(tiny: Any) -> None:
    builds = tiny.builds
    old, middle, newest = (tiny.publish(value) for value in range(3))
    with _open_elsewhere(_database(builds, old)):
        builds.prune(grace_seconds=0)
        assert _ids(builds) == [old.build_id, newest.build_id]
    builds.prune(grace_seconds=0)
    assert _ids(builds) == [newest.build_id]
    assert middle.build_id not in _ids(builds)


def test_prune_keeps_what_this_process_has_open_and_its_lock(tiny: Any) -> None:
    builds = tiny.builds
    old, newest = (tiny.publish(value) for value in range(2))
    with duckdb.connect(str(_database(builds, old)), read_only=True) as connection:
        builds.prune(grace_seconds=0)
        assert _ids(builds) == [old.build_id, newest.build_id]
        assert _lock_is_seen_by_others(_database(builds, old))
        assert connection.sql("select max(value) from serving.answer").fetchall() == [(0,)]
    assert not is_open(_database(builds, old))


def test_prune_leaves_a_superseded_build_for_a_while(tiny: Any) -> None:
    builds = tiny.builds
    records = [tiny.publish(value) for value in range(3)]
    builds.prune()
    assert _ids(builds) == [record.build_id for record in records]


def test_prune_makes_up_for_a_kill_in_the_middle_of_a_deletion(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    builds = tiny.builds
    records = [tiny.publish(value) for value in range(4)]
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", _delete_half)
        with pytest.raises(KeyboardInterrupt):
            builds.prune(grace_seconds=0)
    (builds.path / "builds" / "20200101T000000.000000Z").mkdir()  # what an older version could leave
    assert boundaries_in_use(builds.path)
    builds.prune(grace_seconds=0)
    assert _ids(builds) == [records[3].build_id]
    assert tiny.published_value() == 3


def _delete_half(folder: Path, ignore_errors: bool = False) -> None:
    (folder / "build.json").unlink()
    raise KeyboardInterrupt


def test_boundaries_are_read_while_builds_are_published_and_pruned(tiny: Any) -> None:
    builds, done, seen = tiny.builds, threading.Event(), 0
    tiny.publish(0)

    def publish() -> None:
        try:
            for _ in range(40):
                with builds.exclusive():
                    record = tiny.record("incremental")
                    builds.prepare(record)
                    builds.publish(record)
                builds.prune(grace_seconds=0)
        finally:
            done.set()

    publishing = threading.Thread(target=publish)
    publishing.start()
    while not done.is_set():
        assert boundaries_in_use(builds.path), "a published build was overlooked"
        seen += 1
    publishing.join()
    assert seen > 40


def test_a_copy_aside_is_thrown_away_and_keeps_its_ticks_meanwhile(tiny: Any) -> None:
    builds = tiny.builds
    record = tiny.publish(3)
    boundary = datetime(2026, 11, 20, 7, tzinfo=UTC)
    with builds.copy_aside(boundary) as database:
        with duckdb.connect(str(database)) as connection:
            connection.execute("update serving.answer set value = 4")
        assert boundary in boundaries_in_use(builds.path)
        builds.prune(grace_seconds=0)
        assert database.exists()
        with pytest.raises(BuildError, match="another `quant dbt` is running"), builds.copy_aside(boundary):
            pass
    assert not builds.aside_path.exists()
    assert builds.current() == record
    assert tiny.published_value() == 3


def test_a_copy_aside_of_a_killed_process_goes_at_the_next_publish(tiny: Any) -> None:
    builds = tiny.builds
    builds.aside_path.mkdir(parents=True)
    (builds.aside_path / "build.json").write_text('{"boundary": "1990-01-01T00:00:00+00:00"}')
    tiny.publish(1)
    assert not builds.aside_path.exists()


@contextmanager
def _readers(logs: list[Path]) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", READER, str(log)]) for log in logs]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextmanager
def _open_elsewhere(database: Path) -> Iterator[None]:
    script = f"import duckdb; c = duckdb.connect({str(database)!r}, read_only=True); print('open', flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
    finally:
        process.communicate("\n")


def _lock_is_seen_by_others(database: Path) -> bool:
    script = f"from pathlib import Path; from quant.publish import is_open; print(is_open(Path({str(database)!r})))"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "True\n"


def _lines(log: Path) -> list[dict[str, Any]]:
    text = log.read_text() if log.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _seen(log: Path) -> list[int]:
    return [line["seen"] for line in _lines(log) if "seen" in line]


def _all_saw(logs: list[Path], value: int) -> bool:
    return all(value in _seen(log) for log in logs)


def _ids(builds: Builds) -> list[str]:
    return sorted(path.name for path in (builds.path / "builds").iterdir() if path.name != "next")


def _database(builds: Builds, record: BuildRecord) -> Path:
    return builds.path / "builds" / record.build_id / "market.duckdb"
