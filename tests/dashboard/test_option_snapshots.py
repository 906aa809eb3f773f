"""The options page over chains that are past, empty, without volatility, or very long.

The demo build has one chain an underlying; the past one here is its rows once more under an older name, with one figure
of each relation doubled.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import formats
from dashboard.views.options import chains, page
from quant.settings import PROJECT_PATH
from tests.dashboard.chain_pages import drawn, marks, sheet, tiles

Visit = Callable[..., AppTest]
Ask = Callable[..., list[Any]]
OLD = "20261101T150000.000000Z-0000aa"
OLD_CHAIN = {"symbol": "AAPL", "day": "2026-11-01", "snapshot": "2026-11-01 15:00:00 0000aa"}
# What is doubled in the past chain of the fixture, and the view, chart and column that show it.
DOUBLED = {
    "option_snapshots": "spot",
    "option_snapshot_surface": "implied_vol",
    "option_snapshot_expiries": "atm_forward_iv",
    "option_snapshot_maturities": "atm_iv_constant_maturity",
    "option_snapshot_exposure": "call_gex",
    "option_snapshot_parity": "put_call_parity_residual",
    "option_snapshot_quotes": "bid",
}
SHOWN = {
    "Surface": ("by strike and expiry", "implied_vol"),
    "Smile": ("quoted volatility", "implied_vol"),
    "Term": ("of the 25-delta put", "atm_forward_iv"),
    "Exposure": ("gamma exposure", "call_gex"),
    "Parity": ("less put", "put_call_parity_residual"),
}


@pytest.fixture(scope="module")
def copies(sql: Ask, tmp_path_factory: pytest.TempPathFactory) -> str:
    """SQL that fills empty relations with AAPL's chain of the demo build, and an older one with doubled figures."""
    folder = tmp_path_factory.mktemp("chains")
    statements = [m4()]
    for relation in [*DOUBLED, "option_chains", "option_history"]:
        file = folder / f"{relation}.parquet"
        sql(f"copy (select * from serving.{relation} where underlying = 'AAPL') to '{file}'")
        statements.append(f"insert into serving.{relation} by name from '{file}'")
    for relation, column in DOUBLED.items():
        replaced = [f"'{OLD}' as ingest_run_id", f"2 * {column} as {column}"]
        if relation == "option_snapshots":
            replaced += ["false as is_newest", "timestamptz '2026-11-01 15:00:01Z' as fetched_at"]
        older = f"select * replace ({', '.join(replaced)}) from '{folder / relation}.parquet'"
        statements.append(f"insert into serving.{relation} by name {older}")
    return ";\n".join(statements)


def m4() -> str:
    """The macro that down-samples lines, as a build has it."""
    text = (PROJECT_PATH / "macros" / "formulas" / "80_charts.sql").read_text()
    return "create or replace macro m4" + text.partition("create or replace macro m4")[2].partition(";")[0]


@pytest.fixture
def visit_both(visit: Visit, publish_empty: Callable[..., None], copies: str) -> Visit:
    publish_empty(insert=copies)
    return visit


def test_a_past_snapshot_shows_its_own_numbers_in_every_view(visit_both: Visit, sql: Ask) -> None:
    for view, (about, column) in SHOWN.items():
        new = drawn(visit_both("options", symbol="AAPL", view=view), about, column)
        old = drawn(visit_both("options", view=view, **OLD_CHAIN), about, column)
        assert new and old == [(value and 2 * value,) for (value,) in new], view
    ((spot,),) = sql("select spot from serving.option_chains where underlying = 'AAPL'")
    seen = visit_both("options", view="Chain", **OLD_CHAIN)
    said = " ".join(caption.value for caption in seen.caption)
    assert f"Spot **{formats.price(2 * spot)}**" in said and "A past chain" in said
    assert OLD in seen.caption[-1].value
    bids = [row[7] for row in sheet(visit_both("options", symbol="AAPL", view="Chain"))]
    assert [row[7] for row in sheet(seen)] == [
        bid if bid == "-" else f"{2 * float(bid.replace(',', '')):,.2f}" for bid in bids
    ]


def test_a_figure_of_a_past_chain_does_not_lead_to_that_of_the_newest(visit_both: Visit) -> None:
    """Where it cannot be explained, the page of the catalogue says so."""
    new, old = ([tile.label for tile in visit_both("options", **asked).metric] for asked in ({}, OLD_CHAIN))
    assert len(new) == len(old) and not any("ingest_run_id" in label for label in new)
    assert all(f"where=ingest_run_id%3A{OLD}" in label for label in old)


def test_snapshots_are_offered_newest_first(visit_both: Visit) -> None:
    seen = visit_both("options", **OLD_CHAIN)
    days, snapshots = seen.selectbox
    assert days.options[0] == chains.NEWEST and days.options[-1] == "2026-11-01"
    assert days.options[1:] == sorted(days.options[1:], reverse=True)
    assert snapshots.options == ["2026-11-01 15:00:00 0000aa"]


