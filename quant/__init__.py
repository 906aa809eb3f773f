"""The spine that everything else stands on: settings, warehouse, formulas, builds, the `quant` command."""

from pathlib import Path

import duckdb

from quant.errors import NoBuildError
from quant.settings import load_settings
from quant.warehouse import open_build


def connect(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The one door for scripts and notebooks: the newest build (or the one at `path`), read-only."""
    link = path or load_settings().market_path
    if not link.exists():
        raise NoBuildError(f"nothing is built yet at {link}: run `quant build`")
    return open_build(link.resolve())
