"""What a visitor's browser really does with the pages: marks, time axis, live updates, links, and no foreign host."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quant.warehouse import Warehouse
from tests.dashboard.browsing import APPEARANCES, FITS, IDLE, PATIENCE, Tab
from tests.dashboard.faults import faults
from tests.dashboard.pages import LOOKS, PAGES, Look, Page

pytestmark = pytest.mark.browser

OpenTab = Callable[..., Tab]

AXIS_LABELS = """() => [...document.querySelector('[data-testid=stVegaLiteChart]')
    .querySelectorAll('g.role-axis-label text, .mark-text.role-axis-label text')].map(label => label.textContent)"""
FIRST_PRICE = "[data-testid=stMetricValue]"
CANVASES = "() => document.querySelectorAll('[data-testid=stVegaLiteChart] canvas').length"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_page_draws_real_marks_in_every_view_and_nothing_goes_wrong(page: Page, server: Any, open_tab: OpenTab) -> None:
    """In the dark and on a phone the first view; `make screens` looks at all of them."""
    tab = open_tab(server)
    first, *others = [look for look in LOOKS if look.page == page]
    tab.look(first)
    for appearance in APPEARANCES:
        is_well(tab, first, appearance)
    tab.appear("light")
    for look in others:
        tab.choose(look)
        is_well(tab, look, "light")
    assert tab.page.get_by_role("note").inner_text().startswith("Demo")
    assert tab.errors == []
    assert tab.foreign == []


def is_well(tab: Tab, look: Look, appearance: str) -> None:
    """Drawn as SVG, without box of failure, sideways scroll or fault that axe knows of."""
    tab.appear(appearance)
    tab.await_drawn(look.charts)
    assert tab.page.evaluate(FITS), (look.name, appearance)
    assert tab.page.evaluate(CANVASES) == 0
    assert faults(tab.page, appearance) == [], (look.name, appearance)
    assert tab.page.get_by_test_id("stException").count() == 0
    assert tab.page.get_by_test_id("stAlert").count() == 0


def test_live_price_changes_in_the_same_node(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/", "Market", 1)
    first = page.locator(FIRST_PRICE).first.inner_text()
    page.evaluate(f"() => {{ window.kept = document.querySelector('{FIRST_PRICE}'); }}")
    page.wait_for_function(
        f"first => document.querySelector('{FIRST_PRICE}').innerText !== first", arg=first, timeout=30_000
    )
    assert page.evaluate(f"() => window.kept === document.querySelector('{FIRST_PRICE}') && window.kept.isConnected")


def zoom_in(page: Any, height: float) -> None:
    """Scroll over the first chart, at this share of its height; wherever it is by then."""
    chart = page.get_by_test_id("stVegaLiteChart").first
    for _ in range(4):
        box = chart.bounding_box()
        chart.hover(position={"x": box["width"] / 2, "y": box["height"] * height})
        page.mouse.wheel(0, -400)


def test_live_chart_keeps_its_node_and_the_zoom_over_refreshes(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/", "Market", 1)
    whole = page.evaluate(AXIS_LABELS)
    zoom_in(page, 1 / 3)
    page.wait_for_function(f"whole => JSON.stringify(({AXIS_LABELS})()) !== JSON.stringify(whole)", arg=whole)
    page.evaluate(WATCH_REFRESHES)
    page.wait_for_function("() => window.refreshes >= 3", timeout=30_000)
    zoomed = page.evaluate(AXIS_LABELS)
    assert zoomed != whole
    assert page.evaluate("() => window.drawing.isConnected")


def test_panes_share_one_zoom_and_the_strip_chooses_what_is_drawn(server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open("/price?symbol=BTCUSDT", "Price", 2)
    whole = page.evaluate(AXIS_LABELS)
    charts = page.get_by_test_id("stVegaLiteChart")
    zoom_in(page, 0.75)  # below the candles
    page.wait_for_function(f"whole => JSON.stringify(({AXIS_LABELS})()) !== JSON.stringify(whole)", arg=whole)
    charts.nth(1).scroll_into_view_if_needed()
    strip = charts.nth(1).bounding_box()
    assert strip
    height = strip["y"] + 30
    page.mouse.move(strip["x"] + strip["width"] * 0.3, height)
    page.mouse.down()
    page.mouse.move(strip["x"] + strip["width"] * 0.45, height, steps=4)
    page.mouse.up()
    page.wait_for_url("**from=**to=**", timeout=PATIENCE)
    page.get_by_role("heading", name=re.compile(r"daily candles, .* to .* UTC")).wait_for(timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    charts.nth(1).scroll_into_view_if_needed()
    strip = charts.nth(1).bounding_box()
    assert strip
    page.mouse.click(strip["x"] + strip["width"] * 0.7, strip["y"] + 30)
    page.wait_for_url(lambda url: "from=" not in url, timeout=PATIENCE)
    assert tab.errors == []


# A refresh of the tape's fragment moves the dashed line at the newest close.
WATCH_REFRESHES = """() => {
    window.drawing = document.querySelector('[data-testid=stVegaLiteChart] svg');
    window.refreshes = 0;
    new MutationObserver(() => { window.refreshes += 1; }).observe(
        window.drawing, {subtree: true, attributes: true, childList: true});
}"""


def test_time_axis_is_utc_for_a_visitor_in_new_york(server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open("/price?symbol=BTCUSDT&interval=1m&range=1h", "Price", 1)
    shown = {label for label in page.evaluate(AXIS_LABELS) if ":" in label}

    bars = Warehouse(tab.settings).query(
        "select max(ts) as newest from serving.bars where symbol = 'BTCUSDT' and interval = '1m'"
    )
    newest = bars["newest"][0].as_py()
    minutes = {f"{newest - timedelta(minutes=back):%H:%M}" for back in range(-5, 66)}
    assert shown and shown <= minutes


def test_click_and_address_say_the_same(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/risk?symbol=NVDA", "Risk", 1)
    assert page.get_by_role("radio", name="NVDA").is_checked()
    page.get_by_role("radio", name="MSFT").click()
    page.wait_for_url("**/risk?*symbol=MSFT*", timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)  # as a person would
    page.get_by_role("link", name="Price", exact=True).click()
    page.get_by_role("heading", name="Price", exact=True).wait_for(timeout=PATIENCE)
    page.wait_for_url("**/price?*symbol=MSFT*", timeout=PATIENCE)


def test_a_symbol_waits_for_a_page_that_has_it_and_the_rest_stays_behind(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/price?symbol=ETHUSDT&interval=1m&range=6h&view=Figures", "Price", 0)
    address = go(page, "Options")  # a chain of a coin there is not
    assert address.endswith("/options")
    assert not page.get_by_role("radio", name="ETHUSDT").count()
    assert go(page, "Signals").endswith("/signals")
    assert page.get_by_role("radio", name="All").first.is_checked()
    assert go(page, "Price").endswith("/price?symbol=ETHUSDT")
    assert page.get_by_role("radio", name="ETHUSDT").is_checked()
    go(page, "Options")
    other = page.get_by_test_id("stButtonGroup").first.get_by_role("radio", checked=False).first
    underlying = other.inner_text()
    other.click()
    page.wait_for_url(f"**symbol={underlying}*", timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    assert go(page, "Price").endswith(f"/price?symbol={underlying}")


def test_the_way_back_shows_what_its_address_says(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/price?view=Figures", "Price", 0)
    first = page.get_by_test_id("stButtonGroup").first.get_by_role("radio", checked=True).inner_text()
    go(page, "Risk")
    page.get_by_role("radio", name="NVDA").click()
    page.wait_for_url("**/risk?*symbol=NVDA*", timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    page.evaluate("history.go(-2)")
    page.get_by_role("heading", name="Price", exact=True).wait_for(timeout=PATIENCE)
    page.get_by_role("radio").first.wait_for(timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    assert "symbol" not in page.url
    assert page.get_by_role("radio", name=first).is_checked()
    assert go(page, "Risk").endswith("symbol=NVDA")  # what a page shows of itself was not chosen


def go(page: Any, title: str) -> str:
    """By the links above every page; the address, once the page stands."""
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("heading", name=title, exact=True).wait_for(timeout=PATIENCE)
    page.wait_for_url(f"**/{title.lower()}*", timeout=PATIENCE)
    page.get_by_role("radio").first.wait_for(timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    return str(page.url)


def test_charts_tell_a_screen_reader_what_they_are(server: Any, open_tab: OpenTab) -> None:
    (look,) = [look for look in LOOKS if look.page.title == "Options"][:1]
    page = open_tab(server).look(look)
    charts = page.get_by_test_id("stVegaLiteChart")
    described = [charts.nth(which).get_attribute("aria-label") for which in range(charts.count())]
    assert all(text and len(text) > 15 for text in described)


def test_data_of_a_chart_can_be_read_and_taken_home(server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open("/risk?symbol=NVDA", "Risk", 1)
    page.get_by_text("Data", exact=True).first.click()
    page.get_by_test_id("stDataFrame").first.wait_for(timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)  # a click while the page is being made would be for nothing
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Download CSV").first.click()
    assert download.value.suggested_filename == "growth_NVDA.csv"
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    last = Warehouse(tab.settings).query(
        "select ts, cumulative_return from serving.drawdown where symbol = 'NVDA' order by ts desc limit 1"
    )
    assert float(lines[-1]["growth"]) == pytest.approx(last["cumulative_return"][0].as_py(), rel=1e-12)
    assert datetime.fromisoformat(lines[0]["ts"]) < datetime.fromisoformat(lines[-1]["ts"]) <= last["ts"][0].as_py()
    assert tab.errors == []


def test_a_figure_leads_to_its_explanation_in_one_click(server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open("/risk?symbol=NVDA", "Risk", 1)
    link = page.get_by_test_id("stMetric").get_by_role("link", name="Sharpe", exact=True)
    with page.context.expect_page() as opened:
        link.click()
    explained = opened.value
    explained.wait_for_url("**/catalogue?*metric=sharpe*", timeout=PATIENCE)
    explained.get_by_role("heading", name="Catalogue", exact=True).wait_for(timeout=PATIENCE)
    explained.get_by_text("sharpe_of").first.wait_for(timeout=PATIENCE)
    explained.close()


def test_market_follows_when_trades_begin(
    unbuilt_server: Any, open_tab: OpenTab, publish_empty: Callable[..., None], tmp_path: Path
) -> None:
    """crypto_prices is a live view: what it says changes without a build."""
    prices = tmp_path / "prices.json"
    columns = "'binance' as source, 'BTCUSDT' as symbol, 'crypto' as asset_class, now() as ts, 550.0 as price"
    rest = "null::bigint as trade_id, 540.0 as previous_close, 0.0185 as change"
    live = f"select {columns}, {rest}, (select is_live from read_json('{prices}')) as is_live"
    prices.write_text('{"is_live": false}')
    publish_empty("serving.crypto_prices", insert=f"create view serving.crypto_prices as {live}")
    page = open_tab(unbuilt_server).page
    page.goto(unbuilt_server.url)
    page.get_by_text("No trades in the last two hours").wait_for(timeout=30_000)
    prices.write_text('{"is_live": true}')
    page.get_by_text("No trades in the last two hours").wait_for(state="detached", timeout=30_000)


def test_page_fills_itself_when_the_first_build_is_published(
    unbuilt_server: Any, open_tab: OpenTab, publish_empty: Callable[..., None]
) -> None:
    page = open_tab(unbuilt_server).page
    page.goto(unbuilt_server.url)
    page.get_by_text("Nothing is built yet", exact=True).wait_for(timeout=30_000)
    publish_empty()
    page.get_by_text("No prices yet", exact=True).wait_for(timeout=30_000)
    assert page.get_by_text("Nothing is built yet", exact=True).count() == 0
