"""Every page and view over warehouses that are good, stale, empty, partial, broken or not there: never a traceback."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.last_good import LastGood
from quant.settings import Settings
from tests.dashboard import houses
from tests.dashboard.pages import LOOKS, PAGES, Look, Page
from tests.dashboard.visits import LINES, Shown, Visit, Visitor, texts

# Beside the title, where a word is enough: what is below says why.
UNTOLD = {"freshness"}
GONE = "from serving.gone"
FAILING = "select error('no') as ts"
# What a badge asks, by the name of the query: the same, overdue.
STALE = {
    "freshness": "select * replace (true as is_stale) from ({})",
    "build_age": "select * replace (1e9 as age_seconds) from ({})",
}
EVERY_QUERY = [LINES, *(file.stem for file in data.QUERIES.glob("*.sql"))]
LookAt = Callable[[Look], Shown]
Instead = Callable[[Mapping[str, str]], None]

every_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)


def banners(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html") if "Demo" in element.proto.body]


def stands(page: AppTest, title: str) -> bool:
    """Its title is there, and no traceback."""
    return not page.exception and not page.error and [heading.value for heading in page.title] == [title]


@every_look
def test_a_good_warehouse_shows_charts_freshness_and_provenance(look: Look, look_at_demo: LookAt) -> None:
    page = look_at_demo(look).page
    assert stands(page, look.page.title) and not page.warning
    assert len(page.get("vega_lite_chart")) >= look.charts
    assert "Fresh ·" in texts(page) or "Stale ·" in texts(page)
    assert "From `" in texts(page)
    assert len(banners(page)) == 1


@every_page
def test_an_address_that_makes_no_sense_shows_the_page_as_it_first_is(page: Page, demo_visitor: Visitor) -> None:
    asked = dict.fromkeys(("view", "symbol", "interval", "range", "portfolio", "underlying", "snapshot"), "nonsense")
    seen = demo_visitor.visit(page.path, None, **asked)
    assert stands(seen, page.title) and not seen.warning
    assert len(seen.get("vega_lite_chart")) >= looks_of(page)[0].charts


@pytest.fixture
def ask_instead(monkeypatch: pytest.MonkeyPatch) -> Instead:
    """From now on these statements are asked instead of the queries of their names; {} stands for what that was."""
    ask, lines = data.statement, data.LINES

    def instead(statements: Mapping[str, str]) -> None:
        def statement(name: str, *parts: Any, **named: Any) -> str:
            return statements.get(name, "{}").replace("{}", ask(name, *parts, **named))

        monkeypatch.setattr(data, "statement", statement)
        monkeypatch.setattr(data, "LINES", statements.get(LINES, lines))

    return instead


@every_page
def test_stale_data_are_called_stale_and_stay(
    page: Page, demo_visitor: Visitor, look_at_demo: LookAt, ask_instead: Instead
) -> None:
    look = looks_of(page)[0]
    shown = len(look_at_demo(look).page.get("vega_lite_chart"))
    ask_instead(STALE)
    seen = demo_visitor.look_again(look).page
    assert stands(seen, page.title)
    assert "Stale ·" in texts(seen) and "Fresh ·" not in texts(seen)
    assert len(seen.get("vega_lite_chart")) == shown


@every_look
def test_queries_that_fail_after_they_answered_leave_the_last_good_data(
    look: Look, demo_visitor: Visitor, ask_instead: Instead
) -> None:
    """Looked at just before: of what nobody asked for long nothing is kept."""
    shown = len(demo_visitor.look_again(look).page.get("vega_lite_chart"))
    ask_instead(dict.fromkeys(EVERY_QUERY, FAILING))
    seen = demo_visitor.look_again(look).page
    assert stands(seen, look.page.title)
    assert "could not answer" in texts(seen)
    assert len(seen.get("vega_lite_chart")) == shown


@every_page
def test_queries_that_fail_from_the_start_leave_the_page_standing(
    page: Page, demo_visitor: Visitor, ask_instead: Instead, nothing_known: None
) -> None:
    look = looks_of(page)[-1]
    ask_instead(dict.fromkeys(EVERY_QUERY, FAILING))
    seen = demo_visitor.look_again(look).page
    assert stands(seen, look.page.title)
    assert "could not answer" in texts(seen)


def test_a_relation_that_lacks_is_named_with_the_command_that_brings_it(
    demo_visitor: Visitor, look_at_demo: LookAt, ask_instead: Instead, nothing_known: None
) -> None:
    """Each query in turn asks for a relation that the build has not; looked at where it is asked first."""
    asking = {query: look for look in reversed(LOOKS) for query in look_at_demo(look).queries}
    assert len(asking) > 10
    for query, look in asking.items():
        ask_instead({query: GONE})
        seen = demo_visitor.look_again(look).page
        assert stands(seen, look.page.title), (query, look.name)
        said = texts(seen)
        assert query in UNTOLD or ("gone" in said and "quant build --full-refresh" in said), (query, look.name)


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no last good answer to fall back on; those of other tests are kept for them."""
    monkeypatch.setattr(data, "last_good", lambda: LastGood(0))


