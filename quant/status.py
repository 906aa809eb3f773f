"""How the product is: build, sources, completeness, jobs, gaps, findings, storage; one reading for the CLI."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from quant.destinations import DeliveryState, read_delivery_states
from quant.errors import BuildError
from quant.publish import BuildRecord, Builds
from quant.settings import Settings
from quant.state import JobRun, latest_job_runs
from quant.storage import Storage, refuse_absence
from quant.warehouse import Warehouse

Row = dict[str, Any]

FRESHNESS = "select * from serving.health order by is_stale desc, source, dataset, symbol"
GAPS = """
select source, symbol, status, count(*)::bigint as count_gaps, sum(last_trade_id - first_trade_id + 1)::bigint as trades
from meta.gaps group by all order by all
"""
MOST_FILLED = 10_000_000  # ids of a gap; larger ones are left to the exchange's archives
HOLES = """
select (
    select count(*) from meta.gaps
    where source = $source and list_contains($symbols, symbol) and status = 'open'
        and last_trade_id - first_trade_id < $most
) + (
    select count(*) from serving.completeness
    where source = $source and list_contains($symbols, symbol) and count_unexplained > 0
) as count_holes
"""
COMPLETENESS = "from serving.completeness order by source, symbol"
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
    completeness: list[Row] = field(default_factory=list)
    storage: Storage | None = None
    deliveries: list[DeliveryState] = field(default_factory=list)


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Read the newest build and state.sqlite; without a build only jobs and storage are known.

    Raises StorageError while the data folder is away, BuildError if the build cannot be read.
    """
    storage = refuse_absence(settings)
    build = Builds(settings.duckdb_path).current()
    jobs = latest_job_runs(settings.state_path)
    told = read_delivery_states(settings.state_path)
    if build is None:
        return Status(None, None, [], [], [], jobs, storage=storage, deliveries=told)
    try:
        with Warehouse(settings).reading() as reading:
            sources, gaps, findings, completeness = map(reading.rows, (FRESHNESS, GAPS, FINDINGS, COMPLETENESS))
    except duckdb.Error as error:
        refuse_absence(settings)  # it may have gone while we read
        reason = " ".join(str(error).split())
        raise BuildError(
            f"build {build.build_id} cannot be read, run `quant build --full-refresh`: {reason}"
        ) from error
    age = (now or datetime.now(UTC)) - datetime.fromisoformat(build.started_at)
    return Status(build, age.total_seconds(), sources, gaps, findings, jobs, completeness, storage, told)


def storage_problems(status: Status) -> list[str]:
    """What keeps the data folder from taking what comes; whoever asks here may be the one that writes."""
    if status.storage is None or not status.storage.is_there:
        return []  # nothing was ever stored there
    found = (status.storage.problem, status.storage.refusal)
    return [problem for problem in found if problem]


def count_holes(settings: Settings) -> int:
    """What there is to fill in our source: open gaps by the ledger as it is now, and symbols of which ids are missing
    that the ledger knows nothing of; 0 before the first build.
    """
    if Builds(settings.duckdb_path).current() is None:
        return 0
    wanted = {"source": settings.crypto_source, "symbols": list(settings.crypto.symbols), "most": MOST_FILLED}
    with Warehouse(settings).reading() as reading:
        return int(reading.rows(HOLES, wanted)[0]["count_holes"])
