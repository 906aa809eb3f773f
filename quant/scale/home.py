"""Where shards lie: beside the builds, or below scale.data_path in a folder that is this data folder's alone."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from quant.scale.store import Store
from quant.settings import PROJECT_PATH, Settings


def shard_store(settings: Settings) -> Store:
    """Where shards are written. A relative scale.data_path is one below the project, wherever one stands."""
    given = settings.scale.data_path
    if given is None:
        return Store(str(settings.duckdb_path / "shards"))
    place = given if settings.scale.is_remote else str(PROJECT_PATH / Path(given).expanduser())
    return Store(f"{place}/{own_name(settings.duckdb_path)}")


def own_name(duckdb_path: Path) -> str:
    """What no other data folder is called: another machine, or the demo of this one, may use the same bucket.

    Made once and kept beside the builds, whoever comes first.
    """
    path = duckdb_path / "shards_name"
    if not path.is_file():
        duckdb_path.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{uuid4().hex}")
        staged.write_text(f"market-{uuid4().hex[:12]}\n")
        with suppress(FileExistsError):
            os.link(staged, path)
        staged.unlink()
    return path.read_text().strip()
