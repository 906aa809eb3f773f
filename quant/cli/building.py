"""`quant build` and `quant dbt`: the two doors to dbt."""

import logging
import os
from collections.abc import Sequence

from rich.console import Console

from quant.errors import ConfigError
from quant.logs import configure_logging
from quant.progress import Progress
from quant.settings import Settings
from quant.settings.scale import checked_master

log = logging.getLogger(__name__)


def build_once(settings: Settings, *, full: bool, tests: bool) -> None:
    """Build and publish; raises BuildError and leaves the published build alone if anything fails."""
    configure_logging("build", settings.log_level)
    with Progress(Console(stderr=True), "building the warehouse"):
        from quant.scale.building import builder_of  # dbt: seconds

        builder_of(settings).build(full=full, tests=tests)
    if not has_rows(settings):
        log.warning("the build is empty: nothing was ingested below %s yet; `quant up` does", settings.parquet_path)


def choose_scale(engine: str | None, master: str | None, shards: int | None) -> None:
    """What the command line says instead of config.yaml's `scale`; children and dbt's plugin see it too.

    This machine has no master, so `local` without one takes back config.yaml's. Raises ConfigError for a misspelt one.
    """
    try:
        checked_master(master or None)
    except ValueError as error:
        raise ConfigError(f"--master: {error}") from None
    if engine == "local" and master is None:
        master = ""
    for name, value in {"engine": engine, "master": master, "shards": shards}.items():
        if value is not None:
            os.environ[f"QUANT_SCALE__{name.upper()}"] = str(value)


def has_rows(settings: Settings) -> bool:
    """Whether anything was ingested: the empty typed files that each dataset starts with are called 0.parquet."""
    market_data = (settings.parquet_path / folder for folder in ("trades", "klines", "equities", "options"))
    return any(path.name != "0.parquet" for folder in market_data for path in folder.rglob("*.parquet"))


def run_dbt(settings: Settings, arguments: Sequence[str]) -> None:
    """Run a dbt command on a throw-away copy of the newest build; documents and manifest stay in duckdb/aside."""
    configure_logging("dbt", settings.log_level)
    with Progress(Console(stderr=True), f"dbt {' '.join(arguments[:2])}"):
        from quant.build import Builder

        builder = Builder(settings)
    builder.dbt_aside(*arguments)
