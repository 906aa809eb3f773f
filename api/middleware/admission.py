"""401 for whoever needs a key and has none, or sends one that is not known."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.refusal import refuse
from api.middleware.scope import caller_of

OPEN_TO_ALL = "/health"  # of which whoever has no key sees the status and the version alone
REALM = 'Bearer realm="quant-dashboard"'
IN_THE_ADDRESS = re.compile(rb"(?:^|&)(?:key|api[-_]?key|access_token|token)=|qk_[A-Za-z0-9_-]{20}", re.IGNORECASE)
HOW = "send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`"


@dataclass
class Admission:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if scope["query_string"] and IN_THE_ADDRESS.search(scope["query_string"]):
            detail = f"a key in an address ends up in logs and histories: {HOW}, and revoke this one"
            return await refuse(scope, receive, send, HTTPStatus.UNPROCESSABLE_ENTITY, detail)
        caller = caller_of(scope)
        if caller.sent_unknown_key:
            detail = (
                "this key is not known (any more): `quant key list` shows which are, `quant key new NAME` makes one"
            )
            challenge = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            return await refuse(scope, receive, send, HTTPStatus.UNAUTHORIZED, detail, challenge)
        if not caller.may_read and scope["path"] != OPEN_TO_ALL:
            detail = f"a key is needed: `quant key new NAME` makes one, {HOW}"
            return await refuse(scope, receive, send, HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": REALM})
        await self.app(scope, receive, send)
