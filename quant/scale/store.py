"""Where shards read and write: a folder, or a bucket of an object store, by one set of verbs (fsspec)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import duckdb
import fsspec

from quant.errors import BuildError, ConfigError
from quant.publish import sync


class StoreError(BuildError):
    """The object store did not do what it was asked: a network, a right, credentials. Another try may do."""


@dataclass(frozen=True)
class StoredFile:
    """A file by its whole address, with what tells one version from another; `changed` is seconds since 1970."""

    address: str
    size: int
    changed: float
    tag: str


@dataclass(frozen=True)
class Store:
    """`root`: an absolute folder or s3://bucket/prefix. Credentials and endpoint are of the environment (AWS_*).

    What an object store refuses is raised as StoreError, what a disk refuses as OSError.
    """

    root: str

    @property
    def is_remote(self) -> bool:
        return "://" in self.root

    @cached_property
    def files(self) -> Any:
        """The file system below; ConfigError if its library is missing. fsspec ships no types."""
        protocol = self.root.partition("://")[0] if self.is_remote else "file"
        try:
            return fsspec.filesystem(protocol, use_listings_cache=False)
        except ImportError as error:
            raise ConfigError(f"{self.root} needs s3fs, which `make spark` adds") from error

    def address(self, name: str) -> str:
        return f"{self.root}/{name}"

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let DuckDB read addresses of this store; a folder it reads by itself."""
        protocols = self.files.protocol
        names = (protocols,) if isinstance(protocols, str) else protocols
        if self.is_remote and not set(names) & set(connection.list_filesystems()):
            connection.register_filesystem(self.files)

    def below(self, name: str) -> list[StoredFile]:
        """Every file in a folder and its folders, by address; none if there is no such folder."""
        with self._asked():
            found = self.files.find(self.address(name), detail=True)
        return [self._stored(path, about) for path, about in sorted(found.items())]

    def folders(self, name: str) -> list[str]:
        """The names of the folders in a folder."""
        with suppress(FileNotFoundError), self._asked():
            return sorted(Path(each).name for each in self.files.ls(self.address(name), detail=False))
        return []

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A local path to write; on leaving, what is there is under its name, whole, in place of what was. After an
        error nothing is.
        """
        if self.is_remote:
            with TemporaryDirectory(prefix="quant-") as folder:
                path = Path(folder) / "part"
                yield path
                self.put(path, name)
            return
        target = Path(self.address(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        path = target.with_name(f".{target.name}.{uuid4().hex}")
        try:
            yield path
            sync(path)
            path.replace(target)
        finally:
            path.unlink(missing_ok=True)

    def put(self, path: Path, name: str) -> None:
        """A copy of a file of this disk, in an object store, where it is there whole or as it was."""
        with self._asked():
            self.files.put_file(str(path), self.address(name))

    def keep(self, name: str) -> None:
        """On return the names of all files in a folder and its folders are on the disk, as their bytes are already."""
        if not self.is_remote:
            top = Path(self.address(name))
            folders = (each for each in top.rglob("*") if each.is_dir())
            for folder in (*folders, top, *top.parents[: len(Path(name).parts)]):
                sync(folder)

    def drop(self, name: str) -> None:
        """Delete a folder with all that is in it, or a file; nothing if there is none."""
        if self.is_remote:
            with suppress(FileNotFoundError), self._asked():
                self.files.rm(self.address(name), recursive=True)
        else:
            path = Path(self.address(name))
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Libraries of object stores raise what they please; none of it tells where, and some of it much too much."""
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:
            if not self.is_remote:
                raise
            said = next(iter(str(error).splitlines()), "")[:300]
            raise StoreError(f"{self.root} could not be used: {type(error).__name__}: {said}") from error

    def _stored(self, path: str, about: dict[str, Any]) -> StoredFile:
        address = self.files.unstrip_protocol(path) if self.is_remote else path
        changed = about.get("mtime") or about["LastModified"].timestamp()
        return StoredFile(address, about["size"], changed, str(about.get("ETag") or changed))
