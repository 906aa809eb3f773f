"""Pages without a browser (AppTest) and in headless Chromium, over warehouses that are real, empty or not there."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from bench.chromium import MISSING, chromium, executable
from quant.settings import Settings
from quant.warehouse import open_build
from tests.dashboard import houses
from tests.dashboard.browsing import Server, Tab, running, serving
from tests.dashboard.pages import Look
from tests.dashboard.visits import Shown, Visit, Visitor, forget, visited

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.conftest import Demo


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Run one page as a visitor's first look at it; `query` is what stands behind the ? of the address.

    `state` is what a click has left behind, such as an opened expander.
    """
    forget()
    yield visited
    forget()


@pytest.fixture(scope="session")
def demo_visitor(demo: "Demo") -> Visitor:
    return Visitor(demo.settings, demo.environment)


@pytest.fixture(scope="session")
def look_at_demo(demo_visitor: Visitor) -> Callable[[Look], Shown]:
    """A look at the demo with everything that it was told; each is looked at once in the whole run."""
    return demo_visitor.look


@pytest.fixture(scope="module")
def visit_demo(demo_visitor: Visitor) -> Visit:
    """The same over the real demo warehouse, which stands still: a page that was seen is not run again."""
    seen: dict[str, AppTest] = {}

    def visit_once(path: str, state: Mapping[str, object] | None = None, **query: str) -> AppTest:
        address = json.dumps([path, state, query])
        if address not in seen:
            seen[address] = demo_visitor.visit(path, state, **query)
        return seen[address]

    return visit_once


@pytest.fixture(scope="module")
def sql(demo_warehouse: Settings) -> Iterator[Callable[..., list[Any]]]:
    """Ask the demo build directly, past everything that the dashboard does."""
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield lambda text, *given: connection.execute(text, given).fetchall()


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the whole contract and no data."""
    path = tmp_path_factory.mktemp("contract") / "market.duckdb"
    houses.write_empty(path)
    return path


@pytest.fixture
def publish_empty(settings: Settings, empty_build: Path) -> Callable[..., None]:
    """Publish a build that has every relation of the contract but those named, and no row but those inserted."""

    def publish(*lacking: str, insert: str = "") -> None:
        houses.publish(settings, empty_build, *(f"drop table {relation}" for relation in lacking), insert)

    return publish


@pytest.fixture
def empty_relations(publish_empty: Callable[..., None], settings: Settings) -> Settings:
    """A published build with the whole contract and no data."""
    publish_empty()
    return settings


@pytest.fixture(scope="module")
def empty_visitor(empty_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """Visits to a published build with the whole contract and no data."""
    environment = {"QUANT_DATA_PATH": str(tmp_path_factory.mktemp("empty"))}
    settings = houses.settings_of(environment)
    houses.publish(settings, empty_build)
    return Visitor(settings, environment)


@pytest.fixture(scope="module")
def server(demo: "Demo", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard over the demo warehouse, with trades arriving from the stand-in market."""
    logs = tmp_path_factory.mktemp("dashboard")
    recorder = [sys.executable, "-m", "ingest", "crypto"]
    with (
        running(recorder, demo.environment, logs / "ingest.log"),
        serving(demo.settings, demo.environment, logs / "dashboard.log") as started,
    ):
        yield started


@pytest.fixture
def unbuilt_server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """The dashboard before the first build."""
    with serving(settings, dict(os.environ), tmp_path / "dashboard.log") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if not executable():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def context(browser: "Browser") -> "Iterator[BrowserContext]":
    """One profile, so that Streamlit's own scripts are fetched and compiled once; New York, on purpose, is not UTC."""
    with browser.new_context(timezone_id="America/New_York") as opened:
        yield opened


@pytest.fixture
def open_tab(context: "BrowserContext") -> "Iterator[Callable[[Server], Tab]]":
    """Open tabs, each of a session of its own."""
    tabs: list[Tab] = []

    def open_one(server: Server) -> Tab:
        tabs.append(Tab.opened(context, server))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.page.close()
