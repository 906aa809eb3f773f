"""One read-only select over the public relations, run in a process of its own."""

import asyncio
import json
import time
from http import HTTPStatus
from typing import Any

import pyarrow as pa
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import telemetry
from api.answers import OTHER_FORMATS
from api.formats import MEDIA_TYPES, Answer, accepted, body_of
from api.problems import Refusal, documented
from api.queries.sql import EXAMPLE
from api.sql_schemas import SqlAnswerBody, SqlColumn, SqlLimits, SqlQuery
from quant.publish import RECORD
from quant.settings import Settings
from quant.sql.access import HOW, is_sql_on
from quant.sql.refusal import SqlRefusal
from quant.sql.sandbox import Sandbox, SandboxBusyError, SqlAnswer
from quant.warehouse import Warehouse

router = APIRouter(responses=documented(403, 406, 408, 413, 415, 422, 503))

STATUSES = {"deadline": HTTPStatus.REQUEST_TIMEOUT, "missing": HTTPStatus.SERVICE_UNAVAILABLE}  # others are 422
OUTCOMES = {"deadline": "timeout", "memory": "memory", "missing": "failed"}  # for the counters; others are refused
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": SqlQuery.model_json_schema(), "example": {"sql": EXAMPLE}}},
    }
}
ON_EACH_ROW = ("build_id", "demo", "as_of")  # of CSV and NDJSON


@router.post("/sql", response_model=SqlAnswerBody, responses={200: {"content": OTHER_FORMATS}}, openapi_extra=BODY)
async def sql(request: Request) -> Response:
    """Answer one query over the public relations: serving and meta, as of the build, without live views.

    Formulas may be called: `from rsi('serving.final_bars', n := 21)`. `from meta.columns` lists what there is.
    """
    settings: Settings = request.state.settings
    query = await _query(request, settings)
    kind = accepted(request.headers.get("accept"), query.format)
    warehouse: Warehouse = request.state.warehouse
    with warehouse.reading() as reading:
        build_id = reading.build_id
    folder = settings.duckdb_path / "builds" / build_id
    answer = await _ask(request, folder, query.sql)
    facts = await run_in_threadpool(_facts, settings, folder, answer)
    table = pa.ipc.open_stream(answer.arrow).read_all()
    written = Answer(facts, "rows", table, labels=ON_EACH_ROW, is_paged=False)
    content = await run_in_threadpool(body_of, written, kind)
    headers = {
        "X-Build-Id": build_id, "X-Demo": str(settings.demo).lower(), "X-As-Of": facts["as_of"],
        "X-Truncated": str(answer.truncated).lower(), "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(content, 200, headers, MEDIA_TYPES[kind])


async def _query(request: Request, settings: Settings) -> SqlQuery:
    if not is_sql_on(settings):
        raise Refusal(HTTPStatus.FORBIDDEN, f"POST /sql is off here: {HOW}")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        detail = 'the body must be JSON: send {"sql": "select ..."} with Content-Type: application/json'
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, ["application/json"])
    try:
        query = SqlQuery.model_validate(json.loads(await request.body()))
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    except (ValueError, RecursionError):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, 'the body is no JSON: send {"sql": "select ..."}') from None
    most = settings.api.sql.characters
    if len(query.sql) > most:
        detail = f"the query has {len(query.sql)} characters, {most} are allowed (api.sql.characters): ask for less"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return query


async def _ask(request: Request, folder: Any, sql: str) -> SqlAnswer:
    """Raises Refusal for all that goes wrong. The query is killed when the client goes."""
    sandbox: Sandbox = request.state.sandbox
    asked = asyncio.create_task(sandbox.ask(folder, sql))
    gone = asyncio.create_task(_client_gone(request))
    started, outcome = time.monotonic(), "gone"
    try:
        await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "the client went away")  # nobody reads this
        outcome = "failed"
        answer = asked.result()
        outcome = "truncated" if answer.truncated else "answered"
        return answer
    except SqlRefusal as refusal:
        outcome = OUTCOMES.get(refusal.kind, "refused")
        status = STATUSES.get(refusal.kind, HTTPStatus.UNPROCESSABLE_ENTITY)
        raise Refusal(status, str(refusal), refusal.known) from None
    except SandboxBusyError as busy:
        outcome = "busy"
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(busy)) from None
    finally:
        telemetry.count_sql(outcome, time.monotonic() - started)
        for task in (asked, gone):
            task.cancel()
        await asyncio.gather(asked, gone, return_exceptions=True)


async def _client_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _facts(settings: Settings, folder: Any, answer: SqlAnswer) -> dict[str, Any]:
    """The JSON body without its rows."""
    body = SqlAnswerBody(
        build_id=folder.name,
        demo=settings.demo,
        as_of=json.loads((folder / RECORD).read_text())["started_at"],
        columns=[SqlColumn(**column) for column in answer.columns],
        rows=[],
        row_count=answer.row_count,
        truncated=answer.truncated,
        limits=SqlLimits(**settings.api.sql.model_dump(include=set(SqlLimits.model_fields))),
        seconds=round(answer.seconds, 6),
        sql=answer.sql,
    )
    return body.model_dump(mode="json", exclude={"rows"})
