"""The signals page: events by filters that stand in the URL, their record, the rules, and alerts about the data."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.style import MOST_MARKS
from dashboard.views.signals.events import NEWEST
from dashboard.views.signals.filters import since
from quant.settings import Settings
from quant.warehouse import open_build
from tests.dashboard.portfolio.seen import Ask, Rows, drawn, listed, words
from tests.dashboard.shown import charts

Visit = Callable[..., AppTest]
EVENTS = "select * from serving.final_signals where end_ts > $since and {where} order by end_ts desc, signal_id"
ALERT = """
insert into serving.recent_signals (signal_id, rule, kind, source, symbol, ts, end_ts, direction, explanation)
values ('a', 'stale_source', 'data', 'binance', 'BTCUSDT', now(), now(), 'down', 'No trades of BTCUSDT came.');
"""
CHAIN_EVENT = """
insert into serving.final_signals (signal_id, rule, kind, source, symbol, ts, end_ts, direction, explanation)
values ('a', 'parity_breach', 'option', 'yahoo', '^SPX', now(), now(), 'up', 'Parity is broken.');
"""


@pytest.fixture(scope="module")
def ask(demo_warehouse: Settings) -> Iterator[Ask]:
    """The build itself, past everything that the dashboard does."""
    connection = open_build(demo_warehouse.market_path.resolve())

    def answer(text: str, **parameters: object) -> Rows:
        cursor = connection.execute(text, parameters)
        names = [name for name, *_ in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    yield answer
    connection.close()


FILTERS = [
    ({"range": "5Y"}, "true"),
    ({"symbol": "NVDA", "range": "5Y"}, "symbol = 'NVDA'"),
    (
        {"rule": "rsi_level", "interval": "1d", "direction": "up", "range": "1Y"},
        "rule = 'rsi_level' and interval = '1d' and direction = 'up'",
    ),
]


@pytest.mark.parametrize(("query", "where"), FILTERS, ids=["all", "symbol", "rule"])
def test_events_are_those_that_the_address_asks_for(
    query: dict[str, str], where: str, visit_demo: Visit, ask: Ask
) -> None:
    page = visit_demo("signals", **query)
    assert not page.exception and not page.error and not page.warning
    expected = ask(EVENTS.format(where=where), since=since(query.get("range", "3M")))
    assert expected and f"**{len(expected):,} events**" in words(page)
    shown = listed(page, "place", "end_ts", "rule")
    names = [name for name in shown[0] if name != "place"]
    assert [[row[name] for name in names] for row in shown] == [
        [row[name] for name in names] for row in expected[:NEWEST]
    ]


def test_marks_of_the_timeline_are_all_events_of_a_rule_and_stretch(visit_demo: Visit, ask: Ask) -> None:
    page = visit_demo("signals", range="5Y")
    events = ask(EVENTS.format(where="true"), since=since("5Y"))
    stretches = drawn(page, "rule", "direction", "count_events")
    (chart,) = charts(page)
    assert chart.marks() <= MOST_MARKS and len(stretches) < len(events)
    for rule, direction in {(row["rule"], row["direction"]) for row in events}:
        own = [row["end_ts"] for row in events if (row["rule"], row["direction"]) == (rule, direction)]
        mine = [row for row in stretches if (row["rule"], row["direction"]) == (rule, direction)]
        assert sum(row["count_events"] for row in mine) == len(own)
        assert {row["ts"] for row in mine} <= set(own) and max(row["ts"] for row in mine) == max(own)
    said = {(row["rule"], row["end_ts"], row["explanation"]) for row in events}
    assert {(row["rule"], row["ts"], row["explanation"]) for row in stretches} <= said


def test_an_event_leads_to_the_price_of_its_symbol_and_bars(visit_demo: Visit) -> None:
    event = next(row for row in listed(visit_demo("signals", symbol="NVDA", range="5Y"), "place"))
    address = urlsplit(event["place"])
    assert (address.path, dict(parse_qsl(address.query))) == (
        "/price",
        {"symbol": "NVDA", "interval": event["interval"]},
    )
    page = visit_demo("price", **dict(parse_qsl(address.query)))
    assert not page.exception and any("NVDA" in str(heading.value) for heading in page.subheader)


def test_an_event_of_a_chain_leads_to_the_options_of_its_underlying(
    visit: Visit, publish_empty: Callable[..., None], visit_demo: Visit
) -> None:
    publish_empty(insert=CHAIN_EVENT)
    (event,) = listed(visit("signals"), "place")
    address = urlsplit(event["place"])
    asked = dict(parse_qsl(address.query))
    assert address.path == "/options" and "^SPX" in asked.values()
    (name,) = asked
    seen = visit_demo("options", **{name: "SPY"})  # not the first one
    assert {chart.alt.partition(":")[0] for chart in charts(seen)} == {"SPY"}


@pytest.mark.parametrize(("after", "bars"), [("The next bar", 1), ("Five bars", 5)])
def test_the_record_is_what_came_after(after: str, bars: int, visit_demo: Visit, ask: Ask) -> None:
    page = visit_demo("signals", view="Record", after=after, symbol="NVDA", interval="1d")
    assert not page.exception and not page.error and not page.warning
    shown = listed(page, "hit_rate", "usual_return")
    stored = ask(
        "from serving.signal_outcomes where symbol = 'NVDA' and interval = '1d' and bars_after = $bars", bars=bars
    )
    names = list(shown[0])
    assert sorted([str(row[name]) for name in names] for row in shown) == sorted(
        [str(row[name]) for name in names] for row in stored
    )
    assert all(chart.marks() <= MOST_MARKS for chart in charts(page))


def test_hits_are_the_events_that_the_next_bar_went_along_with(visit_demo: Visit, ask: Ask) -> None:
    (shown,) = listed(
        visit_demo("signals", view="Record", rule="macd_cross", symbol="NVDA", interval="1d", direction="down"),
        "hit_rate",
    )
    events = ask(
        "select next_return from serving.final_signals where rule = 'macd_cross' and symbol = 'NVDA' "
        "and interval = '1d' and direction = 'down' and next_return is not null"
    )
    assert shown["count_events"] == len(events) > 5
    assert shown["hit_rate"] == sum(row["next_return"] < 0 for row in events) / len(events)
    assert shown["mean_return"] == pytest.approx(sum(row["next_return"] for row in events) / len(events), rel=1e-12)


def test_all_symbols_together_are_judged_by_asset_class(visit_demo: Visit, ask: Ask) -> None:
    page = visit_demo("signals", view="Record")
    shown = listed(page, "hit_rate", "usual_return")
    assert "symbol" not in shown[0] and "All symbols of an asset class together" in words(page)
    assert {row["asset_class"] for row in shown} == {"crypto", "equity"}
    hits = drawn(page, "hit_rate", "usual_return") if len(page.get("vega_lite_chart")) == 1 else None
    assert hits is None or all(row["hit_rate"] is not None for row in hits)


def test_rules_are_shown_with_their_numbers_and_what_they_found(visit_demo: Visit, ask: Ask) -> None:
    shown = {row["rule"]: row for row in listed(visit_demo("signals", view="Rules"), "rule", "thresholds")}
    stored = {row["rule"]: row for row in ask("from serving.signal_rules")}
    counts = {row["rule"]: row for row in ask("select rule, count(*) as n from serving.final_signals group by rule")}
    assert set(shown) == set(stored)
    for name, rule in shown.items():
        assert rule["count_events"] == (counts[name]["n"] if name in counts else None)
        assert all(rule[key] == stored[name][key] for key in ("is_on", "intervals", "thresholds", "description"))


def test_rules_that_are_off_stand_last(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(insert="insert into serving.signal_rules values ('a', 'market', 'A', '1d', 'x 1', false), "
                         "('b', 'market', 'B', '1d', 'x 2', true)")  # fmt: skip
    rules = listed(visit("signals", view="Rules"), "rule", "is_on")
    assert [(row["rule"], row["is_on"]) for row in rules] == [("b", True), ("a", False)]


def test_alerts_about_the_data_stand_above_all(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(insert=ALERT)
    for view in ("Events", "Record", "Rules"):
        page = visit("signals", view=view)
        assert [row["explanation"] for row in listed(page, "explanation", "ts")] == ["No trades of BTCUSDT came."]


def test_no_alert_about_the_data_is_said(visit: Visit, empty_relations: Settings) -> None:
    assert "No alert about the data" in words(visit("signals"))


def test_filters_that_let_nothing_through_say_so(visit_demo: Visit) -> None:
    page = visit_demo("signals", rule="rsi_level", interval="1m")
    assert not page.exception and not page.get("vega_lite_chart")
    assert "No such event in this while" in words(page)


def test_unknown_filters_in_the_address_are_none(visit_demo: Visit) -> None:
    page = visit_demo("signals", rule="nosuch", symbol="NOSUCH", range="never")
    assert not page.exception and page.get("vega_lite_chart")


def test_a_while_begins_at_a_whole_hour() -> None:
    """All viewers of an hour ask the same."""
    now = datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)
    assert since("3d", now) == datetime(2026, 11, 20, 9, tzinfo=UTC) == since("3d", now + timedelta(minutes=18))
