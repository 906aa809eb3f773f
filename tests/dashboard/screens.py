"""`python -m tests.dashboard.screens`: every page and view as a picture, light, dark and on a phone, into docs/screens.

From a demo of its own, and what axe finds wrong in any of them fails. A picture has at most 256 colours, which is what
keeps the folder small; pages longer than a picture may be are cut at its end.
"""

import argparse
import io
from pathlib import Path

from PIL import Image

from bench.chromium import chromium
from bench.host import running_host
from quant.settings import PROJECT_PATH
from tests.dashboard.browsing import APPEARANCES, FITS, IDLE, Server, Tab
from tests.dashboard.faults import faults
from tests.dashboard.pages import LOOKS, Look

SCREENS = PROJECT_PATH / "docs" / "screens"
MOST_HEIGHT = 2600  # CSS pixels of one picture
PART = "() => document.querySelector('[data-testid=stMain]').scrollHeight"


def take(server: Server, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, browser.new_context(timezone_id="America/New_York") as context:
        tab = Tab.opened(context, server)
        for look in LOOKS:
            tab.appear("light", settled=False)
            tab.look(look)
            for appearance in APPEARANCES:
                tab.appear(appearance)
                save(tab, look, folder / f"{look.name}_{appearance}.png")
                tab.errors += wrong(tab, f"{look.name}, {appearance}", appearance)
    if tab.errors or tab.foreign:
        raise SystemExit("\n".join(["while pictures were taken:", *tab.errors, *tab.foreign]))


def wrong(tab: Tab, name: str, appearance: str) -> list[str]:
    """What a picture does not show."""
    found = [f"{name}: {fault}" for fault in faults(tab.page, appearance)]
    return found if tab.page.evaluate(FITS) else [*found, f"{name}: wider than the window"]


def save(tab: Tab, look: Look, file: Path) -> None:
    """The whole page, as far as a picture goes."""
    size = tab.page.viewport_size
    assert size is not None
    height = min(max(tab.page.evaluate(PART), 600), MOST_HEIGHT)
    tab.page.set_viewport_size({"width": size["width"], "height": height})
    tab.await_drawn(look.charts)
    tab.page.locator(IDLE).wait_for()
    picture = Image.open(io.BytesIO(tab.page.screenshot()))
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(PROJECT_PATH)}: {picture.width} x {picture.height}, {file.stat().st_size // 1024} KiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a dashboard that runs already; else a demo is made")
    parser.add_argument("--folder", type=Path, default=SCREENS)
    arguments = parser.parse_args()
    if arguments.url:
        from quant.settings import load_settings

        take(Server(arguments.url, load_settings()), arguments.folder.resolve())
        return
    with running_host(0, name="dashboard") as host:
        take(Server(host.url, host.settings), arguments.folder.resolve())


if __name__ == "__main__":
    main()
