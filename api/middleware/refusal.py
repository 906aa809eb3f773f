"""A problem document from a layer before the routes."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.problems import problem_response


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None
) -> None:
    await problem_response(Request(scope), status, detail, headers=headers)(scope, receive, send)
