"""What the dashboard costs: its server, the wire and the browser, for one viewer and for ten.

The server runs as `quant up` starts it, on a demo build of its own, while trades come. Run it on a machine without
other work: how long things take is judged.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.chromium import DRAWN, chromium
from bench.host import Host, running_host
from bench.strain import Memory
from bench.viewers import stay, watch
from tests.dashboard.pages import LOOKS, Look

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

MOST_SCRIPT = 300.0  # ms of CPU of a warm page
MOST_PAINTED = 1.5  # s until every chart is drawn
MOST_PAGE = 150.0  # KiB of a page
MOST_REFRESH = 15.0  # KiB of a live refresh
MOST_REFRESH_CPU = 80.0  # ms
MOST_WAITING = 1.0  # s from one refresh of a viewer to the next
MOST_CORES = 1.0  # of ten viewers
MOST_GROWTH = 15.0  # MB from the second quarter to the last
LEAST_REFRESHES = 500
SETTLING = 5.0  # s at the beginning of a visit, when all fragments come at once
TEN = 10
LIVE = ("/?symbol=BTCUSDT", "/price?symbol=BTCUSDT&interval=1m&range=1h")
REMOVED = """() => {
    const kept = '[data-testid=stVegaLiteChart], [data-testid=stVegaLiteChart] svg, [data-testid=stMetric],'
        + '[data-testid=stDataFrame]';
    const there = [...document.querySelectorAll(kept)];
    window.replaced = () => there.filter(node => !node.isConnected).length;
    window.changes = 0;
    new MutationObserver(() => { window.changes += 1; }).observe(
        document.body, {subtree: true, childList: true, characterData: true, attributes: true});
    return there.length;
}"""


class Verdicts:
    """Each bar with its figure, printed as it is known."""

    def __init__(self) -> None:
        self.is_good = True

    def judge(self, what: str, figure: float, most: float, unit: str) -> None:
        is_kept = figure <= most
        self.is_good &= is_kept
        print(f"  {'kept  ' if is_kept else 'BROKEN'} {what}: {figure:.1f} {unit} <= {most:g}", flush=True)


def scripts(host: Host, rounds: int, verdicts: Verdicts) -> None:
    """Each page opened anew by one viewer after the other: CPU of the server and time until the script has ended."""
    for look in LOOKS:
        stay(host.url, [look.address()] * 2, 0)
        before = host.cpu_seconds()
        visits = [stay(host.url, [look.address()], 0)[0] for _ in range(rounds)]
        cpu = (host.cpu_seconds() - before) / rounds * 1000
        wall = median(visit.runs[0].seconds for visit in visits) * 1000
        verdicts.judge(f"{look.name:28} script, wall {wall:5.0f} ms, CPU", cpu, MOST_SCRIPT, "ms")


def painted(page: "Page", host: Host, look: Look) -> tuple[float, int]:
    """Seconds until every chart is drawn, and bytes over the websocket until then."""
    sizes: list[int] = []

    def listen(socket: "WebSocket") -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", listen)
    began = time.monotonic()
    page.goto(host.url + look.address())
    page.get_by_role("heading", name=look.page.title, exact=True).wait_for(timeout=60_000)
    page.wait_for_function(DRAWN, arg=look.charts, timeout=60_000)
    seconds = time.monotonic() - began
    page.remove_listener("websocket", listen)
    return seconds, sum(sizes)


def browser(host: Host, rounds: int, seconds: float, verdicts: Verdicts) -> None:
    """Painted, sent, and not replaced, as Chromium sees it."""
    with chromium() as opened, opened.new_context(viewport={"width": 1440, "height": 1400}) as context:
        page = context.new_page()
        painted(page, host, LOOKS[0])  # Streamlit's own scripts are fetched and compiled
        for look in LOOKS:
            seen = [painted(page, host, look) for _ in range(rounds)]
            verdicts.judge(f"{look.name:28} painted", median(first for first, _ in seen), MOST_PAINTED, "s")
            verdicts.judge(f"{look.name:28} sent", median(size for _, size in seen) / 1024, MOST_PAGE, "KiB")
        for address in LIVE:
            page.goto(host.url + address)
            page.wait_for_function(DRAWN, arg=1, timeout=60_000)
            there = page.evaluate(REMOVED)
            page.wait_for_timeout(seconds * 1000)
            changes = page.evaluate("() => window.changes")
            what = f"{address}: {there} nodes over {seconds:g} s of refreshes with {changes} changes, replaced"
            verdicts.judge(what, page.evaluate("() => window.replaced()"), 0, "")
            if not changes:
                raise SystemExit("FAILED: nothing was refreshed")


def live(host: Host, count: int, seconds: float, verdicts: Verdicts) -> None:
    """So many viewers at each live page: what a refresh costs the server and the wire once all pages stand."""
    for address in LIVE:
        seen, cpu = watch(host.url, [address] * count, SETTLING, seconds, host.cpu_seconds)
        sizes = [run.size for runs in seen for run in runs if not run.is_whole]
        if not sizes:
            raise SystemExit(f"FAILED: {address} was never refreshed")
        print(f"{count} viewers of {address}: {len(sizes) / seconds / count:.2f} refreshes a second each")
        waited = seconds / max(min(map(len, seen)), 0.1)
        verdicts.judge(f"{count} viewers: whoever waits longest, a refresh every", waited, MOST_WAITING, "s")
        verdicts.judge(f"{count} viewers: CPU of a refresh", cpu / len(sizes) * 1000, MOST_REFRESH_CPU, "ms")
        verdicts.judge(f"{count} viewers: a refresh", sum(sizes) / len(sizes) / 1024, MOST_REFRESH, "KiB")
        verdicts.judge(f"{count} viewers: the longest refresh", max(sizes) / 1024, MOST_REFRESH, "KiB")
        verdicts.judge(f"{count} viewers", cpu / seconds, MOST_CORES, "cores")


def memory(host: Host, seconds: float, verdicts: Verdicts) -> None:
    """Ten viewers of the first page, until it was refreshed five hundred times at least."""
    with Memory(host) as watched:
        viewers = stay(host.url, [LIVE[0]] * TEN, seconds)
    sizes = [run.size for viewer in viewers for run in viewer.runs if not run.is_whole]
    growth, slope = watched.growth()
    first, last = watched.samples[0][1], watched.samples[-1][1]
    print(f"memory over {len(sizes)} refreshes: {first:.0f} MB at first, {last:.0f} at last, {slope:+.0f} MB an hour")
    verdicts.judge("memory grown", growth, MOST_GROWTH, "MB")
    if len(sizes) < LEAST_REFRESHES:
        raise SystemExit(f"FAILED: {len(sizes)} refreshes say little about memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="visits of each page without a browser")
    parser.add_argument("--paints", type=int, default=5, help="visits of each page with one")
    parser.add_argument("--seconds", type=float, default=20, help="of watching refreshes")
    parser.add_argument("--folder", type=Path, help="where the throw-away data folder is made")
    arguments = parser.parse_args()
    verdicts = Verdicts()
    with running_host(0, arguments.folder, name="dashboard") as host:
        parts: list[Callable[[], None]] = [
            lambda: scripts(host, arguments.rounds, verdicts),
            lambda: live(host, 1, arguments.seconds, verdicts),
            lambda: live(host, TEN, arguments.seconds, verdicts),
            lambda: memory(host, max(60, arguments.seconds * 3), verdicts),
            lambda: browser(host, arguments.paints, arguments.seconds / 2, verdicts),
        ]
        for part in parts:
            part()
    print("PASSED" if verdicts.is_good else "FAILED")
    raise SystemExit(0 if verdicts.is_good else 1)


if __name__ == "__main__":
    main()
