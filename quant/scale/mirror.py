"""The record in an object store: a copy of ours, file by file, for tasks that cannot see this disk."""

import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from quant.errors import BuildError
from quant.scale.store import Store, StoredFile

log = logging.getLogger(__name__)

FOLDER = "parquet"
AT_ONCE = 16  # a copy is waiting, most of the time
Version = tuple[int, float]  # size and time of a file of ours when it was copied


@dataclass(frozen=True)
class Mirror:
    """`known`: the file beside the builds that says which version of each of ours is in the copy. Only a builder, who
    is alone on this data folder, may bring it up to date.
    """

    ours: Store
    copy: Store
    known: Path

    def bring_up_to_date(self) -> Store:
        """Copy what is new or has changed, delete what is gone here; the store of the copy.

        Raises BuildError where most of what was copied is gone here: that is rather a disk that was lost.
        """
        here, there, known = _by_name(self.ours), _by_name(self.copy).keys(), self._known()
        gone = there - here.keys()
        if len(gone) > len(here):
            raise BuildError(
                f"{len(gone)} files of {self.copy.root} are gone from {self.ours.root}: copy them back, "
                "or delete them there if they are not wanted any more"
            )
        stay = {name: known[name] for name in there & here.keys() if known.get(name) == _version(here[name])}
        new = {name: file for name, file in here.items() if name not in stay}
        for name in gone:
            self.copy.drop(name)
        self._keep(stay)  # of the others the copy may be this version or the former, until all are there
        self._keep({**stay, **self._copied(new)})
        log.info("record at %s: %d files copied, %d deleted", self.copy.root, len(new), len(gone))
        return self.copy

    def _copied(self, new: Mapping[str, StoredFile]) -> dict[str, Version]:
        """What was copied; a file that is gone by then, compacted say, is not."""

        def put(name: str) -> Version | None:
            try:
                self.copy.put(Path(new[name].address), name)
            except FileNotFoundError:
                return None
            return _version(new[name])

        with ThreadPoolExecutor(AT_ONCE) as threads:
            versions = dict(zip(new, threads.map(put, new), strict=True))
        return {name: version for name, version in versions.items() if version is not None}

    def _known(self) -> dict[str, Version]:
        """Empty where it was never written, or of another place: then everything is copied anew."""
        try:
            known = json.loads(self.known.read_text())
            return {name: (size, at) for name, (size, at) in known[self.copy.root].items()}
        except (FileNotFoundError, ValueError, KeyError):
            return {}

    def _keep(self, versions: Mapping[str, Version]) -> None:
        staged = self.known.with_suffix(".next")
        staged.write_text(json.dumps({self.copy.root: versions}))
        staged.replace(self.known)


def mirror_of(ours: Store, store: Store, known: Path) -> Mirror:
    return Mirror(ours, Store(store.address(FOLDER)), known)


def _version(file: StoredFile) -> Version:
    return file.size, file.changed


def _by_name(store: Store) -> dict[str, StoredFile]:
    files = (file for file in store.below("") if not Path(file.address).name.startswith("."))
    return {file.address.removeprefix(store.root).lstrip("/"): file for file in files}
