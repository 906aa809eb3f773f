"""The dashboard as users start it, and tabs that remember what must not happen."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.chromium import DRAWN
from quant.settings import PROJECT_PATH, Settings
from tests.dashboard.pages import Look

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

APP = PROJECT_PATH / "dashboard" / "app.py"
PATIENCE = 60_000  # ms; a page takes a second or two, a busy machine much more
# The page wears the colours of the scheme, and every chart fits the width of the window.
SETTLED = """scheme => {
    const [red] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/g);
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')];
    return (Number(red) < 128) === (scheme === 'dark')
        && charts.every(chart => chart.getBoundingClientRect().right <= window.innerWidth);
}"""
STILL = """() => [...document.querySelectorAll('[role=radiogroup]')]
    .every(group => group.getAnimations({subtree: true}).length === 0)"""
CHOSEN = "view => new URLSearchParams(location.search).get('view') === view"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"
APPEARANCES = {"light": (1440, 1400, "light"), "dark": (1440, 1400, "dark"), "phone": (400, 2000, "light")}


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


@dataclass
class Tab:
    """A page that remembers what must not happen: errors of scripts, messages of the console, foreign hosts."""

    page: "Page"
    url: str
    settings: Settings
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, context: "BrowserContext", server: Server) -> "Tab":
        tab = cls(context.new_page(), server.url, server.settings)
        tab.appear("light", settled=False)
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.on("console", tab._note_error)
        tab.page.on("request", tab._note_foreign)
        return tab

    def open(self, path: str, title: str, charts: int) -> "Page":
        """Go there and wait until the title stands and so many charts hold real marks."""
        self.page.goto(self.url + path)
        self.page.get_by_role("heading", name=title, exact=True).wait_for(timeout=PATIENCE)
        self.await_drawn(charts)
        return self.page

    def look(self, look: Look, **query: str) -> "Page":
        return self.open(look.address(**query), look.page.title, look.charts)

    def choose(self, look: Look) -> None:
        """Another view of the page that is open, as a visitor chooses it."""
        self.page.get_by_role("radio", name=look.view, exact=True).click()
        self.page.wait_for_function(CHOSEN, arg=look.view, timeout=PATIENCE)
        self.page.locator(IDLE).wait_for(timeout=PATIENCE)
        self.page.mouse.move(0, 0)  # colours below a pointer, and on their way, are those of a moment
        self.page.wait_for_function(STILL, timeout=PATIENCE)
        self.await_drawn(look.charts)

    def appear(self, appearance: str, settled: bool = True) -> None:
        """As a light or dark window, or on a phone."""
        width, height, scheme = APPEARANCES[appearance]
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": height})
        if settled:
            self.page.wait_for_function(SETTLED, arg=scheme, timeout=PATIENCE)

    def await_drawn(self, charts: int) -> None:
        self.page.wait_for_function(DRAWN, arg=charts, timeout=PATIENCE)

    def _note_error(self, message: "ConsoleMessage") -> None:
        # On a deep link Streamlit looks for its server below the page's path first, and finds it one level up.
        probe = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not probe:
            self.errors.append(message.text)

    def _note_foreign(self, request: "Request") -> None:
        own = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(own):
            self.foreign.append(request.url)
