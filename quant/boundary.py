"""W, the instant that parts closed ticks from the tail; each build carries its own as a literal.

Ticks before W are read from `trades/closed`, the others from `trades/tail`. Compaction moves whole hours into
`closed` and only then advances W for builds to come, so no reader sees a duplicate, a hole or a vanished file.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def boundary_path(parquet_path: Path) -> Path:
    return parquet_path / "trades" / "boundary"


def read_boundary(parquet_path: Path) -> datetime:
    """The start of the first hour (UTC) that is not compacted yet; 1970 before the first compaction."""
    path = boundary_path(parquet_path)
    return datetime.fromisoformat(path.read_text().strip()) if path.is_file() else EPOCH


def boundaries_in_use(duckdb_path: Path) -> list[datetime]:
    """W of each build that still lies on disk: tail files from the least of them on must stay."""
    files = (duckdb_path / "builds").glob("*/build.json")
    return [datetime.fromisoformat(json.loads(file.read_text())["boundary"]) for file in files]
