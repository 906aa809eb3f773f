"""Which pages of other origins may ask: none, but those of api.cors_origins."""

from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.refusal import refuse
from api.middleware.scope import Edge, caller_of, edge_of, header_of

READING = ("GET", "HEAD", "OPTIONS")
METHODS = ("GET", "HEAD", "POST")
SENT = ("Authorization", "X-API-Key", "X-Request-ID", "If-None-Match", "Last-Event-ID", "Content-Type", "Accept")
READ = (
    "ETag", "Link", "X-Build-Id", "X-Demo", "X-As-Of", "X-Truncated", "X-Request-ID", "RateLimit", "RateLimit-Policy",
    "Retry-After",
)  # fmt: skip


@dataclass
class Origins:
    """Without CORS headers a browser does not show our answer to a page; but a simple POST it sends all the same, and
    a query costs time. So a page that may not read the answer may not ask by POST either, unless it has a key.
    """

    app: ASGIApp
    _open: dict[tuple[str, ...], CORSMiddleware] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        edge = edge_of(scope)
        if is_foreign_post(scope, edge):
            detail = "a page of this origin may not ask: add it to api.cors_origins in config.yaml"
            return await refuse(scope, receive, send, HTTPStatus.FORBIDDEN, detail)
        await (self._layer(edge.origins) if edge.origins else self.app)(scope, receive, send)

    def _layer(self, origins: tuple[str, ...]) -> CORSMiddleware:
        """Settings are known only once the process has started, which is after layers are made."""
        if origins not in self._open:
            self._open[origins] = CORSMiddleware(
                self.app, allow_origins=origins, allow_methods=METHODS, allow_headers=SENT, expose_headers=READ
            )
        return self._open[origins]


def is_foreign_post(scope: Scope, edge: Edge) -> bool:
    if scope["method"] in READING or caller_of(scope).key:
        return False
    origin = (header_of(scope, b"origin") or b"").decode("latin-1")
    host = (header_of(scope, b"host") or b"").decode("latin-1")
    return bool(origin) and origin != f"{scope['scheme']}://{host}" and not {origin, "*"} & {*edge.origins}
