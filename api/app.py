"""The API: selects from serving.* and meta.*, computes nothing. Run it with `uvicorn api.app:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TypedDict

from fastapi import FastAPI

from api import problems
from api.routes import catalog, health, metrics, options, risk, signals
from quant.logs import configure_logging
from quant.settings import Settings, load_settings
from quant.storage import StorageWatch
from quant.warehouse import Warehouse

VERSION = version("quant-dashboard")
DESCRIPTION = """Market analytics from DuckDB. Returns, volatilities and rates are decimals (0.01 is 1 %), instants are
UTC, null means not knowable yet. Every answer names the build that gave it; refusals are RFC 9457 problem documents."""


class State(TypedDict):
    settings: Settings
    warehouse: Warehouse
    storage: StorageWatch
    version: str


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; it answers 503 until the first build is published.

    Without `settings` the process is the API's own: it reads them once, when it starts, and sets up its log.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        known = settings or own_settings()
        warehouse = Warehouse(known)
        yield State(settings=known, warehouse=warehouse, storage=StorageWatch(known), version=VERSION)
        warehouse.close()

    # FastAPI's documentation pages load scripts from the internet; /openapi.json stays.
    app = FastAPI(
        title="quant-dashboard",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    for route in (health, catalog, metrics, risk, options, signals):
        app.include_router(route.router)
    problems.install(app)
    return app


def own_settings() -> Settings:
    settings = load_settings()
    configure_logging("api", settings.log_level)
    return settings


app = create_app()
