"""Against DNS rebinding: a page of a stranger may point its own name at 127.0.0.1 and have a browser ask us.

The browser then says that name in `Host`, which is none of ours. Only what needs no key is in danger.
"""

from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.refusal import refuse
from api.middleware.scope import Edge, caller_of, edge_of, header_of

MISDIRECTED = HTTPStatus.MISDIRECTED_REQUEST


@dataclass
class Hosts:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or caller_of(scope).needs_key or is_ours(scope, edge_of(scope)):
            return await self.app(scope, receive, send)
        known = "it is answered as localhost; add others to api.hosts in config.yaml (QUANT_API__HOSTS)"
        await refuse(scope, receive, send, MISDIRECTED, f"this server is not known by the name in Host: {known}")


def is_ours(scope: Scope, edge: Edge) -> bool:
    """Without a Host no browser has asked. An address that a request arrived at cannot be a stranger's name for us."""
    given = header_of(scope, b"host")
    if not given:
        return True
    host = host_name(given.decode("latin-1"))
    if host in edge.hosts:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (bool(scope.get("server")) and host == scope["server"][0])


def host_name(host: str) -> str:
    """`Host` without its port, in lower case; of [::1]:8000 what is in the brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
