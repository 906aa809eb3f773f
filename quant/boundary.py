"""W, the instant that parts closed ticks from the tail; each build carries its own as a literal.

Ticks before W are read from `trades/closed`, the others from `trades/tail`. Compaction moves whole hours into
`closed` and only then advances W for builds to come, so no reader sees a duplicate, a hole or a vanished file.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def boundary_path(parquet_path: Path) -> Path:
    return parquet_path / "trades" / "boundary"


def read_boundary(parquet_path: Path) -> datetime:
    """The start of the first hour (UTC) that is not compacted yet; 1970 before the first compaction."""
    path = boundary_path(parquet_path)
    return parse_boundary(path.read_text()) if path.is_file() else EPOCH


def parse_boundary(text: str) -> datetime:
    """What the file holds: one instant in ISO form."""
    return datetime.fromisoformat(text.strip())


def boundaries_in_use(duckdb_path: Path) -> list[datetime]:
    """W of each build that still lies on disk: tail files from the least of them on must stay."""
    return [datetime.fromisoformat(record["boundary"]) for record in records_in_use(duckdb_path)]


def records_in_use(duckdb_path: Path) -> list[dict[str, Any]]:
    """build.json of each build that still lies on disk.

    A build that is renamed or deleted meanwhile must not be overlooked under its new name, so we look until the
    folder stands still.
    """
    while True:
        files = _records(duckdb_path)
        try:
            found = [json.loads(file.read_text()) for file in files]
        except FileNotFoundError:
            continue
        if files == _records(duckdb_path):
            return found


def _records(duckdb_path: Path) -> list[Path]:
    """build.json of each build, but for those that are being deleted, which nobody reads any more."""
    files = (duckdb_path / "builds").glob("*/build.json")
    return sorted(file for file in files if not file.parent.name.startswith("."))
