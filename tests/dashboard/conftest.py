"""Pages without a browser (AppTest) and in headless Chromium, over warehouses that are real, empty or not there."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import httpx
import pytest
import streamlit as st
import yaml
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from quant.publish import BuildRecord, Builds
from quant.settings import PROJECT_PATH, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

    from tests.conftest import Demo

SCRIPT = PROJECT_PATH / "dashboard" / "navigation.py"
APP = PROJECT_PATH / "dashboard" / "app.py"
SCREENS = Path(__file__).parent / "screens"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Visit = Callable[..., AppTest]


def visited(path: str, state: Mapping[str, object] | None = None, **query: str) -> AppTest:
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    page._page_hash = calc_hash(path)  # AppTest can only name pages that are files
    page.query_params.update(query)
    for key, value in (state or {}).items():
        page.session_state[key] = value
    return page.run()


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Run one page as a visitor's first look at it; `query` is what stands behind the ? of the address.

    `state` is what a click has left behind, such as an opened expander.
    """
    _forget()
    yield visited
    _forget()


@pytest.fixture(scope="module")
def visit_demo(demo: "Demo") -> Iterator[Visit]:
    """The same over the real demo warehouse, which stands still: a page that was seen is not run again."""
    seen: dict[str, AppTest] = {}

    def visit_once(path: str, state: Mapping[str, object] | None = None, **query: str) -> AppTest:
        address = json.dumps([path, state, query])
        if address not in seen:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in demo.environment.items():
                    if name.startswith("QUANT_"):
                        patch.setenv(name, value)
                seen[address] = visited(path, state, **query)
        return seen[address]

    _forget()
    yield visit_once
    _forget()


def _forget() -> None:
    """The server's caches live as long as the process, and each test has a warehouse of its own."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def publish_empty(settings: Settings) -> Callable[..., None]:
    """Publish a build that has every relation of the contract but those named, and no row but those inserted."""

    def publish(*lacking: str, insert: str = "") -> None:
        contract = yaml.safe_load((PROJECT_PATH / "tests" / "repo" / "contract.yml").read_text())
        now = "2026-11-22T00:00:00+00:00"
        record = BuildRecord("20261122T000000.000000Z", "full", "none", now, now, None)
        builds = Builds(settings.duckdb_path)
        settings.parquet_path.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(builds.prepare(record))) as connection:
            connection.execute("create schema serving; create schema meta")
            for relation, columns in contract.items():
                if relation not in lacking:
                    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                    connection.execute(f"create table {relation} ({listed})")
            connection.execute(insert)
        builds.publish(record)

    return publish


@pytest.fixture
def empty_relations(publish_empty: Callable[..., None], settings: Settings) -> Settings:
    """A published build with the whole contract and no data."""
    publish_empty()
    return settings


@dataclass(frozen=True)
class Server:
    """A running dashboard, started as users start it."""

    url: str
    settings: Settings


@contextmanager
def serving(settings: Settings, environment: dict[str, str], log: Path) -> Iterator[Server]:
    """The dashboard on a free port as soon as its /health answers anything but "starting"."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with running(command, environment, log):
        await_answer(url, log)
        yield Server(url, settings)


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        child = subprocess.Popen(command, cwd=log.parent, env=environment, stdout=output, stderr=output)
    try:
        yield
    finally:
        child.terminate()
        child.wait(15)


def await_answer(url: str, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health", timeout=5).json()["status"] != "starting":
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.1)
    raise AssertionError(f"{url}/health was not ready within {seconds} s: {log.read_text()[-4000:]}")


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
    executable = shutil.which("chromium")
    if not executable:
        message = "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, headless=True, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@dataclass
class Tab:
    """A page in New York (a zone that is not UTC, on purpose) that remembers what must not happen."""

    page: "Page"
    url: str
    settings: Settings
    errors: list[str]
    foreign: list[str]

    def open(self, path: str, title: str, charts: int) -> "Page":
        """Go there and wait until the title stands and so many charts hold real marks."""
        self.page.goto(self.url + path)
        self.page.get_by_role("heading", name=title, exact=True).wait_for(timeout=60_000)
        self.await_drawn(charts)
        return self.page

    def await_drawn(self, charts: int) -> None:
        self.page.wait_for_function(DRAWN, arg=charts, timeout=60_000)


DRAWN = """count => {
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')];
    const marks = 'g.mark-rect path, g.mark-line path, g.mark-rule line, g.mark-area path, g.mark-symbol path';
    const loading = document.querySelectorAll('[data-testid=stSkeleton]').length;
    return !loading && charts.length >= count && charts.every(chart => chart.querySelectorAll(marks).length > 0);
}"""


@pytest.fixture(scope="module")
def context(browser: "Browser") -> "Iterator[BrowserContext]":
    """One profile, so that Streamlit's own scripts are fetched and compiled once."""
    with browser.new_context(timezone_id="America/New_York") as opened:
        yield opened


@pytest.fixture
def open_tab(context: "BrowserContext") -> "Iterator[Callable[[Server], Tab]]":
    """Open tabs, each of a session of its own."""
    tabs: list[Tab] = []

    def open_one(server: Server) -> Tab:
        tab = Tab(context.new_page(), server.url, server.settings, [], [])
        tabs.append(tab)
        tab.page.set_viewport_size({"width": 1440, "height": 1400})
        tab.page.emulate_media(color_scheme="light")
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.on("console", lambda message: _note_error(tab, message))
        tab.page.on("request", lambda request: _note_foreign(tab, request))
        return tab

    yield open_one
    for tab in tabs:
        tab.page.close()


def _note_error(tab: Tab, message: "ConsoleMessage") -> None:
    # On a deep link Streamlit looks for its server below the page's path first, and finds it one level up.
    probe = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
    if message.type == "error" and not probe:
        tab.errors.append(message.text)


def _note_foreign(tab: Tab, request: "Request") -> None:
    own = (tab.url, tab.url.replace("http", "ws", 1), "data:", "blob:")
    if not request.url.startswith(own):
        tab.foreign.append(request.url)
