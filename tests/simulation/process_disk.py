"""The disk as one simulated process sees it: it fails, it lets others run, and each operation may be the last."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import BinaryIO, cast

import pyarrow as pa

from tests.simulation.loop import StuckError, VirtualLoop
from tests.simulation.memory_disk import File, Folder, MemoryDisk
from tests.simulation.process import Killed, Process
from tests.simulation.trace import Trace

OWN_NUMBER = f".{os.getpid()}."  # part of the names of temporary files: each process has one of its own
LOCK_POLL_SECONDS = 0.001
REFUSALS = {errno.ENOSPC: "no space left", errno.EROFS: "read-only", errno.EIO: "input/output error"}
NEEDS_SPACE = {"create", "write", "sync", "mkdir"}
CHANGES = {"create", "write", "rename", "delete", "rmdir", "mkdir", "lock"}


@dataclass
class Weather:
    """How the disk does just now; the same for all processes."""

    refusal: int | None = None  # ENOSPC, EROFS, EIO
    refusal_share: float = 0.0  # of the operations that it concerns
    pause_share: float = 0.1  # of the operations of threads: others run meanwhile
    longest_pause_seconds: float = 0.002
    count_refusals: int = 0

    def refuses(self, kind: str, random: Random) -> bool:
        concerned = {errno.ENOSPC: NEEDS_SPACE, errno.EROFS: CHANGES}.get(self.refusal or 0)
        if self.refusal is None or (concerned is not None and kind not in concerned):
            return False
        return random.random() < self.refusal_share


@dataclass
class Machine:
    """What the processes of one machine share."""

    disk: MemoryDisk
    loop: VirtualLoop
    trace: Trace
    random: Random
    die: Callable[[Process], None]  # kill it, or all of them with a power loss
    weather: Weather = field(default_factory=Weather)
    locks: dict[Path, Process] = field(default_factory=dict)


class OpenFile:
    """A file that is being written."""

    def __init__(self, file: File, path: Path, disk: "ProcessDisk") -> None:
        self.file, self.path, self._disk = file, path, disk

    def write(self, content: bytes) -> int:
        """Whoever is refused or dies here leaves a part."""
        whole = bytes(content)
        part = whole[: self._disk.machine.random.randint(0, len(whole))]
        before = self.file.content
        self.file.content = before + part
        self._disk.operate("write", self.path, len(whole))
        self.file.content = before + whole
        return len(whole)


class ProcessDisk:
    """Implements `ingest.disk.Disk` for one process."""

    def __init__(self, machine: Machine, process: Process) -> None:
        self.machine, self._process = machine, process
        self._disk = machine.disk
        self._unsynced: set[Path] = set()  # as LocalDisk: folders that could not be made durable

    def operate(self, kind: str, path: Path, *details: object) -> None:
        """Before each operation: others may run, the process may die, the disk may refuse."""
        machine, process = self.machine, self._process
        if process.is_dead:
            raise Killed
        if machine.loop.fiber is not None and machine.random.random() < machine.weather.pause_share:
            machine.loop.fiber.pause(machine.random.uniform(0, machine.weather.longest_pause_seconds))
        if not process.count_operation(kind):
            machine.die(process)
            raise Killed
        machine.trace.event(kind, process, path, *details)
        if machine.weather.refuses(kind, machine.random):
            machine.weather.count_refusals += 1
            number = machine.weather.refusal or 0
            machine.trace.event("refused", REFUSALS[number])
            raise OSError(number, REFUSALS[number], str(path))

    def is_file(self, path: Path) -> bool:
        self.operate("stat", path)
        return isinstance(self._disk.find(path), File)

    def is_folder(self, path: Path) -> bool:
        self.operate("stat", path)
        return isinstance(self._disk.find(path), Folder)

    def files(self, folder: Path, pattern: str) -> list[Path]:
        self.operate("list", folder, pattern)
        return self._disk.match(folder, pattern)

    def read(self, path: Path) -> bytes:
        self.operate("read", path)
        return self._disk.file(path).content

    def open(self, path: Path) -> pa.NativeFile:
        self.operate("open", path)
        return pa.BufferReader(self._disk.file(path).content)

    def make_folder(self, path: Path) -> None:
        if isinstance(self._disk.find(path), Folder) and path not in self._unsynced:
            return
        self.make_folder(path.parent)
        self._unsynced.add(path)
        self.operate("mkdir", path)
        if not isinstance(self._disk.find(path), Folder):  # another process was faster
            self._disk.make_one_folder(path)
        self.sync_folder(path.parent)
        self._unsynced.discard(path)

    @contextmanager
    def create(self, path: Path) -> Iterator[BinaryIO]:
        path = self._own(path)
        self.operate("create", path)
        file = self._disk.create(path, self._process)
        try:
            yield cast(BinaryIO, OpenFile(file, path, self))
        finally:
            file.writer = None

    def sync(self, file: BinaryIO) -> None:
        opened = cast(OpenFile, file)
        self.operate("sync", opened.path)
        opened.file.synced = opened.file.content

    def rename(self, old: Path, new: Path) -> None:
        self.operate("rename", self._own(old), new.name)
        self._disk.rename(self._own(old), new)

    def delete(self, path: Path) -> None:
        self.operate("delete", self._own(path))
        self._disk.delete(self._own(path))

    def delete_folder(self, path: Path) -> None:
        self.operate("rmdir", path)
        self._disk.delete_folder(path)

    def sync_folder(self, path: Path) -> None:
        self.operate("sync_folder", path)
        self._disk.folder(path).sync()

    def sync_all(self) -> None:
        self.operate("sync_all", Path("/"))
        self._disk.root.sync_all()

    def remove_leftovers(self, folder: Path) -> int:
        left = [
            path
            for path, file in self._disk.files_below(folder)
            if path.name.startswith(".") and path.name.endswith(".tmp") and file.writer is None
        ]
        for path in left:
            self.delete(path)
        return len(left)

    @contextmanager
    def exclusive(self, path: Path) -> Iterator[None]:
        self.operate("lock", path)
        while path in self.machine.locks:
            self._wait(path)
        with self._held(path):
            yield

    def sole(self, path: Path, refusal: Exception) -> AbstractContextManager[None]:
        self.operate("lock", path)
        if path in self.machine.locks:
            raise refusal
        return self._held(path)

    @contextmanager
    def _held(self, path: Path) -> Iterator[None]:
        self.machine.locks[path] = self._process
        try:
            yield
        finally:
            if self.machine.locks.get(path) is self._process:
                del self.machine.locks[path]

    def _wait(self, path: Path) -> None:
        """In a thread: let others run. On the event loop, which stands still meanwhile: let the holder run."""
        if self._process.is_dead:
            raise Killed
        if self.machine.loop.fiber is not None:
            self.machine.loop.fiber.pause(LOCK_POLL_SECONDS)
            return
        holder = self.machine.locks[path]
        if not holder.fibers:
            raise StuckError(f"{self._process} waits for {path.name} of {holder}, which waits itself")
        self.machine.loop.hurry(holder.fibers[0])

    def _own(self, path: Path) -> Path:
        return path.with_name(path.name.replace(OWN_NUMBER, f".{self._process.number}."))
