"""The web application: Streamlit's pages, and /health beside Streamlit's own /_stcore/health.

`streamlit run dashboard/app.py` finds `app` and serves it; the pages themselves start in navigation.py.
"""

import asyncio
import gc
import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.starlette import App

from dashboard import data
from quant.logs import configure_logging

log = logging.getLogger(__name__)


WARM_UP = ("pandas", "altair", "dashboard.views.market", "dashboard.views.price")


async def health(_: Request) -> JSONResponse:
    """200 once a build can be shown, 503 with the reason before that."""
    build_id, problem = await asyncio.to_thread(data.build)
    state = status(app.state["ready"].is_set(), build_id, problem)
    answer = {"status": state, "build_id": build_id, "demo": data.settings().demo, "problem": problem}
    return JSONResponse(answer, status_code=200 if state in {"ok", "degraded"} else 503)


def status(ready: bool, build_id: str | None, problem: str | None) -> str:
    if not ready:
        return "starting"
    if build_id is None:
        return "no_build"
    return "degraded" if problem else "ok"


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[dict[str, Any]]:
    """Import what the first page needs while the port already answers "starting"."""
    configure_logging("dashboard", data.settings().log_level)
    ready = asyncio.Event()
    warming = asyncio.create_task(warm_up(ready))
    yield {"ready": ready}
    warming.cancel()


async def warm_up(ready: asyncio.Event) -> None:
    # The first import of these costs seconds, which the first visitor would otherwise wait for.
    for name in WARM_UP:
        await asyncio.to_thread(importlib.import_module, name)
    # What is imported stays: the collector looks through a visit's objects alone, for milliseconds instead of a quarter
    # of a second in which nobody's page moves.
    gc.collect()
    gc.freeze()
    ready.set()


def show_failure(error: Exception) -> bool:
    """What a visitor sees when a page fails for a reason that nobody foresaw; the traceback is in the log."""
    log.error("a page failed", exc_info=error)
    st.error(f"This page failed ({type(error).__name__}); the log says why.", icon=":material/error:")
    return True


app = App(
    Path(__file__).parent / "navigation.py",
    routes=[Route("/health", health)],
    lifespan=lifespan,
    on_script_error=show_failure,
)
