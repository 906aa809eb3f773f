"""The catalogue: every metric is listed, every figure explained by SQL that gives it, every refusal says what helps."""

import csv
import io
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import formats, links
from dashboard.views.risk.distribution import ZONES
from quant.explanation import explain
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import Warehouse
from tests.dashboard import shown
from tests.dashboard.pages import LOOKS, Look
from tests.dashboard.visits import Shown

Visit = Callable[..., AppTest]
NEAREST = "expires_at = (select min(expires_at) from serving.option_expiries where underlying = 'SPY')"
# What the page is asked, and the same figure by hand: of bars, of risk, of options, of a portfolio, of a pair.
KINDS: dict[str, tuple[dict[str, str], str]] = {
    "bars": (
        {"metric": "rsi", "symbol": "AAPL", "interval": "1d"},
        "select rsi from metrics.momentum join bars.series using (series_id) "
        "where symbol = 'AAPL' and interval = '1d' order by ts desc limit 1",
    ),
    "risk": ({"metric": "sharpe", "symbol": "NVDA"}, "select sharpe from serving.latest_risk where symbol = 'NVDA'"),
    "options": (
        {"metric": "atm_forward_iv", "underlying": "SPY"},
        f"select atm_forward_iv from serving.option_expiries where underlying = 'SPY' and {NEAREST}",
    ),
    "portfolio": (
        {"metric": "sharpe", "portfolio": "equities"},
        "select sharpe from serving.portfolio_summary where portfolio = 'equities'",
    ),
    "pair": (
        {"metric": "correlation_pair", "symbol": "AAPL", "where": "b:MSFT"},
        "select correlation_pair from serving.correlations where a = 'AAPL' and b = 'MSFT'",
    ),
}

FIGURES = [look for look in LOOKS if look.page.title in {"Price", "Risk", "Options", "Portfolio"}]
# The newest price is not the close of a final bar, and of the premium a part is shown.
OTHER = {"close", "variance_risk_premium"}


@pytest.fixture(scope="module")
def warehouse(demo_warehouse: Settings) -> Iterator[Warehouse]:
    opened = Warehouse(demo_warehouse)
    yield opened
    opened.close()


def at_the_prompt(market: Path, sql: str) -> str:
    """What the older program says, whole."""
    command = [str(Path(sys.executable).parent / "duckdb"), "-readonly", "-csv", str(market)]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, timeout=60, cwd=PROJECT_PATH)
    assert (done.returncode, done.stderr) == (0, "")
    ((value,),) = [row for row in csv.reader(io.StringIO(done.stdout))][1:]
    return value


def said(page: AppTest) -> str:
    return " ".join(str(element.value) for element in [*page.markdown, *page.caption, *page.subheader])


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_figure_has_its_value_and_sql_that_gives_it(
    kind: str, visit_demo: Visit, warehouse: Warehouse, demo_warehouse: Settings
) -> None:
    asked, by_hand = KINDS[kind]
    page = visit_demo("catalogue", **asked)
    assert not page.exception and not page.error and not page.warning
    (value,) = warehouse.query(by_hand).to_pylist()[0].values()
    assert value is not None
    assert f"Exactly `{value!r}`" in said(page)
    (unit,) = warehouse.query("select unit from meta.catalog where metric = $metric", {"metric": asked["metric"]})[0]
    shown = {tile.label: tile.value for tile in page.metric}
    assert shown[f"Value, {unit}"] == formats.value(value, unit.as_py())
    given = at_the_prompt(demo_warehouse.market_path, page.code[0].value)
    assert math.isclose(float(given), value, rel_tol=1e-12)


def test_the_page_of_a_figure_says_formula_inputs_runs_and_where_else_it_is(visit_demo: Visit) -> None:
    page = visit_demo("catalogue", metric="sharpe", symbol="NVDA")
    blocks = [block.value for block in page.code]
    assert any("sharpe(bars, rf := 0.0, ppy := null) as" in block for block in blocks)
    assert "macros/formulas/41_sharpe.sql:" in said(page)
    assert any(block.startswith("quant explain NVDA sharpe") for block in blocks)
    assert "GET /explain/NVDA/sharpe" in said(page)
    given, runs = (table.value for table in page.dataframe)
    assert list(given["symbol"]) == ["NVDA"] and list(given["dataset"]) == ["equities"]
    assert set(runs["dataset"]) == {"equities"} and runs["count_rows"].sum() == given["count_rows"][0]
    (lineage,) = [each.proto.body for each in page.get("html") if 'class="lineage"' in each.proto.body]
    assert "raw.equities" in lineage and "metrics.sharpe_ratios" in lineage