def test_a_run_is_named_by_when_it_began() -> None:
    assert chains.name("20261122T130501.123456Z-9f3ac1") == "2026-11-22 13:05:01 9f3ac1"
    assert chains.name("by-hand") == "by-hand"


def test_an_underlying_without_contracts_says_why(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(
        insert="insert into serving.option_chains by name select 'yahoo' as source, '^VXAPL' as underlying, "
        "'a' as ingest_run_id, 0 as count_quotes, 'the vendor lists no contract' as reason, now() as fetched_at"
    )
    seen = visit("options")
    assert not seen.exception and not seen.warning
    assert "The newest chain of ^VXAPL has no implied volatility" in " ".join(each.value for each in seen.markdown)
    assert "Reason: the vendor lists no contract." in [caption.value for caption in seen.caption]


def test_a_chain_without_volatility_says_why_and_shows_its_quotes(
    visit: Visit, publish_empty: Callable[..., None]
) -> None:
    why = "no quote has a usable bid and ask"
    chain = "'yahoo' as source, 'AAPL' as underlying, 'a' as ingest_run_id, now() as quoted_at"
    expiry = "date '2026-12-18' as expiry_on, timestamptz '2026-12-18 21:00Z' as expires_at, 0.1 as years, 100 as spot"
    whole = f"{chain}, now() as fetched_at, 2 as count_quotes, 0 as count_priced, '{why}' as reason"
    quote = f"{chain}, {expiry}, 100 as strike, 101 as forward, 'no_quote' as quality, 'null_input' as iv_status"
    publish_empty(
        insert=f"""
        {m4()};
        insert into serving.option_chains by name select {whole};
        insert into serving.option_snapshots by name select {whole}, true as is_newest, 100 as spot;
        insert into serving.option_snapshot_expiries by name select {chain}, {expiry}, 101 as forward;
        insert into serving.option_snapshot_quotes by name
            select {quote}, is_call from (values (true), (false)) as t(is_call)
        """
    )
    for view in page.VIEWS:
        seen = visit("options", view=view)
        assert not seen.exception and not seen.error and not seen.warning, view
        assert f"Reason: {why}." in [caption.value for caption in seen.caption]
        assert tiles(seen)["ATM volatility, 30 d"] == "n/a"
    assert [row[9] for row in sheet(visit("options", view="Chain"))] == ["100"]


LONG = """
insert into serving.option_chains by name
    select 'yahoo' as source, 'SPX' as underlying, 'a' as ingest_run_id, 24000 as count_quotes, now() as fetched_at;
insert into serving.option_snapshots by name
    select 'yahoo' as source, 'SPX' as underlying, 'a' as ingest_run_id, true as is_newest, 24000 as count_quotes,
        now() as fetched_at, 6000 as spot;
create table long as
    select
        'yahoo' as source, 'SPX' as underlying, 'a' as ingest_run_id, 6000 as spot, 6000 as forward, 100 * s as strike,
        ln(100 * s / 6000) as log_moneyness, date '2026-12-01' + e::integer as expiry_on,
        timestamptz '2026-12-01 21:00Z' + to_days(e::integer) as expires_at, (e + 5) / 365 as years, 0.2 as implied_vol,
        0.21 as svi_vol, -0.01 as svi_error, 0.22 as ssvi_vol, s > 60 as is_call, 5.0 as call_gex, -4.0 as put_gex,
        1.0 as strike_gex, 0.1 as put_call_parity_residual, false as is_violation, 0.2 as atm_forward_iv
    from range(40) as expiries(e), range(1, 301) as strikes(s);
"""


MARKS = {"Surface": 2, "Smile": 4, "Exposure": 3, "Parity": 1, "Term": 4}  # of a row, at most


def test_a_long_chain_is_thinned_to_2000_marks(visit: Visit, publish_empty: Callable[..., None]) -> None:
    """40 expiries of 300 strikes."""
    publish_empty(insert=LONG + ";\n".join(inserts()))
    for view, factor in MARKS.items():
        seen = visit("options", view=view)
        assert not seen.exception and not seen.warning, view
        counts = [marks(chart.proto) * factor for chart in seen.get("vega_lite_chart")]
        assert counts and 0 < max(counts) <= 2000, (view, counts)


def inserts() -> Iterator[str]:
    """The relations of the long chain."""
    columns = {
        "surface": "expiry_on, strike, forward, log_moneyness, is_call, implied_vol, svi_vol, svi_error, ssvi_vol",
        "exposure": "strike, spot, call_gex, put_gex, strike_gex",
        "parity": "strike, put_call_parity_residual, is_violation",
        "expiries": "expiry_on, years, spot, forward, atm_forward_iv",
    }
    for part, named in columns.items():
        selected = f"select distinct source, underlying, ingest_run_id, expires_at, {named} from long"
        yield f"insert into serving.option_snapshot_{part} by name {selected}"
