"""Files in memory that a power loss treats as a real disk does: what was not synced may be lost, torn or zero.

A file's content survives for certain once it is synced; a name (created, renamed, deleted) once its folder is synced.
Until then each change of a folder survives or not, independently of the others.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from pathlib import Path
from random import Random

from tests.simulation.process import Process

Change = dict[str, "Node | None"]  # what names stand for after it; None: nothing


@dataclass(eq=False)
class File:
    """`synced` is what is safe on the platter; equal to `content` once all of it is."""

    content: bytes = b""
    synced: bytes = b""
    writer: Process | None = None  # who has it open, and thereby locked

    def lose_power(self, random: Random) -> None:
        if self.content != self.synced:
            cut = random.randint(0, len(self.content))
            zeros = bytes(len(self.content) - cut)
            self.content = random.choice([self.synced, self.content[:cut], self.content[:cut] + zeros, self.content])
        self.synced, self.writer = self.content, None


@dataclass(eq=False)
class Folder:
    names: dict[str, Node] = field(default_factory=dict)
    synced: dict[str, Node] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)  # since the last sync, in order

    def change(self, change: Change) -> None:
        self.changes.append(change)
        _apply(change, self.names)

    def sync(self) -> None:
        self.synced, self.changes = dict(self.names), []

    def sync_all(self) -> None:
        self.sync()
        for node in self.names.values():
            if isinstance(node, Folder):
                node.sync_all()
            else:
                node.synced = node.content

    def lose_power(self, random: Random, survival: float) -> None:
        names = dict(self.synced)
        for change in self.changes:
            if random.random() < survival:
                _apply(change, names)
        self.names = names
        self.sync()
        for node in names.values():
            if isinstance(node, Folder):
                node.lose_power(random, survival)
            else:
                node.lose_power(random)


Node = File | Folder


def _apply(change: Change, names: dict[str, Node]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class MemoryDisk:
    """One tree below `/`; every operation happens at once and never fails but for what POSIX refuses."""

    def __init__(self) -> None:
        self.root = Folder()

    def lose_power(self, random: Random) -> None:
        """What is left when the machine comes back: synced, and by luck some of the rest."""
        self.root.lose_power(random, random.choice([0.0, 0.3, 0.7, 1.0]))

    def find(self, path: Path) -> Node | None:
        node: Node | None = self.root
        for part in path.parts[1:]:
            node = node.names.get(part) if isinstance(node, Folder) else None
        return node

    def file(self, path: Path) -> File:
        node = self.find(path)
        if isinstance(node, Folder):
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        return node

    def folder(self, path: Path) -> Folder:
        node = self.find(path)
        if not isinstance(node, Folder):
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(path))
        return node

    def make_one_folder(self, path: Path) -> None:
        parent = self.folder(path.parent)
        if path.name in parent.names:
            raise FileExistsError(errno.EEXIST, "is there", str(path))
        parent.change({path.name: Folder()})

    def create(self, path: Path, writer: Process) -> File:
        """Open for writing; what was there under this name is emptied."""
        parent = self.folder(path.parent)
        file = parent.names.get(path.name)
        if isinstance(file, File):
            file.content = b""
        else:
            file = File()
            parent.change({path.name: file})
        file.writer = writer
        return file

    def rename(self, old: Path, new: Path) -> None:
        """One change of one folder: after a power loss it has happened or not."""
        if old.parent != new.parent:
            raise OSError(errno.EXDEV, "the simulation renames within one folder", str(new))
        self.folder(old.parent).change({old.name: None, new.name: self.file(old)})

    def delete(self, path: Path) -> None:
        self.file(path)
        self.folder(path.parent).change({path.name: None})

    def delete_folder(self, path: Path) -> None:
        if self.folder(path).names:
            raise OSError(errno.ENOTEMPTY, "is not empty", str(path))
        self.folder(path.parent).change({path.name: None})

    def match(self, folder: Path, pattern: str) -> list[Path]:
        """As `sorted(folder.glob(pattern))`, `**` left out."""
        start = self.find(folder)
        found: list[tuple[Path, Node]] = [(folder, start)] if start else []
        for part in pattern.split("/"):
            matches = _matcher(part)
            found = [
                (path / name, below)
                for path, node in found
                if isinstance(node, Folder)
                for name, below in node.names.items()
                if matches(name)
            ]
        return sorted(path for path, _ in found)

    def files_below(self, folder: Path) -> list[tuple[Path, File]]:
        """Every file, sorted by path."""
        return sorted(_walk(folder, self.find(folder)), key=lambda pair: pair[0])


def _walk(path: Path, node: Node | None) -> list[tuple[Path, File]]:
    if isinstance(node, File):
        return [(path, node)]
    return [found for name, below in (node.names.items() if node else ()) for found in _walk(path / name, below)]


@cache
def _matcher(pattern: str) -> re.Pattern[str].match:  # type: ignore[valid-type]
    return re.compile(translate(pattern)).match
