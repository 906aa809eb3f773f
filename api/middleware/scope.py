"""What the layers find in a request, and leave in it for each other and for routes."""

import logging
from dataclasses import dataclass

from starlette.types import Scope

from api.middleware.rate import RateLimiter
from quant.boundness import is_loopback
from quant.keys import KeyRing, keys_path
from quant.settings import Settings


@dataclass(frozen=True)
class Caller:
    """Who asks: the address, the name of the key if a known one was sent, and what is asked of this connection."""

    address: str = "-"
    key: str | None = None
    needs_key: bool = False
    sent_unknown_key: bool = False

    @property
    def may_read(self) -> bool:
        return not self.sent_unknown_key and (self.key is not None or not self.needs_key)


@dataclass(frozen=True)
class Edge:
    """What the layers need of the settings, once a process; `request.state.edge`."""

    keys: KeyRing
    keys_required: str
    is_beyond_loopback: bool
    hosts: frozenset[str]
    origins: tuple[str, ...]
    limiter: RateLimiter | None
    access_level: int | None
    max_body_bytes: int
    head_seconds: float
    body_seconds: float
    stall_seconds: float


def new_edge(settings: Settings) -> Edge:
    api = settings.api
    return Edge(
        keys=KeyRing(keys_path(settings)),
        keys_required=api.keys.required,
        is_beyond_loopback=not is_loopback(settings.host),
        hosts=frozenset(host.lower() for host in ("localhost", settings.host, *api.hosts)),
        origins=api.cors_origins,
        limiter=RateLimiter(api.rate_limit.requests_per_second, api.rate_limit.burst) if api.rate_limit else None,
        access_level=None if api.access_log == "OFF" else logging.getLevelNamesMapping()[api.access_log],
        max_body_bytes=api.max_body_bytes,
        head_seconds=api.head_seconds,
        body_seconds=api.body_seconds,
        stall_seconds=api.stall_seconds,
    )


def edge_of(scope: Scope) -> Edge:
    edge: Edge = scope["state"]["edge"]
    return edge


def caller_of(scope: Scope) -> Caller:
    caller: Caller = scope["state"].get("caller", NOBODY)
    return caller


NOBODY = Caller()


def header_of(scope: Scope, name: bytes) -> bytes | None:
    """The first header of this name (in lower case, as servers give them)."""
    for each, value in scope["headers"]:
        if each == name:
            return bytes(value)
    return None
