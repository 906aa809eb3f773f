"""Every page shows itself over a real, an empty, a partial and a missing warehouse, and never a traceback."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from quant.settings import Settings

PAGES = {"Market": "", "Price": "price", "Risk": "risk", "Options": "options", "Data health": "data-health"}
CHARTS = {"Market": 1, "Price": 1, "Risk": 1, "Options": 2, "Data health": 0}

Visit = Callable[..., AppTest]
every_page = pytest.mark.parametrize("title", PAGES)


def texts(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.warning, *page.error]
    return " ".join(str(element.value) for element in shown)


def banners(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "Demo" in element.proto.body]


@every_page
def test_page_shows_charts_freshness_and_provenance_over_a_real_warehouse(title: str, visit_demo: Visit) -> None:
    page = visit_demo(PAGES[title])
    assert not page.exception and not page.error and not page.warning
    assert [heading.value for heading in page.title] == [title]
    assert len(page.get("vega_lite_chart")) == CHARTS[title]
    assert "Fresh" in texts(page) or "Stale" in texts(page)
    assert "From `" in texts(page)


@every_page
def test_demo_data_carry_a_banner_on_every_page(title: str, visit_demo: Visit) -> None:
    assert len(banners(visit_demo(PAGES[title]))) == 1


@every_page
def test_real_data_carry_no_demo_banner(title: str, visit: Visit, empty_relations: Settings) -> None:
    assert not banners(visit(PAGES[title]))


@every_page
def test_page_without_a_build_names_the_command_that_makes_one(title: str, visit: Visit, settings: Settings) -> None:
    page = visit(PAGES[title])
    assert not page.exception and not page.error
    assert texts(page).count("Nothing is built yet") == 1
    assert "quant build" in texts(page)


@every_page
def test_page_over_empty_relations_names_what_is_missing_and_the_command(
    title: str, visit: Visit, empty_relations: Settings
) -> None:
    page = visit(PAGES[title])
    assert not page.exception and not page.error and not page.warning
    assert [heading.value for heading in page.title] == [title]
    assert "`quant ingest" in texts(page)


@pytest.mark.parametrize(
    "title, lacking",
    [("Market", "serving.latest_prices"), ("Price", "serving.latest_metrics"), ("Data health", "meta.gaps")],
)
def test_page_of_a_build_that_lacks_a_relation_says_which(
    title: str, lacking: str, visit: Visit, publish_empty: Callable[..., None]
) -> None:
    publish_empty(lacking)
    page = visit(PAGES[title])
    assert not page.exception
    assert [heading.value for heading in page.title] == [title]
    assert lacking.split(".")[1] in texts(page)
    assert "quant build --full-refresh" in texts(page)


@pytest.mark.parametrize(("is_stale", "badge"), [(True, "Stale · BTCUSDT trades, 10 min old"), (False, "Fresh")])
def test_badge_says_how_old_the_data_are(
    is_stale: bool, badge: str, visit: Visit, publish_empty: Callable[..., None]
) -> None:
    age = "now() - interval 10 minutes"
    publish_empty(
        insert=f"insert into serving.health values ('binance', 'trades', 'BTCUSDT', {age}, {age}, 600, 30, {is_stale})"
    )
    assert badge in texts(visit(PAGES["Data health"]))
