"""Debian's Chromium, driven without a screen, and how to see that a page has been painted."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MISSING = "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MARKS = "g.mark-rect path, g.mark-line path, g.mark-rule line, g.mark-area path, g.mark-symbol path, g.mark-text text"
# At least so many charts are there, each with real marks, and nothing says that it is still loading.
DRAWN = f"""count => {{
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')];
    const loading = document.querySelectorAll('[data-testid=stSkeleton]').length;
    const running = document.querySelector('[data-testid=stApp][data-test-script-state=running]');
    return !loading && !running && charts.length >= count
        && charts.every(chart => chart.querySelectorAll('{MARKS}').length > 0);
}}"""


def executable() -> str | None:
    return shutil.which("chromium")


@contextmanager
def chromium() -> "Iterator[Browser]":
    """A browser with a throw-away profile; ended at the end."""
    from playwright.sync_api import sync_playwright

    found = executable()
    if not found:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, headless=True, args=FLAGS)
        yield opened
        opened.close()
