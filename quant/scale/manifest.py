"""What a split build is made of: for each shard the build that made it, and how many rows each relation has."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quant.errors import BuildError
from quant.publish import SHARDS
from quant.scale.task import file_name


@dataclass(frozen=True)
class MadeShard:
    """A shard as it was made: by which build, of which files (their hash), when, and its rows by relation."""

    build_id: str
    print: str
    settled: bool  # whether time alone can no longer change what its files come to
    rows: dict[str, int]


@dataclass(frozen=True)
class Manifest:
    """`columns`: of each relation name and type of each column; `shards`: by number."""

    root: str
    columns: dict[str, list[tuple[str, str]]]
    shards: dict[int, MadeShard]

    def files(self, relation: str) -> list[str]:
        """The names of a relation's files below the root, in the order of shards."""
        return [file_name(made.build_id, relation, number) for number, made in sorted(self.shards.items())]

    @property
    def builds(self) -> set[str]:
        """The builds whose files are read."""
        return {made.build_id for made in self.shards.values()}

    def write(self, folder: Path) -> None:
        (folder / SHARDS).write_text(json.dumps(asdict(self), indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest | None:
    """None where a build was not split. BuildError, with the remedy, if what says how is damaged."""
    path = folder / SHARDS
    if not path.is_file():
        return None
    try:
        return _parsed(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(f"{path} is damaged: `quant build --full-refresh` makes a new build ({error})") from error


def builds_in_use(folders: Iterable[Path]) -> set[str]:
    """The builds whose files any of these finished builds reads."""
    found = [manifest for folder in folders if (manifest := read_manifest(folder)) is not None]
    return {build_id for manifest in found for build_id in manifest.builds}


def _parsed(text: Mapping[str, Any]) -> Manifest:
    columns = {name: [(column, kind) for column, kind in listed] for name, listed in text["columns"].items()}
    return Manifest(text["root"], columns, {int(number): MadeShard(**made) for number, made in text["shards"].items()})
