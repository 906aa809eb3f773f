"""Every number that a page shows is one of the warehouse's, and every chart can be read, by eyes and without them."""

import math
import re
from collections.abc import Callable, Iterable

import pyarrow as pa
import pytest

from dashboard.charts.style import MOST_MARKS
from quant.explanation.answer import ALIASES
from quant.warehouse import open_build
from tests.dashboard import shown
from tests.dashboard.pages import LOOKS, Look
from tests.dashboard.shown import Chart, Unit
from tests.dashboard.visits import Shown, Visitor, texts

BAD_WORDS = re.compile(r"(?<![\w`'=])(nan|NaN|None|NaT|undefined)(?![\w`'=])")  # None of these is an answer to a person
BAD_CELLS = {"nan", "NaN", "None", "NaT", "null", "NULL", "inf", "-inf", "Infinity"}
# A unit stands after a comma, in brackets, as "per", as a sign of per cent in the labels, or the number has none.
UNIT = re.compile(
    r"[,(/%=]| per | in |\b(UTC|points|contracts|ratio|probability|correlation|number|count|days|share|score)\b",
    re.IGNORECASE,
)
GIVEN = {"Spot"}  # by the source, nothing is computed
# Shown as the volatility that it is the square of, or newer than what the metric is: any number of the page will do.
RELATED = {"variance_risk_premium", "close"}
FITTING: dict[str, Callable[[pa.DataType], bool]] = {
    "quantitative": lambda kind: pa.types.is_integer(kind) or pa.types.is_floating(kind),
    "temporal": lambda kind: pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is not None),
    "nominal": lambda kind: not pa.types.is_nested(kind),
    "ordinal": lambda kind: not pa.types.is_nested(kind),
}

LookAt = Callable[[Look], Shown]
every_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)


@every_look
def test_every_tile_is_a_number_of_the_warehouse_rounded(look: Look, look_at_demo: LookAt) -> None:
    seen = look_at_demo(look)
    everything = shown.known(seen.answers)
    for tile in seen.page.metric:
        if shown.NUMBER.fullmatch(tile.value):
            named = {shown.asked(link).get("metric", "") for link in shown.LINK.findall(tile.label)} - RELATED
            candidates = next((values for name in named if (values := shown.values_of(name, seen.answers))), everything)
            assert shown.rounds_to(tile.value, candidates), (tile.label, tile.value)


@every_look
def test_every_number_of_a_table_or_chart_is_one_of_the_warehouse_with_all_its_digits(
    look: Look, look_at_demo: LookAt
) -> None:
    seen = look_at_demo(look)
    everything = shown.known(seen.answers)
    drawn = [rows for chart in shown.charts(seen.page) for rows in chart.datasets.values()]
    for rows in [*drawn, *shown.tables(seen.page)]:
        for name in rows.column_names:
            made_up = shown.numbers(rows.select([name])) - everything
            assert not made_up, (name, rows.column_names, sorted(made_up)[:5])


@every_look
def test_nothing_is_shown_that_is_no_number_and_no_word(look: Look, look_at_demo: LookAt) -> None:
    page = look_at_demo(look).page
    rows = [*shown.tables(page), *(rows for chart in shown.charts(page) for rows in chart.datasets.values())]
    for table in rows:
        assert all(math.isfinite(number) for number in shown.numbers(table)), table.column_names
    assert not BAD_WORDS.search(texts(page))
    cells = {text for table in rows for text in shown.strings(table)}
    assert not (cells | {text for tile in page.metric for text in (tile.label, tile.value, tile.delta)}) & BAD_CELLS


@every_look
def test_every_link_to_an_explanation_names_a_metric_of_the_catalogue(
    look: Look, look_at_demo: LookAt, catalogued: set[str]
) -> None:
    page = look_at_demo(look).page
    assert {shown.asked(link)["metric"] for link in shown.links(page)} <= catalogued
    plain = {tile.label for tile in page.metric if not shown.LINK.search(tile.label)}
    assert plain <= GIVEN


@pytest.fixture(scope="module")
def catalogued(demo_visitor: Visitor) -> set[str]:
    with open_build(demo_visitor.settings.market_path.resolve()) as connection:
        return {*ALIASES, *(metric for (metric,) in connection.execute("select metric from meta.catalog").fetchall())}


@every_look
def test_a_screen_reader_is_told_what_a_chart_shows(look: Look, look_at_demo: LookAt) -> None:
    page = look_at_demo(look).page
    drawn = shown.charts(page)
    assert len(drawn) >= look.charts
    described = [chart.alt for chart in drawn]
    assert all(len(text) > 15 for text in described) and len(set(described)) == len(described), described
    assert len(page.subheader) >= len(drawn)


@every_look
def test_every_axis_says_what_it_measures_and_in_which_unit(look: Look, look_at_demo: LookAt) -> None:
    for chart in shown.charts(look_at_demo(look).page):
        axes = [(pane, channel) for pane in chart.panes() for channel in ("x", "y")]
        titles = {(id(pane), channel): titles_of(pane, channel) for pane, channel in axes}
        for pane, channel in axes:
            mine = titles[id(pane), channel]
            if channel == "x" and mine == []:  # the pane below has the same axis, with its title
                mine = [title for (_, way), said in titles.items() if way == "x" for title in said]
            if not is_seen(pane, channel):
                continue
            assert mine, (chart.alt, channel)
            assert not is_measured(pane, channel) or any(UNIT.search(title) for title in mine), (chart.alt, mine)


