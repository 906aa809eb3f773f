"""Who asks. Nothing is refused here: rates and admission judge by what this layer finds."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.scope import Caller, Edge, edge_of, header_of
from quant.boundness import is_loopback
from quant.keys import find_key

BEARER = b"bearer "
FORWARDED = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"))


@dataclass
class Callers:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["state"]["caller"] = caller_from(scope, edge_of(scope))
        await self.app(scope, receive, send)


def caller_from(scope: Scope, edge: Edge) -> Caller:
    secret = sent_secret(scope)
    key = find_key(edge.keys.keys(), secret) if secret else None
    return Caller(
        address=scope["client"][0] if scope.get("client") else "-",
        key=key.name if key else None,
        needs_key=needs_key(scope, edge),
        sent_unknown_key=bool(secret) and key is None,
    )


def sent_secret(scope: Scope) -> str | None:
    """Of `Authorization: Bearer` or `X-API-Key`; other schemes of Authorization are those of a proxy before us."""
    given = header_of(scope, b"authorization")
    if given and given[: len(BEARER)].lower() == BEARER:
        return given[len(BEARER) :].strip().decode("latin-1")
    other = header_of(scope, b"x-api-key")
    return other.strip().decode("latin-1") if other is not None else None


def needs_key(scope: Scope, edge: Edge) -> bool:
    """`auto`: whatever a machine other than this one may have sent. Judged by the setting, by the address of ours at
    which the connection arrived (a server started by hand on 0.0.0.0), and by the marks of a proxy, which comes from
    loopback on behalf of others.
    """
    if edge.keys_required != "auto":
        return edge.keys_required == "always"
    server = scope.get("server")
    arrived_outside = server is not None and server[1] is not None and not is_loopback(server[0])
    return edge.is_beyond_loopback or arrived_outside or any(name in FORWARDED for name, _ in scope["headers"])
