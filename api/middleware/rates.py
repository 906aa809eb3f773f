"""429 for whoever asks more often than api.rate_limit, by key, or by address where there is none."""

import math
import time
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.rate import RateLimiter, Verdict, client_of
from api.middleware.refusal import refuse
from api.middleware.scope import caller_of, edge_of

EXEMPT = "/health"  # an orchestrator must not take a busy server for a dead one


@dataclass
class Rates:
    """Before admission, so that wrong keys cannot be tried without end; a known key has a bucket of its own."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limiter = edge_of(scope).limiter if scope["type"] == "http" and scope["path"] != EXEMPT else None
        if limiter is None:
            return await self.app(scope, receive, send)
        caller = caller_of(scope)
        verdict = limiter.ask(f"key {caller.key}" if caller.key else client_of(caller.address), time.monotonic())
        told = headers_of(limiter, verdict)

        async def limited(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        if not verdict.wait:
            return await self.app(scope, receive, limited)
        seconds = max(math.ceil(verdict.wait), 1)
        detail = f"more requests than {limiter.burst} at once: wait {seconds} s, or raise api.rate_limit in config.yaml"
        headers = {"Retry-After": str(seconds)}
        await refuse(scope, receive, limited, HTTPStatus.TOO_MANY_REQUESTS, detail, headers)


def headers_of(limiter: RateLimiter, verdict: Verdict) -> tuple[tuple[bytes, bytes], ...]:
    """As draft-ietf-httpapi-ratelimit-headers has them: what is allowed, and what is left of it."""
    policy = f'"default";q={limiter.burst};w={math.ceil(limiter.window)}'
    left = f'"default";r={verdict.remaining};t={math.ceil(verdict.reset)}'
    return (b"ratelimit-policy", policy.encode("ascii")), (b"ratelimit", left.encode("ascii"))
