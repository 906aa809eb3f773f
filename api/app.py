"""The API: selects from serving.* and meta.*, computes nothing. Run it with `uvicorn api.app:app`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TypedDict

from fastapi import FastAPI

from api import middleware, openapi, problems
from api.answers import KnownAnswer, known_answer
from api.closing import closing_event
from api.feed.hub import Feed
from api.health_schemas import Probe
from api.middleware.scope import Edge, new_edge
from api.recent import Recent
from api.remembered import Remembered
from api.routes import (
    bars,
    catalog,
    chain_history,
    chain_parts,
    correlation,
    drawdowns,
    explain,
    health,
    metrics,
    options,
    portfolio,
    risk,
    signals,
    sql,
    stream,
    telemetry,
)
from quant.keys import refuse_keyless
from quant.logs import configure_logging
from quant.settings import Settings, load_settings
from quant.sql.sandbox import Sandbox
from quant.storage import StorageWatch
from quant.warehouse import Warehouse

VERSION = version("quant-dashboard")
ROUTES = (
    health,
    catalog,
    bars,
    metrics,
    risk,
    drawdowns,
    explain,
    options,
    chain_parts,
    chain_history,
    portfolio,
    correlation,
    signals,
    sql,
    stream,
    telemetry,
)
PROBE_SECONDS = 1.0
DESCRIPTION = """Market analytics from DuckDB. Returns, volatilities and rates are decimals (0.01 is 1 %), instants are
UTC, null means not knowable yet. Every answer names the build that gave it; refusals are RFC 9457 problem documents:
404 where there is no such name (symbol, source, interval, metric, field, rule), with those that there are, the nearest
first; 422 where a parameter is unknown, is given twice or has a value that cannot be read."""


class State(TypedDict):
    """What each request finds in `request.state`; `closing` is set when the server is asked to stop."""

    settings: Settings
    warehouse: Warehouse
    storage: StorageWatch
    feed: Feed
    version: str
    edge: Edge
    probe: Recent[Probe]
    remembered: Remembered
    closing: asyncio.Event
    sandbox: Sandbox


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; it answers 503 until the first build is published.

    Without `settings` the process is the API's own: it reads them once, when it starts, and sets up its log.
    """
    # FastAPI's documentation pages load scripts from the internet; /openapi.json stays.
    app = FastAPI(
        title="quant-dashboard",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lambda _: _running(settings),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat whatever Host the caller made up
        responses=problems.documented(401, 413, 414, 421, 422, 429, 431, 500, 503),
    )
    for route in ROUTES:
        app.include_router(route.router)
    problems.install(app)
    app.add_exception_handler(KnownAnswer, known_answer)
    middleware.install(app)
    openapi.describe(app)
    return app


@asynccontextmanager
async def _running(settings: Settings | None) -> AsyncIterator[State]:
    """From the start to the end of the process."""
    known = settings or own_settings()
    refuse_keyless(known)
    warehouse, storage = Warehouse(known), StorageWatch(known)
    feed, sandbox = Feed(known, warehouse), Sandbox(known.api.sql)
    with closing_event() as closing:
        yield State(
            settings=known,
            warehouse=warehouse,
            storage=storage,
            feed=feed,
            version=VERSION,
            edge=new_edge(known),
            probe=Recent(PROBE_SECONDS),
            remembered=Remembered(known.api.remembered_mb),
            closing=closing,
            sandbox=sandbox,
        )
    feed.close()
    sandbox.close()
    warehouse.close()


def own_settings() -> Settings:
    settings = load_settings()
    configure_logging("api", settings.log_level)
    return settings


app = create_app()
