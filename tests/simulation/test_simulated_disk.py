"""The simulated disk forgets what a real one may forget, and nothing else."""

from pathlib import Path
from random import Random

import pytest

from tests.simulation.loop import VirtualLoop
from tests.simulation.memory_disk import MemoryDisk
from tests.simulation.process import Killed, Process
from tests.simulation.process_disk import Machine, ProcessDisk
from tests.simulation.trace import Trace

FOLDER, FILE = Path("/a/b"), Path("/a/b/file")


def machine(seed: int = 1) -> Machine:
    loop = VirtualLoop(Random(seed))
    return Machine(MemoryDisk(), loop, Trace(loop.time), Random(seed), die=loop.kill)


def disk_of(shared: Machine) -> ProcessDisk:
    return ProcessDisk(shared, Process("writer", 1))


def write(disk: ProcessDisk, content: bytes, is_synced: bool) -> None:
    with disk.create(FILE) as file:
        file.write(content)
        if is_synced:
            disk.sync(file)


def after_power_loss(is_file_synced: bool, is_folder_synced: bool) -> set[bytes | None]:
    """What the file may hold afterwards; None: it is not there."""
    found = set()
    for seed in range(200):
        shared = machine(seed)
        disk = disk_of(shared)
        disk.make_folder(FOLDER)
        write(disk, b"four", is_file_synced)
        if is_folder_synced:
            disk.sync_folder(FOLDER)
        shared.disk.lose_power(Random(seed))
        found.add(disk.read(FILE) if disk.is_file(FILE) else None)
    return found


def test_what_is_synced_survives() -> None:
    assert after_power_loss(True, True) == {b"four"}


def test_a_name_that_is_not_synced_may_be_lost() -> None:
    assert after_power_loss(True, False) == {b"four", None}


def test_content_that_is_not_synced_may_be_torn_or_zero() -> None:
    assert {b"", b"fo", b"fo\0\0", b"four"} < after_power_loss(False, True)


def test_a_rename_is_lost_or_whole() -> None:
    for seed in range(50):
        shared = machine(seed)
        disk = disk_of(shared)
        disk.make_folder(FOLDER)
        write(disk, b"old", True)
        disk.rename(FILE, FOLDER / "name")
        disk.sync_folder(FOLDER)
        write(disk, b"new", True)
        disk.sync_folder(FOLDER)
        disk.rename(FILE, FOLDER / "name")
        shared.disk.lose_power(Random(seed))
        assert disk.read(FOLDER / "name") in (b"old", b"new")


def test_each_operation_may_be_the_last() -> None:
    shared = machine()
    process = Process("writer", 1, dies_at=4)
    disk = ProcessDisk(shared, process)
    with pytest.raises(Killed):
        disk.make_folder(FOLDER)  # two folders, each made and synced
    assert process.is_dead
    assert disk_of(shared).is_folder(FOLDER)
    with pytest.raises(Killed):
        disk.is_folder(FOLDER)
