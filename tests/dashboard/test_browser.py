"""What a visitor's browser really does with the pages: marks, time axis, live updates, links, and no foreign host."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quant.warehouse import Warehouse

pytestmark = pytest.mark.browser

PAGES = {"Market": "/", "Price": "/price", "Risk": "/risk", "Options": "/options", "Data health": "/data-health"}
CHARTS = {"Market": 1, "Price": 1, "Risk": 1, "Options": 2, "Data health": 0}
LOOKS = {"light": (1440, 1400, "light"), "dark": (1440, 1400, "dark"), "phone": (400, 2000, "light")}
SCREENS = Path(__file__).parent / "screens"

OpenTab = Callable[..., Any]

AXIS_LABELS = """() => [...document.querySelector('[data-testid=stVegaLiteChart]')
    .querySelectorAll('g.role-axis-label text, .mark-text.role-axis-label text')].map(label => label.textContent)"""
# The page wears the colours of the scheme, and every chart fits the width of the window.
SETTLED = """scheme => {
    const [red] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/g);
    const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')];
    return (Number(red) < 128) === (scheme === 'dark')
        && charts.every(chart => chart.getBoundingClientRect().right <= window.innerWidth);
}"""
FIRST_PRICE = "[data-testid=stMetricValue]"


@pytest.mark.parametrize("title", PAGES)
def test_page_draws_real_marks_without_error_or_foreign_host(title: str, server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open(PAGES[title], title, CHARTS[title])
    for look, (width, height, scheme) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(SETTLED, arg=scheme, timeout=30_000)
        tab.await_drawn(CHARTS[title])
        SCREENS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENS / f"{title.lower().replace(' ', '_')}_{look}.png")
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), look
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlert").count() == 0
    assert page.get_by_role("note").inner_text().startswith("Demo")
    assert tab.errors == []
    assert tab.foreign == []


def test_live_price_changes_in_the_same_node(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/", "Market", 1)
    first = page.locator(FIRST_PRICE).first.inner_text()
    page.evaluate(f"() => {{ window.kept = document.querySelector('{FIRST_PRICE}'); }}")
    page.wait_for_function(
        f"first => document.querySelector('{FIRST_PRICE}').innerText !== first", arg=first, timeout=30_000
    )
    assert page.evaluate(f"() => window.kept === document.querySelector('{FIRST_PRICE}') && window.kept.isConnected")


def test_live_chart_keeps_its_node_and_the_zoom_over_refreshes(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/", "Market", 1)
    whole = page.evaluate(AXIS_LABELS)
    box = page.get_by_test_id("stVegaLiteChart").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    for _ in range(4):
        page.mouse.wheel(0, -400)
    page.wait_for_function(f"whole => JSON.stringify(({AXIS_LABELS})()) !== JSON.stringify(whole)", arg=whole)
    page.evaluate(WATCH_REFRESHES)
    page.wait_for_function("() => window.refreshes >= 3", timeout=30_000)
    zoomed = page.evaluate(AXIS_LABELS)
    assert zoomed != whole
    assert page.evaluate("() => window.drawing.isConnected")


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
    page.wait_for_url("**/risk?symbol=MSFT", timeout=30_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)  # as a person would
    page.get_by_role("link", name="Price").click()
    page.get_by_role("heading", name="Price", exact=True).wait_for(timeout=30_000)
    page.wait_for_url("**/price?symbol=MSFT", timeout=30_000)


def test_charts_tell_a_screen_reader_what_they_are(server: Any, open_tab: OpenTab) -> None:
    page = open_tab(server).open("/options", "Options", 2)
    charts = page.get_by_test_id("stVegaLiteChart")
    described = {charts.nth(which).get_attribute("aria-label") for which in range(charts.count())}
    assert described == {
        "AAPL: implied volatility by strike and expiry",
        "AAPL: implied volatility smile of each expiry",
    }


def test_data_of_a_chart_can_be_read_and_taken_home(server: Any, open_tab: OpenTab) -> None:
    tab = open_tab(server)
    page = tab.open("/risk?symbol=NVDA", "Risk", 1)
    page.get_by_text("Data", exact=True).click()
    page.get_by_test_id("stDataFrame").wait_for(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "growth_NVDA.csv"
    lines = list(csv.DictReader(download.value.path().read_text().splitlines()))
    last = Warehouse(tab.settings).query(
        "select ts, cumulative_return from serving.drawdown where symbol = 'NVDA' order by ts desc limit 1"
    )
    assert float(lines[-1]["cumulative_return"]) == last["cumulative_return"][0].as_py()
    assert datetime.fromisoformat(lines[0]["ts"]) < datetime.fromisoformat(lines[-1]["ts"]) <= last["ts"][0].as_py()
    assert tab.errors == []


def test_market_follows_when_trades_begin(
    unbuilt_server: Any, open_tab: OpenTab, publish_empty: Callable[..., None], tmp_path: Path
) -> None:
    """latest_prices is a live view: what it says changes without a build."""
    prices = tmp_path / "prices.json"
    columns = "'yahoo' as source, 'SPY' as symbol, 'equity' as asset_class, now() as ts, 550.0 as price"
    rest = "null::bigint as trade_id, 540.0 as previous_close, 0.0185 as change"
    live = f"select {columns}, {rest}, (select is_live from read_json('{prices}')) as is_live"
    prices.write_text('{"is_live": false}')
    publish_empty("serving.latest_prices", insert=f"create view serving.latest_prices as {live}")
    page = open_tab(unbuilt_server).page
    page.goto(unbuilt_server.url)
    page.get_by_text("No trades in the last two hours").wait_for(timeout=30_000)
    prices.write_text('{"is_live": true}')
    page.get_by_text("SPY, last 3 hours").wait_for(timeout=30_000)
    assert page.get_by_text("No trades in the last two hours").count() == 0


def test_page_fills_itself_when_the_first_build_is_published(
    unbuilt_server: Any, open_tab: OpenTab, publish_empty: Callable[..., None]
) -> None:
    page = open_tab(unbuilt_server).page
    page.goto(unbuilt_server.url)
    page.get_by_text("Nothing is built yet", exact=True).wait_for(timeout=30_000)
    publish_empty()
    page.get_by_text("No prices yet", exact=True).wait_for(timeout=30_000)
    assert page.get_by_text("Nothing is built yet", exact=True).count() == 0
