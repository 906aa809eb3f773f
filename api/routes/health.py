"""Whether the product answers, and how old its answers are."""

import sqlite3
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import duckdb
from fastapi import APIRouter, Request, Response

from api import queries
from api.desk import Desk, Row
from api.health_schemas import Build, Completeness, Delivery, Freshness, HealthAnswer, Job, Probe
from api.health_schemas import Storage as StorageAnswer
from api.middleware.scope import Caller
from api.recent import Recent
from quant.destinations import DeliveryState, read_delivery_states
from quant.errors import NoBuildError
from quant.settings import Settings
from quant.state import latest_job_runs
from quant.storage import Storage
from quant.warehouse import Warehouse

router = APIRouter()

UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthAnswer | Probe, "description": "nothing can be answered: status is starting or failing"}
}


@router.get("/health", responses=UNAVAILABLE)
def health(request: Request, response: Response) -> HealthAnswer | Probe:
    """200 while answers are given, also old ones (degraded: `reasons` says why); 503 when none can be given.

    Whoever lacks a key where one is needed is told the status alone: that is what an orchestrator asks for.
    """
    caller: Caller = request.state.caller
    recent: Recent[Probe] = request.state.probe  # strangers may ask as often as they like, we look once a second
    answer = _examined(request) if caller.may_read else recent.get(lambda: _probe(_examined(request)))
    if answer.status in {"starting", "failing"}:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer


def _probe(answer: HealthAnswer) -> Probe:
    return Probe(status=answer.status, version=answer.version)


def _examined(request: Request) -> HealthAnswer:
    settings: Settings = request.state.settings
    warehouse: Warehouse = request.state.warehouse
    storage: Storage = request.state.storage.look()
    findings = _findings(warehouse, settings, storage)
    now = datetime.now(UTC)
    jobs, told, trouble = _state(settings.state_path, now) if storage.is_there else ([], [], [])
    answer = HealthAnswer(
        **findings,
        version=request.app.version,
        demo=settings.demo,
        checked_at=now,
        jobs=jobs,
        deliveries=[Delivery(**vars(each), oldest_pending_seconds=_age(each, now)) for each in told],
        storage=_told(storage, settings.least_free_mb),
    )
    failing = [f"job {job.job} fails: {job.error or 'tried again now'}" for job in jobs if is_failing(job)]
    answer.reasons += [*trouble, *failing, *(each.problem for each in told if each.problem)]
    if answer.status == "ok" and answer.reasons:
        answer.status = "degraded"
    return answer


def _told(storage: Storage, least_free_mb: float) -> StorageAnswer:
    return StorageAnswer(
        path=str(storage.path),
        free_mb=storage.free_mb,
        least_free_mb=least_free_mb,
        is_writable=storage.is_writable,
        problem=storage.problem,
    )


def _state(path: Path, now: datetime) -> tuple[list[Job], list[DeliveryState], list[str]]:
    """The newest run of each job, where alerts go, and what kept us from reading them."""
    try:
        return [Job(**vars(run)) for run in latest_job_runs(path)], read_delivery_states(path, now), []
    except sqlite3.Error as error:
        return [], [], [f"the job history {path} cannot be read ({error}): move it away, the scheduler makes a new one"]


def _age(state: DeliveryState, now: datetime) -> float | None:
    return (now - state.oldest_pending_at).total_seconds() if state.oldest_pending_at else None


def is_failing(job: Job) -> bool:
    """The newest run failed, or it is a retry of one that did."""
    return job.status == "failed" or (job.status == "running" and job.attempt > 1)


def _findings(warehouse: Warehouse, settings: Settings, storage: Storage) -> Row:
    """What is known of build and data. A folder that is away is not asked: stored answers are still given."""
    if not storage.is_there and warehouse.build_id:
        return {"status": "degraded", "reasons": [storage.problem], "build_id": warehouse.build_id}
    lacking = [storage.problem] if storage.is_there and storage.problem else []
    try:
        with warehouse.reading() as reading:
            found = examine(Desk(reading, settings.demo), settings.promise_seconds.build)
    except NoBuildError as error:
        return {"status": "failing" if warehouse.problem else "starting", "reasons": [str(error), *lacking]}
    except duckdb.Error as error:
        reason = f"build {warehouse.build_id} cannot be read, run `quant build --full-refresh`: {error}"
        return {"status": "failing", "reasons": [reason, *lacking], "build_id": warehouse.build_id}
    reasons = [warehouse.problem] if warehouse.problem else []
    return {"status": "ok", **found, "reasons": reasons + lacking + refusals(storage, found) + complaints(found)}


def refusals(storage: Storage, found: Row) -> list[str]:
    """A folder that we cannot write is no fault, we only read; but one where nothing arrives either is."""
    is_still = any(item.is_stale for item in found["sources"] if item.dataset == "trades")
    return [storage.refusal] if storage.refusal and is_still else []


def examine(desk: Desk, promised: float) -> Row:
    """What the build and the ledger say of themselves."""
    build = desk.row(queries.catalog.BUILD, build_id=desk.reading.build_id, promised=promised)
    gaps = desk.row(queries.health.OPEN_GAPS)
    return {
        "build_id": desk.reading.build_id,
        "build": Build(**build) if build else None,
        "sources": [Freshness(**row) for row in desk.rows(queries.health.FRESHNESS)],
        "count_open_gaps": gaps["count_open"] if gaps else None,
        "count_open_trades": gaps["count_trades"] if gaps else None,
        "completeness": [Completeness(**row) for row in desk.rows(queries.health.COMPLETENESS)],
        "findings": {row["finding"]: row["count_rows"] for row in desk.rows(queries.health.FINDINGS)},
    }


def complaints(found: Row) -> list[str]:
    """One sentence for each promise that is not kept."""
    ages = [("the build", found["build"])] if found["build"] else []
    ages += [(f"{item.source} {item.dataset} {item.symbol or ''}".rstrip(), item) for item in found["sources"]]
    gaps = found["count_open_gaps"]
    return [
        *(too_old(name, item) for name, item in ages if item.is_stale),
        *([f"{gaps} gaps in the trade ids are open, see meta.gaps"] if gaps else []),
        *(reason for item in found["completeness"] for reason in losses(item)),
        *(f"quality: {count} rows of {name}, see meta.quality" for name, count in found["findings"].items()),
    ]


def losses(item: Completeness) -> list[str]:
    """What must never be: ids that are missing without a reason, ids that are there twice."""
    whose = f"{item.source} trades {item.symbol}"
    lost, twice = item.count_unexplained, item.count_duplicates
    return [
        *([f"{whose}: {lost} ids are missing and the ledger does not say why, see meta.completeness"] if lost else []),
        *([f"{whose}: {twice} rows repeat an id, see meta.completeness"] if twice else []),
    ]


def too_old(name: str, item: Build | Freshness) -> str:
    if item.age_seconds is None:
        return f"{name} never arrived"
    return f"{name} is {item.age_seconds:.0f} s old, promised are {item.promised_seconds or 0:.0f} s"
