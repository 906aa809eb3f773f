"""The spine that everything else stands on: settings, warehouse, formulas, builds, the `quant` command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The one door for scripts and notebooks: the newest build (or the one at `path`), read-only."""
    # Imported here, because every command of ours imports this package, and `quant --help` shall answer at once.
    from quant.errors import NoBuildError
    from quant.settings import load_settings
    from quant.warehouse import open_build

    link = path or load_settings().market_path
    if not link.exists():
        raise NoBuildError(f"nothing is built yet at {link}: run `quant build`")
    return open_build(link.resolve())
