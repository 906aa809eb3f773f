"""What axe-core finds wrong with a page for people who cannot see, hear or point."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

PACKAGE = find_spec("axe_playwright_python")
assert PACKAGE is not None and PACKAGE.origin is not None
AXE = Path(PACKAGE.origin).with_name("axe.min.js")
# What is looked for in which appearance; nothing but colours changes in the dark, nothing but places on a phone.
RULES: dict[str, tuple[str, ...]] = {
    "light": (),
    "dark": ("color-contrast",),
    "phone": ("target-size", "scrollable-region-focusable"),
}
GRAVE = {"serious", "critical"}
# Streamlit's toasts are dialogs whose label points nowhere; what they say is read out all the same.
OF_STREAMLIT = {"aria-dialog-name"}
# The drawing inside a chart is marks by the hundred; its outer node carries the description that a screen reader says.
RUN = """rules => axe.run({exclude: [['.vega-embed svg > g']]},
        {resultTypes: ['violations'], ...(rules.length ? {runOnly: {type: 'rule', values: rules}} : {})})
    .then(result => result.violations.map(found => ({
        rule: found.id, impact: found.impact, help: found.help,
        nodes: found.nodes.slice(0, 3).map(node => node.html.slice(0, 200)),
    })))"""


def faults(page: "Page", appearance: str) -> list[dict[str, Any]]:
    """The serious and critical ones, each with its rule and the first nodes."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, list(RULES[appearance]))
    return [fault for fault in found if fault["impact"] in GRAVE and fault["rule"] not in OF_STREAMLIT]
