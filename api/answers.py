"""How an answer leaves: in the format that was asked for, with its build, its instant and a tag to ask again by."""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from api import telemetry
from api.desk import Desk, desk_of
from api.formats import MEDIA_TYPES, Answer, Format, accepted, body_of
from api.parameters import refuse_repeated
from api.problems import Refusal
from api.remembered import Given, Remembered
from api.tables import Page

KEPT = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, X-API-Key"}
OTHER_FORMATS: dict[str, Any] = {media_type: {} for media_type in list(MEDIA_TYPES.values())[1:]}
HEADERS = {
    "ETag": {"description": "send it as If-None-Match: 304 while the answer is the same", "schema": {"type": "string"}},
    "X-Build-Id": {"description": "the build that answered", "schema": {"type": "string"}},
    "X-Demo": {"description": "true: prices of the stand-in market", "schema": {"type": "string"}},
    "X-As-Of": {"description": "instant of the newest value", "schema": {"type": "string"}},
    "Link": {"description": 'the next page, rel="next", where there is one', "schema": {"type": "string"}},
}
IN_JSON: dict[int | str, dict[str, Any]] = {
    200: {"headers": HEADERS},
    304: {"description": "what the ETag of If-None-Match named is still the answer"},
}
IN_ALL_FORMATS = {**IN_JSON, 200: {"content": OTHER_FORMATS, "headers": HEADERS}}


class KnownAnswer(Exception):
    """Nothing is to be asked: the caller has this answer already, or it was given before."""

    def __init__(self, response: Response) -> None:
        super().__init__(str(response.status_code))
        self.response = response


@dataclass(frozen=True)
class Asked:
    """A question on its way to an answer: the request, and the build that it is answered from."""

    request: Request
    closing: ExitStack

    @cached_property
    def desk(self) -> Desk:
        """Opened in the thread of the route: on its own it would be a second and a third turn of the thread pool."""
        return self.closing.enter_context(desk_of(self.request))

    def unless_remembered(self) -> None:
        """Raises KnownAnswer where the newest build gave this answer before: on the spot, without a thread."""
        build_id = self.request.state.warehouse.newest_id()
        if build_id is None or self._remembered is None:
            return
        with suppress(Refusal):  # told by the route, if it is one for this one
            kind = self._format(self.request.query_params.get("format"))  # type: ignore[arg-type]
            tag = self._tag_of_build(build_id, kind)
            if given := self._remembered.find(build_id, tag):
                self._compare(build_id, tag)
                raise KnownAnswer(self._response(given, tag))

    def unless_known(self, format: Format | None) -> None:
        """Raises KnownAnswer where the caller has the build's answer: of stored relations alone, no query."""
        build_id = self.desk.reading.build_id
        self._compare(build_id, self._tag_of_build(build_id, self._format(format)))

    def answer(self, answer: Answer, format: Format | None, *, is_live: bool = False) -> Response:
        """The response; of live relations its tag is that of the body."""
        kind, build_id = self._format(format), self.desk.reading.build_id
        body = body_of(answer, kind)
        tag = f'"{blake2b(body, digest_size=16).hexdigest()}"' if is_live else self._tag_of_build(build_id, kind)
        self._compare(build_id, tag)
        given = Given(body, self._headers(answer), MEDIA_TYPES[kind], answer.table.num_rows)
        if self._remembered and not is_live:
            self._remembered.keep(build_id, tag, given)
        return self._response(given, tag)

    def document(self, content: BaseModel) -> Response:
        """An answer that is no table: JSON, with the tag of its body."""
        body = content.model_dump_json().encode()
        tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        self._compare(self.desk.reading.build_id, tag)
        return Response(body, 200, {**_headers(vars(content)), "ETag": tag, **KEPT}, MEDIA_TYPES["json"])

    def head(self, page: Page | None = None, **said: object) -> dict[str, object]:
        """What is said of all rows: build, demo flag, instant, and whose they are."""
        return {**self.desk.origin(), "as_of": page.as_of if page else None, **said}

    def _format(self, format: Format | None) -> Format:
        return accepted(self.request.headers.get("accept"), format)

    def _compare(self, build_id: str, tag: str) -> None:
        given = self.request.headers.get("if-none-match", "")
        known = {each.strip().removeprefix("W/") for each in given.split(",")}
        if tag in known or "*" in known:
            headers = {"ETag": tag, "X-Build-Id": build_id, **KEPT}
            raise KnownAnswer(Response(None, 304, headers))

    def _response(self, given: Given, tag: str) -> Response:
        route = self.request.scope.get("route")
        telemetry.count_rows(getattr(route, "path", "other"), given.row_count)
        return Response(given.body, 200, {**given.headers, "ETag": tag, **KEPT}, given.media_type)

    @cached_property
    def _remembered(self) -> Remembered | None:
        """None where the caller wants an answer that is made for this question."""
        asked = self.request.headers.get("cache-control", "").lower()
        remembered: Remembered = self.request.state.remembered
        return None if "no-store" in asked else remembered

    def _tag_of_build(self, build_id: str, kind: Format) -> str:
        query = sorted(self.request.query_params.multi_items())
        asked = repr((build_id, self.request.state.version, self.request.url.path, query, kind))
        return f'"{blake2b(asked.encode(), digest_size=16).hexdigest()}"'

    def _headers(self, answer: Answer) -> dict[str, str]:
        headers = _headers(answer.envelope)
        if answer.next_cursor:
            kept = [pair for pair in self.request.query_params.multi_items() if pair[0] != "cursor"]
            query = urlencode([*kept, ("cursor", answer.next_cursor)])
            headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        return headers


def _headers(said: Mapping[str, object]) -> dict[str, str]:
    headers = {"X-Build-Id": str(said["build_id"]), "X-Demo": str(said["demo"]).lower()}
    if isinstance(as_of := said.get("as_of"), datetime):
        headers["X-As-Of"] = as_of.isoformat().replace("+00:00", "Z")
    return headers


async def _asked(request: Request) -> AsyncIterator[Asked]:
    refuse_repeated(request)
    with ExitStack() as closing:
        asked = Asked(request, closing)
        asked.unless_remembered()
        yield asked


Asking = Annotated[Asked, Depends(_asked)]


async def known_answer(_: Request, known: Exception) -> Response:
    assert isinstance(known, KnownAnswer)
    return known.response
