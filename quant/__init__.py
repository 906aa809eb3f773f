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
    from quant.warehouse import nothing_built, open_build

    if path is not None and path.exists():
        return open_build(path.resolve())
    settings = load_settings()
    if path is not None or not settings.market_path.exists():
        raise NoBuildError(f"there is no build at {path}" if path else nothing_built(settings))
    return open_build(settings.market_path.resolve())