def looks_of(page: Page) -> list[Look]:
    return [look for look in LOOKS if look.page == page]


@pytest.fixture(scope="module")
def damaged(demo_visitor: Visitor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Page], AppTest]]:
    """Visits to a good build after a newer one came that cannot be opened."""
    environment = {"QUANT_DATA_PATH": str(tmp_path_factory.mktemp("damaged"))}
    settings = houses.settings_of(environment)
    houses.publish(settings, demo_visitor.settings.market_path.resolve())
    visitor = Visitor(settings, environment)
    looks = [looks_of(page)[0] for page in PAGES]
    visitor.look(looks[0])
    houses.publish_rubbish(settings)
    yield lambda page: visitor.look_again(looks_of(page)[0]).page
    shutil.rmtree(settings.root)


@every_page
def test_a_newer_build_that_cannot_be_opened_is_said_and_the_last_good_data_stay(
    page: Page, damaged: Callable[[Page], AppTest]
) -> None:
    seen = damaged(page)
    assert stands(seen, page.title)
    (warning,) = seen.warning
    assert f"build {houses.LATER_ID} cannot be opened, answers come from {houses.BUILD_ID}" in warning.value
    assert len(seen.get("vega_lite_chart")) >= looks_of(page)[0].charts


@every_look
def test_empty_relations_name_what_is_missing_and_the_command(look: Look, empty_visitor: Visitor) -> None:
    page = empty_visitor.look(look).page
    assert stands(page, look.page.title) and not page.warning
    assert "`quant " in texts(page)
    assert not page.get("vega_lite_chart")
    assert not banners(page)


@every_page
def test_a_page_without_a_build_names_the_command_that_makes_one(page: Page, visit: Visit, settings: Settings) -> None:
    seen = visit(page.path)
    assert stands(seen, page.title)
    assert texts(seen).count("Nothing is built yet") == 1
    assert "quant build" in texts(seen)


@pytest.mark.parametrize(("is_stale", "badge"), [(True, "Stale · BTCUSDT trades, 10 min old"), (False, "Fresh")])
def test_badge_says_how_old_the_data_are(
    is_stale: bool, badge: str, visit: Visit, publish_empty: Callable[..., Any]
) -> None:
    age = "now() - interval 10 minutes"
    publish_empty(
        insert=f"insert into serving.health values ('binance', 'trades', 'BTCUSDT', {age}, {age}, 600, 30, {is_stale})"
    )
    assert badge in texts(visit("data-health"))


def test_the_badge_says_of_whom_nothing_came_yet(visit: Visit, publish_empty: Callable[..., Any]) -> None:
    """The others may be fresh."""
    never = "null, null, null, 30, true"
    publish_empty(
        insert="insert into serving.health values ('binance', 'trades', 'BTCUSDT', now(), now(), 1, 30, false), "
        f"('binance', 'trades', 'ETHUSDT', {never})"
    )
    assert "No ETHUSDT trades yet" in texts(visit("data-health"))
