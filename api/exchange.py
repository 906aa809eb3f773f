"""One request and its answer, as the log and the counters see them."""

from dataclasses import dataclass, field

from starlette.types import Scope

UNMATCHED = "unmatched"  # the route of what reached none: refused before, or a path that there is not
GONE = 499  # the client went before there was an answer; nobody was sent this number


@dataclass
class Exchange:
    """`seconds` run from the head of the request to the last byte of the answer, of a stream to the first."""

    scope: Scope = field(repr=False)
    request_id: str
    status: int = GONE
    seconds: float = 0.0
    count_bytes: int = 0
    is_stream: bool = False
    build_id: str | None = None

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def route(self) -> str:
        """The template, "/bars/{symbol}": of these there are few, of paths there is no end."""
        return getattr(self.scope.get("route"), "path_format", UNMATCHED)
