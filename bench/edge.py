"""What a request pays for the layers around the routes: CPU time with them and without, in turns, in one process.

python -m bench.edge [ROUNDS]
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import redirect_stderr
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware import LAYERS
from api.middleware.scope import Edge, new_edge
from quant.keys import keys_path, new_key
from quant.logs import configure_logging
from quant.settings import load_settings

REQUESTS = 1_000
BODY = b"x" * 8_000
ASKED = ((b"host", b"localhost:8000"), (b"user-agent", b"bench"), (b"accept", b"*/*"))
Headers = tuple[tuple[bytes, bytes], ...]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """A route that costs nothing."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": BODY})


async def swallow(message: Message) -> None:
    """A client that costs nothing."""


async def silence() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def layered() -> ASGIApp:
    app: ASGIApp = answer
    for layer in reversed(LAYERS):
        app = layer(app)
    return app


def scope_of(edge: Edge, headers: Headers) -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": "/bars/AAPL",
        "raw_path": b"/bars/AAPL",
        "query_string": b"interval=1d&limit=250",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "headers": [*ASKED, *headers],
        "state": {"edge": edge},
    }


async def cpu_of(app: ASGIApp, edge: Edge, headers: Headers) -> float:
    """Microseconds of CPU time that one request takes; each is a task, as it is of a server."""
    started = time.process_time()
    for _ in range(REQUESTS):
        await asyncio.create_task(_ask(app, scope_of(edge, headers)))
    return (time.process_time() - started) / REQUESTS * 1e6


async def _ask(app: ASGIApp, scope: Scope) -> None:
    await app(scope, silence, swallow)


async def compare(name: str, edge: Edge, headers: Headers, rounds: int) -> None:
    stack, differences = layered(), []
    for _ in range(rounds):
        bare = await cpu_of(answer, edge, headers)
        differences.append(await cpu_of(stack, edge, headers) - bare)
    print(f"{name:<24} {statistics.median(differences):6.1f} us a request (from {min(differences):.1f} on)")


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        configure_logging("api", "INFO")  # lines are made and written, to nowhere
        known = load_settings(data_path=folder)
        api = known.api.model_dump() | {"rate_limit": {"requests_per_second": 1e6, "burst": 10**6}}
        edge, secret = new_edge(load_settings(data_path=folder, api=api)), new_key(keys_path(known), "bench")
        asyncio.run(compare("without a key", edge, (), rounds))
        asyncio.run(compare("with a key", edge, ((b"x-api-key", secret.encode()),), rounds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
