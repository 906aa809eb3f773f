"""`quant build` and `quant dbt`: the two doors to dbt."""

from collections.abc import Sequence

from rich.console import Console

from quant.logs import configure_logging
from quant.progress import Progress
from quant.settings import Settings


def build_once(settings: Settings, *, full: bool, tests: bool) -> None:
    """Build and publish; raises BuildError and leaves the published build alone if anything fails."""
    configure_logging("build", settings.log_level)
    with Progress(Console(stderr=True), "building the warehouse"):
        from quant.build import Builder  # dbt: seconds

        Builder(settings).build(full=full, tests=tests)


def run_dbt(settings: Settings, arguments: Sequence[str]) -> None:
    """Run a dbt command on a throw-away copy of the newest build; documents and manifest stay in duckdb/aside."""
    configure_logging("dbt", settings.log_level)
    with Progress(Console(stderr=True), f"dbt {' '.join(arguments[:2])}"):
        from quant.build import Builder

        builder = Builder(settings)
    builder.dbt_aside(*arguments)
