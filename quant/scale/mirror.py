"""The record in an object store: a copy of ours, file by file, for tasks that cannot see this disk."""

import logging
from pathlib import Path

from quant.scale.store import Store, StoredFile

log = logging.getLogger(__name__)

FOLDER = "parquet"


def mirrored(ours: Store, store: Store) -> Store:
    """Copy what is new or has changed; the store of the copy. A file is there whole or as it was."""
    copy = Store(store.address(FOLDER))
    there = _by_name(copy)
    new = [file for name, file in _by_name(ours).items() if _is_newer(file, there.get(name))]
    for file in new:
        store.files.put_file(file.address, copy.address(_name(ours, file)))
    log.info("%d files of the record copied to %s", len(new), copy.root)
    return copy


def unmirrored(ours: Store, store: Store) -> None:
    """Delete copies of files that are gone here: once a build is published, so that no task reads them any more."""
    copy = Store(store.address(FOLDER))
    for name in _by_name(copy).keys() - _by_name(ours).keys():
        copy.drop(name)


def _is_newer(file: StoredFile, copied: StoredFile | None) -> bool:
    return copied is None or copied.size != file.size or copied.changed < file.changed


def _by_name(store: Store) -> dict[str, StoredFile]:
    files = (file for file in store.below("") if not Path(file.address).name.startswith("."))
    return {_name(store, file): file for file in files}


def _name(store: Store, file: StoredFile) -> str:
    return file.address.removeprefix(store.root).lstrip("/")
