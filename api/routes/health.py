"""Whether the product answers, and how old its answers are."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import duckdb
from fastapi import APIRouter, Request, Response

from api import queries
from api.desk import Desk, Row
from api.health_schemas import Build, Freshness, HealthAnswer, Job
from quant.errors import NoBuildError
from quant.settings import Settings
from quant.state import latest_job_runs
from quant.warehouse import Warehouse

router = APIRouter()

UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthAnswer, "description": "nothing can be answered: status is starting or failing"}
}


@router.head("/health", include_in_schema=False)
@router.get("/health", responses=UNAVAILABLE)
def health(request: Request, response: Response) -> HealthAnswer:
    """200 while answers are given, also old ones (degraded: `reasons` says why); 503 when none can be given."""
    settings: Settings = request.state.settings
    warehouse: Warehouse = request.state.warehouse
    jobs = [Job(**vars(run)) for run in latest_job_runs(settings.state_path)]
    answer = HealthAnswer(
        **_findings(warehouse, settings),
        version=request.app.version,
        demo=settings.demo,
        checked_at=datetime.now(UTC),
        jobs=jobs,
    )
    answer.reasons += [f"job {job.job} fails: {job.error or 'tried again now'}" for job in jobs if is_failing(job)]
    if answer.status == "ok" and answer.reasons:
        answer.status = "degraded"
    if answer.status in {"starting", "failing"}:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer


def is_failing(job: Job) -> bool:
    """The newest run failed, or it is a retry of one that did."""
    return job.status == "failed" or (job.status == "running" and job.attempt > 1)


def _findings(warehouse: Warehouse, settings: Settings) -> Row:
    try:
        with warehouse.reading() as reading:
            found = examine(Desk(reading, settings.demo), settings.promise_seconds.build)
    except NoBuildError as error:
        return {"status": "failing" if warehouse.problem else "starting", "reasons": [str(error)]}
    except duckdb.Error as error:
        reason = f"build {warehouse.build_id} cannot be read, run `quant build --full-refresh`: {error}"
        return {"status": "failing", "reasons": [reason], "build_id": warehouse.build_id}
    reasons = [warehouse.problem] if warehouse.problem else []
    return {"status": "ok", **found, "reasons": reasons + complaints(found)}


def examine(desk: Desk, promised: float) -> Row:
    """What the build and the ledger say of themselves."""
    build = desk.row(queries.BUILD, build_id=desk.reading.build_id, promised=promised)
    gaps = desk.row(queries.OPEN_GAPS)
    return {
        "build_id": desk.reading.build_id,
        "build": Build(**build) if build else None,
        "sources": [Freshness(**row) for row in desk.rows(queries.FRESHNESS)],
        "count_open_gaps": gaps["count_open"] if gaps else None,
        "findings": {row["finding"]: row["count_rows"] for row in desk.rows(queries.FINDINGS)},
    }


def complaints(found: Row) -> list[str]:
    """One sentence for each promise that is not kept."""
    ages = [("the build", found["build"])] if found["build"] else []
    ages += [(f"{item.source} {item.dataset} {item.symbol or ''}".rstrip(), item) for item in found["sources"]]
    gaps = found["count_open_gaps"]
    return [
        *(too_old(name, item) for name, item in ages if item.is_stale),
        *([f"{gaps} gaps in the trade ids are open, see meta.gaps"] if gaps else []),
        *(f"quality: {count} rows of {name}, see meta.quality" for name, count in found["findings"].items()),
    ]


def too_old(name: str, item: Build | Freshness) -> str:
    if item.age_seconds is None:
        return f"{name} never arrived"
    return f"{name} is {item.age_seconds:.0f} s old, promised are {item.promised_seconds or 0:.0f} s"