def definitions(units: Iterable[Unit], channel: str) -> list[dict[str, object]]:
    return [unit.encoding[channel] for unit in units if channel in unit.encoding]


def is_seen(units: list[Unit], channel: str) -> bool:
    return any("field" in each and each.get("axis", {}) is not None for each in definitions(units, channel))


def is_measured(units: list[Unit], channel: str) -> bool:
    return any(each.get("type") == "quantitative" for each in definitions(units, channel))


def titles_of(units: list[Unit], channel: str) -> list[str]:
    """Titles in words; the format of the labels counts for its sign of per cent."""
    found = []
    for each in definitions(units, channel):
        axis = each.get("axis") or {}
        assert isinstance(axis, dict)
        title = each.get("title") or axis.get("title")
        if title:
            found.append(f"{title} {'%' if '%' in str(axis.get('format', '')) else ''}".strip())
    return found


@every_look
def test_every_field_of_a_chart_is_a_column_of_the_right_kind(look: Look, look_at_demo: LookAt) -> None:
    for chart in shown.charts(look_at_demo(look).page):
        for unit in chart.units():
            schema = chart.datasets[unit.rows].schema
            for channel, field, kind in fields(unit):
                if field not in unit.made:
                    assert field in schema.names, (chart.alt, channel, field)
                    assert kind is None or FITTING[kind](schema.field(field).type), (chart.alt, channel, field, kind)


def fields(unit: Unit) -> Iterable[tuple[str, str, str | None]]:
    """Channel, field and kind of all that a mark reads."""
    for channel, given in unit.encoding.items():
        for each in given if isinstance(given, list) else [given]:
            if isinstance(each, dict) and isinstance(each.get("field"), str):
                yield channel, each["field"], each.get("type")


@every_look
def test_no_chart_has_so_many_marks_that_it_leaves_svg(look: Look, look_at_demo: LookAt) -> None:
    drawn = shown.charts(look_at_demo(look).page)
    assert {chart.alt: chart.marks() for chart in drawn if chart.marks() > MOST_MARKS} == {}
    assert [chart.alt for chart in drawn if not any(rows.num_rows for rows in chart.datasets.values())] == []


@every_look
def test_behind_every_chart_are_its_numbers_as_a_table_and_a_file(
    look: Look, look_at_demo: LookAt, demo_visitor: Visitor
) -> None:
    closed = look_at_demo(look).page
    keys = [key for each in closed.expander if (key := shown.key_of(each)) and key.startswith("expander_")]
    assert len(keys) >= len(shown.charts(closed))
    opened = demo_visitor.look_again(look, dict.fromkeys(keys, True)).page
    places = [place for place in opened.expander if shown.key_of(place) in keys]
    behind = [table for place in places for table in shown.tables(place)]
    assert len(behind) == len(keys) and all(table.num_rows for table in behind)
    assert all(place.get("download_button") for place in places)
    known = {0.0} | {number for table in behind for number in shown.numbers(table)}
    for chart in shown.charts(opened):
        for unit in chart.units():
            seen = {field for channel, field, _ in fields(unit) if channel == "y"} - unit.made
            assert shown.numbers(chart.datasets[unit.rows].select(sorted(seen))) <= known, (chart.alt, seen)


@every_look
def test_nothing_but_rows_changes_in_a_chart(look: Look, look_at_demo: LookAt, demo_visitor: Visitor) -> None:
    """Streamlit swaps the rows in place if nothing but their name differs; else it draws anew, with a flicker."""
    one = shown.charts(look_at_demo(look).page)
    assert not any('"values"' in chart.text or '"datasets"' in chart.text for chart in one)
    if look.page.other:
        other = shown.charts(demo_visitor.look_again(look, None, **look.page.other).page)
        assert [chart.nameless() for chart in one] == [chart.nameless() for chart in other]


def chart_of(rows: pa.Table, spec: dict[str, object]) -> Chart:
    return Chart(spec, "", "", {"rows": rows})


def test_what_is_wrong_would_be_found() -> None:
    """The eyes of this file, tried on faults."""
    rows = pa.table({"ts": [1, 2], "close": [1.5, float("nan")]})
    layer = [{"mark": "bar"}, {"mark": {"type": "line"}}, {"mark": "rule", "transform": [{"filter": "datum.ts > 1"}]}]
    layered = chart_of(rows, {"data": {"name": "rows"}, "encoding": {"y": {"field": "close"}}, "layer": layer})
    assert [unit.mark for unit in layered.units()] == ["bar", "line", "rule"]
    assert layered.marks() == 4  # two bars, and at most each row once as a rule
    assert not all(math.isfinite(number) for number in shown.numbers(rows))
    assert shown.rounds_to("12.35%", {0.12345678}) and not shown.rounds_to("12.36%", {0.12345678})
    assert shown.rounds_to("-1,234.5", {-1234.46}) and not shown.rounds_to("1,234.5", {-1234.46})
    assert shown.rounds_to("1.2 M", {1_230_000}) and not shown.rounds_to("about", {1.0})
    assert BAD_WORDS.search("Sharpe nan") and BAD_WORDS.search("to None") and not BAD_WORDS.search("none missing")