@pytest.mark.parametrize("look", FIGURES, ids=lambda look: look.name)
def test_each_tile_leads_to_the_explanation_of_that_very_number(
    look: Look, look_at_demo: Callable[[Look], Shown], warehouse: Warehouse
) -> None:
    """The link of every number, explained as the page of the catalogue does."""
    with warehouse.reading() as reading:
        for tile in look_at_demo(look).page.metric:
            for link in shown.LINK.findall(tile.label):
                metric, asked = shown.asked(link)["metric"], links.asked_in(parse_qs(urlsplit(link).query))
                if metric in OTHER or asked.subject is None or tile.value in ZONES.values():
                    continue
                value = explain(reading, metric, asked.meant())["value"]
                is_it = tile.value == formats.MISSING if value is None else shown.rounds_to(tile.value, {value})
                assert is_it, (tile.label, tile.value, value)


def test_the_list_has_every_metric_with_unit_formula_source_and_description(
    visit_demo: Visit, warehouse: Warehouse
) -> None:
    (table,) = visit_demo("catalogue").dataframe
    shown = {(row["metric"], row["description"], row["unit"], row["source"]) for row in table.value.to_dict("records")}
    query = "select metric, replace(description, '`', ''), unit, source from meta.catalog"
    assert shown == {tuple(row.values()) for row in warehouse.query(query).to_pylist()}
    formulas = dict(zip(table.value["metric"], table.value["formula"], strict=True))
    assert formulas["rsi"] == "rsi(n := 14)"


def test_the_address_says_what_the_list_is_narrowed_to(visit_demo: Visit, warehouse: Warehouse) -> None:
    (table,) = visit_demo("catalogue", search="wilder", relation="metrics.momentum").dataframe
    expected = warehouse.query(
        "select metric from meta.catalog where relation = 'metrics.momentum' "
        "and lower(concat_ws(' ', metric, description, formula, source)) like '%wilder%'"
    )["metric"].to_pylist()
    assert set(table.value["metric"]) == set(expected) and "rsi" in expected
    (options,) = visit_demo("catalogue", group="Options").dataframe
    assert {"gex", "max_pain", "delta"} <= set(options.value["metric"])
    assert "rsi" not in set(options.value["metric"])
    assert "No metric has all of that" in said(visit_demo("catalogue", search="nothing is called like this"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"metric": "sharp"}, ["There is no metric sharp", "metric=sharpe"]),
        ({"metric": "sharpe", "symbol": "APPL"}, ["Nobody here has that name", "symbol=AAPL"]),
        ({"metric": "rma", "symbol": "AAPL"}, ["No such figure is stored", "quant compute rma --bars FILE"]),
        ({"metric": "rsi", "symbol": "AAPL", "interval": "1m"}, ["No such figure is stored", "leave interval out"]),
        ({"metric": "gex", "underlying": "SPY", "expiry": "soon"}, ["No such figure is stored", "is no date"]),
    ],
)
def test_a_refusal_names_what_would_be_accepted(visit_demo: Visit, asked: dict[str, str], words: list[str]) -> None:
    page = visit_demo("catalogue", **asked)
    assert not page.exception and not page.error
    for each in words:
        assert each in said(page)


def test_a_metric_without_a_subject_is_defined(visit_demo: Visit) -> None:
    page = visit_demo("catalogue", metric="rma")
    assert [heading.value for heading in page.subheader] == ["RMA", "Formula", "Example"]
    assert "computed when asked, no build keeps it" in said(page)


def test_an_address_cannot_put_a_link_of_its_own_on_the_page(visit_demo: Visit) -> None:
    page = visit_demo("catalogue", metric="sharpe", symbol="[AAPL](http://elsewhere)<b>")
    assert "](http://elsewhere" not in said(page) and "<b>" not in said(page)
    assert links.plain("^SPX BRK-B BTC=F") == "^SPX BRK-B BTC=F"


def test_a_name_of_signs_alone_names_nobody(visit_demo: Visit) -> None:
    """It is no subject, and what is no subject does not run the page again and again."""
    page = visit_demo("catalogue", metric="sharpe")
    of = next(box for box in page.selectbox if box.label == "Of")
    again = visit_demo("catalogue", {of.key: "!!!"}, metric="sharpe")
    assert not again.exception
    assert again.subheader[0].value == "Sharpe"


def test_an_address_says_the_same_there_and_back() -> None:
    asked = links.Asked(underlying="^SPX", expiry="2026-12-18", where=("strike:550.0", "is_call:true"))
    address = links.address("delta", asked)
    assert links.asked_in(parse_qs(urlsplit(address).query)) == asked
    assert asked.meant().keys == {"strike": "550.0", "is_call": "true"} and asked.subject == "^SPX"
