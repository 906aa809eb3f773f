"""How the product is: build, sources, jobs, gaps, findings; one reading for the CLI."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from quant.publish import BuildRecord, Builds
from quant.settings import Settings
from quant.state import JobRun, latest_job_runs
from quant.warehouse import Warehouse

Row = dict[str, Any]

FRESHNESS = "select * from serving.health order by is_stale desc, source, dataset, symbol"
GAPS = """
select source, symbol, status, count(*)::bigint as count_gaps, sum(last_trade_id - first_trade_id + 1)::bigint as trades
from meta.gaps group by all order by all
"""
OPEN_GAPS = "select count(*)::bigint as count_open from meta.gaps where source = $source and status = 'open'"
FINDINGS = "select finding, source, symbol, count(*)::bigint as count_rows from meta.quality group by all order by all"


@dataclass(frozen=True)
class Status:
    """`build` is None before the first; ages are seconds."""

    build: BuildRecord | None
    build_age: float | None
    sources: list[Row]
    gaps: list[Row]
    findings: list[Row]
    jobs: list[JobRun]


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Read the newest build and state.sqlite; without a build only the jobs are known."""
    build = Builds(settings.duckdb_path).current()
    jobs = latest_job_runs(settings.state_path)
    if build is None:
        return Status(None, None, [], [], [], jobs)
    with Warehouse(settings).reading() as reading:
        sources, gaps, findings = (reading.rows(query) for query in (FRESHNESS, GAPS, FINDINGS))
    age = (now or datetime.now(UTC)) - datetime.fromisoformat(build.started_at)
    return Status(build, age.total_seconds(), sources, gaps, findings, jobs)


def count_open_gaps(settings: Settings) -> int:
    """Open gaps in the trades of our source, by the ledger as it is now; 0 before the first build."""
    if Builds(settings.duckdb_path).current() is None:
        return 0
    with Warehouse(settings).reading() as reading:
        return int(reading.rows(OPEN_GAPS, {"source": settings.crypto_source})[0]["count_open"])
