"""Refusals as RFC 9457 problem documents: what is wrong, and what to do about it."""

import logging
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from http import HTTPStatus
from typing import Any

import duckdb
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.schemas import Problem
from quant.errors import NoBuildError, QuantError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
MOST_TOLD = 5  # faults of one question
ALIKE = 0.7
MOST_COMPARED = 200  # characters: comparing takes time that grows with the square
INSTANTS = ("timezone_aware", "datetime_parsing", "datetime_from_date_parsing", "datetime_type")


class Refusal(QuantError):
    """An answer that is not given: one sentence, and the values that would have been accepted."""

    def __init__(self, status: HTTPStatus, detail: str, known: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.known = list(known)


def absent(detail: str, known: Sequence[str] = ()) -> Refusal:
    """404: what can be read and is not there."""
    return Refusal(HTTPStatus.NOT_FOUND, detail, known)


def unknown(kind: str, value: str, known: Sequence[str]) -> Refusal:
    """404 that names what is known, the nearest spellings first."""
    spelt = {name.lower(): name for name in known}
    nearest = [spelt[near] for near in get_close_matches(value.lower(), spelt, n=5, cutoff=0.5)]
    ordered = [*nearest, *(name for name in known if name not in nearest)]
    if not ordered:
        return Refusal(HTTPStatus.NOT_FOUND, f"{kind} {value} is unknown, and none is known yet: run `quant build`")
    more = f" and {len(ordered) - 20} more, see /symbols" if len(ordered) > 20 else ""
    hint = f"did you mean {nearest[0]}? Known" if nearest else "known"
    return Refusal(
        HTTPStatus.NOT_FOUND, f"{kind} {value} is unknown; {hint} are {', '.join(ordered[:20])}{more}", ordered
    )


def accept(parameter: str, value: object, known: Sequence[object]) -> None:
    """Raises Refusal (404), which names what is known, where these data do not have `value`."""
    if value in known:
        return
    names = [str(name) for name in known]
    nearest = get_close_matches(str(value), names, n=1)
    meant = f"did you mean {nearest[0]}? " if nearest else ""
    remedy = f"{meant}choose one of {', '.join(names)}" if names else "there is none yet: run `quant build`"
    raise Refusal(HTTPStatus.NOT_FOUND, f"{parameter} = {value} is not available; {remedy}", names)


def problem_response(
    request: Request, status: int, detail: str, known: Sequence[str] = (), headers: Mapping[str, str] | None = None
) -> Response:
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.scope["path"],  # request.url would need a Host that can be read
        known=list(known),
        request_id=request.state.request_id,
    )
    retry = {"Retry-After": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(problem.model_dump_json(), status, retry | dict(headers or {}), MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, so that OpenAPI knows each refusal."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(request, error.status, str(error), error.known)


def _refuse_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    known = _offered(faults[0]) if len(faults) == 1 else []
    names = _parameters(request)
    more = f"; and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    detail = "; ".join(_sentence(fault, names) for fault in faults[:MOST_TOLD]) + more
    return problem_response(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, known)


def _parameters(request: Request) -> list[str]:
    """Of the query string of this route."""
    declared = getattr(request.scope.get("route"), "dependant", None)
    models = [field.field_info.annotation for field in declared.query_params] if declared else []
    return [field.alias or name for model in models for name, field in getattr(model, "model_fields", {}).items()]


def _sentence(item: dict[str, Any], parameters: Sequence[str]) -> str:
    name = ".".join(str(part) for part in item["loc"][1:])
    if item["type"] == "extra_forbidden":
        near = get_close_matches(name, parameters, n=1)
        meant = f"did you mean {near[0]}?" if near else "remove it or correct its spelling,"
        return f"parameter {name} is unknown: {meant} /openapi.json lists them"
    example = "; give an instant like 2026-11-20T00:00Z" if item["type"] in INSTANTS else ""
    nearest = get_close_matches(str(item["input"]), _offered(item), n=1, cutoff=0.5)
    meant = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"{name} = {item['input']!r}: {item['msg'].removeprefix('Value error, ')}{example}{meant}"


def _offered(item: dict[str, Any]) -> list[str]:
    """What a parameter of few values could have been, the nearest first."""
    if item["type"] != "literal_error":
        return []
    values = re.findall(r"'([^']*)'", item["ctx"]["expected"])
    near = get_close_matches(str(item["input"]), values, n=len(values), cutoff=0.5)
    return [*near, *(value for value in values if value not in near)]


def _refuse_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if allowed := headers.get("Allow"):
        headers["Allow"] = allowed = ", ".join(
            dict.fromkeys([*allowed.split(", "), *(["HEAD"] if "GET" in allowed else [])])
        )
    near = _near_path(request) if error.status_code == HTTPStatus.NOT_FOUND else []
    remedies = {
        404: f"no such path; {f'did you mean {near[0]}? ' if near else ''}/ lists the endpoints",
        405: f"{request.method[:16]} is not allowed; use {allowed or 'GET'}",
    }
    detail = remedies.get(error.status_code, str(error.detail))
    return problem_response(request, error.status_code, detail, near, headers)


def _near_path(request: Request) -> list[str]:
    """The path of a route that is spelt almost like this one, its names left as they are."""
    asked = request.scope["path"].split("/")
    if len(request.scope["path"]) > MOST_COMPARED:
        return []
    known = [each for path in request.app.openapi()["paths"] if len(each := path.split("/")) == len(asked)]
    nearest: list[str] = max(known, key=lambda path: _likeness(path, asked), default=[])
    if _likeness(nearest, asked) < ALIKE:
        return []
    return ["/".join(given if part.startswith("{") else part for part, given in zip(nearest, asked, strict=True))]


def _likeness(path: Sequence[str], asked: Sequence[str]) -> float:
    """Of the part that is least alike, 0 to 1; names may be any."""
    parts = [(part, given) for part, given in zip(path, asked, strict=False) if not part.startswith("{")]
    return min((SequenceMatcher(None, *pair).ratio() for pair in parts), default=0.0)


def _refuse_before_build(request: Request, error: Exception) -> Response:
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _refuse_unreadable(request: Request, error: Exception) -> Response:
    """A build that lacks a relation (made by another version), or a file that cannot be read: the log has the cause."""
    log.error("%r could not be answered: %s", request.scope["path"], error)
    detail = f"the published build cannot answer this: run `quant build --full-refresh` ({_first_line(error)})"
    return problem_response(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_exception_handler(HTTPException, _refuse_path)
    app.add_exception_handler(NoBuildError, _refuse_before_build)
    app.add_exception_handler(duckdb.Error, _refuse_unreadable)
