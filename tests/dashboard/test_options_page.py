"""The options page: each number and point is the warehouse's, at full precision."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import formats
from dashboard.views.options import page
from quant.explanation.answer import ALIASES
from tests.dashboard.chain_pages import drawn, marks, sheet, tiles

Visit = Callable[..., AppTest]
Ask = Callable[..., list[Any]]


def test_headline_is_the_newest_chain(visit_demo: Visit, sql: Ask) -> None:
    page_of_spy = visit_demo("options", symbol="SPY")
    shown = tiles(page_of_spy)
    ((rank,),) = sql(
        "select iv_rank from serving.option_history where underlying = 'SPY' order by quoted_at desc limit 1"
    )
    ((spot, vol, index, ratio),) = sql(
        "select spot, atm_iv_30d, vix_style_index, put_call_ratio_oi from serving.option_chains "
        "where underlying = 'SPY'"
    )
    ((day, skew, move),) = sql(
        "select expiry_on, risk_reversal_25d, expected_move from serving.option_expiries where underlying = 'SPY' "
        "order by abs(years * 365 - 30) limit 1"
    )
    assert shown == {
        "ATM volatility, 30 d": f"{vol:.2%}",
        "VIX-style index": f"{index:.2%}",
        f"25-delta skew, {day:%d %b}": f"{skew * 100:.2f} pts",
        f"Expected move, {day:%d %b}": f"{move:,.2f}",
        "Put/call, open": f"{ratio:.2f}",
        "IV rank": "n/a" if rank is None else f"{rank:.0%}",
    }
    assert f"Spot **{spot:,.2f}**" in " ".join(caption.value for caption in page_of_spy.caption)


def test_cells_and_smiles_are_the_surface(visit_demo: Visit, sql: Ask) -> None:
    seen = visit_demo("options", symbol="AAPL")
    columns = ("expires_at", "strike", "log_moneyness", "is_call", "implied_vol", "svi_vol")
    expected = sql(
        f"select {', '.join(columns)} from serving.option_surface "
        "where underlying = 'AAPL' and implied_vol is not null order by expires_at, strike"
    )
    assert len(expected) > 50
    assert drawn(seen, "by strike and expiry", *columns) == expected
    assert drawn(seen, "smile of each expiry", *columns) == expected


def test_smile_is_that_of_the_chosen_expiry(visit_demo: Visit, sql: Ask) -> None:
    ((day, forward, level),) = sql(
        "select expiry_on, forward, atm_forward_iv from serving.option_expiries where underlying = 'AAPL' "
        "order by expires_at limit 1"
    )
    seen = visit_demo("options", symbol="AAPL", view="Smile", expiry=f"{day}")
    columns = ("strike", "implied_vol", "svi_vol", "svi_error", "ssvi_vol")
    expected = sql(
        f"select {', '.join(columns)} from serving.option_surface where underlying = 'AAPL' and expiry_on = ? "
        "order by strike",
        day,
    )
    assert expected and drawn(seen, "quoted volatility", *columns) == expected
    assert (tiles(seen)["Forward"], tiles(seen)["ATM volatility"]) == (formats.price(forward), f"{level:.2%}")


def test_fits_are_those_of_the_expiries(visit_demo: Visit, sql: Ask) -> None:
    shown = sheet(visit_demo("options", symbol="AAPL", view="Smile"))
    expected = sql(
        "select expiry_on, count_strikes, svi_a, svi_rho, svi_status from serving.option_expiries "
        "where underlying = 'AAPL' order by expires_at"
    )
    assert [(row[0], row[1], row[2], row[4], row[-1]) for row in shown] == [
        (f"{day}", f"{count}", f"{a:.5f}", f"{rho:.5f}", status) for day, count, a, rho, status in expected
    ]


def test_term_structure_is_of_expiries_and_of_constant_days(visit_demo: Visit, sql: Ask) -> None:
    points = drawn(visit_demo("options", symbol="SPY", view="Term"), "volatility by days", "series", "days", "vol")
    for series, column in {
        "At the forward": "atm_forward_iv",
        "Model-free": "model_free_vol",
        "Between expiries": "forward_vol",
    }.items():
        expected = sql(
            f"select years * 365, {column} from serving.option_expiries "
            f"where underlying = 'SPY' and {column} is not null order by expires_at"
        )
        assert expected and [(days, vol) for name, days, vol in points if name == series] == expected, series
    constant = sql(
        "select days::double, atm_iv_constant_maturity from options.constant_maturity "
        "where underlying = 'SPY' and atm_iv_constant_maturity is not null order by days"
    )
    assert constant and [(days, vol) for name, days, vol in points if name == "Constant maturity"] == constant


@pytest.mark.parametrize(
    ("about", "columns"),
    [
        ("of the 25-delta put", ("iv_25d_put", "atm_forward_iv", "iv_25d_call")),
        ("risk reversal", ("risk_reversal_25d", "butterfly_25d")),
        ("standard deviation", ("spot", "expected_move", "expected_move_straddle")),
    ],
)
def test_wings_skew_and_moves_are_those_of_the_expiries(
    visit_demo: Visit, sql: Ask, about: str, columns: tuple[str, ...]
) -> None:
    shown = drawn(visit_demo("options", symbol="SPY", view="Term"), about, *columns)
    expected = f"select {', '.join(columns)} from serving.option_expiries where underlying = 'SPY' order by expires_at"
    assert shown == sql(expected)


def test_exposure_of_an_expiry_is_by_strike(visit_demo: Visit, sql: Ask) -> None:
    ((day, call_wall, pain),) = sql(
        "select expiry_on, call_wall, max_pain from serving.option_expiries where underlying = 'SPY' "
        "order by expires_at limit 1"
    )
    seen = visit_demo("options", symbol="SPY", view="Exposure", expiry=f"{day}")
    for about, columns in {
        "gamma exposure": ("strike", "call_gex", "put_gex", "strike_gex"),
        "open interest": ("strike", "call_open_interest", "put_open_interest"),
        "a point of volatility": ("strike", "vanna_exposure"),
        "a calendar day": ("strike", "charm_exposure"),
    }.items():
        expected = sql(
            f"select {', '.join(columns)} from serving.option_exposure "
            "where underlying = 'SPY' and (expires_at at time zone 'UTC')::date = ? order by strike",
            day,
        )
        assert expected and drawn(seen, about, *columns) == expected, about
    levels = dict(drawn(seen, "gamma exposure", "level", "strike"))
    assert (levels["Call wall"], levels["Max pain"]) == (call_wall, pain)
    assert tiles(seen)["Gamma flip"] == "n/a"  # it is of all expiries together


def test_exposure_of_all_expiries_is_their_sum(visit_demo: Visit, sql: Ask) -> None:
    seen = visit_demo("options", symbol="SPY", view="Exposure")
    shown = drawn(seen, "gamma exposure", "strike", "strike_gex")
    expected = sql(
        "select strike, sum(strike_gex order by expires_at) from serving.option_exposure where underlying = 'SPY' "
        "group by strike order by strike"
    )
    assert len(expected) > 50 and shown == expected
    ((flip, wall),) = sql("select gamma_flip, put_wall from serving.option_chains where underlying = 'SPY'")
    levels = dict(drawn(seen, "gamma exposure", "level", "strike"))
    assert (levels["Gamma flip"], levels["Put wall"]) == (flip, wall)


def test_parity_gaps_and_forwards_are_the_relations(visit_demo: Visit, sql: Ask) -> None:
    seen = visit_demo("options", symbol="AAPL", view="Parity")
    columns = ("expires_at", "strike", "put_call_parity_residual", "breach", "is_violation")
    gaps = sql(
        f"select {', '.join(columns)} from serving.option_snapshot_parity where underlying = 'AAPL' "
        "order by expires_at, strike"
    )
    assert gaps and drawn(seen, "less put", *columns) == gaps
    forwards = "select forward, discount from serving.option_expiries where underlying = 'AAPL' order by expires_at"
    assert drawn(seen, "calls and puts imply", "forward") == [(forward,) for forward, _ in sql(forwards)]
    assert [row[1:3] for row in sheet(seen)] == [[f"{price:,.2f}", f"{d:.5f}"] for price, d in sql(forwards)]


def test_violations_are_listed_or_their_absence_is(visit_demo: Visit, sql: Ask) -> None:
    seen = visit_demo("options", symbol="AAPL", view="Parity")
    expected = sql(
        "select rule, strike from serving.option_checks where underlying = 'AAPL' order by expires_at, rule, strike"
    )
    shown = [tuple(row) for table in seen.dataframe for row in table.value[["rule", "strike"]].itertuples(index=False)]
    assert shown == expected
    assert any("No violation" in element.value for element in seen.markdown) == (not expected)


def test_history_is_one_point_a_day(visit_demo: Visit, sql: Ask) -> None:
    seen = visit_demo("options", symbol="SPY", view="History")
    for series in ("atm_iv_30d", "vix_style_index", "realized_vol"):
        points = drawn(seen, "volatility of 30 days", "ts", "series", "value")
        expected = sql(
            f"select quoted_at, {series} from serving.option_history where underlying = 'SPY' order by quoted_at"
        )
        assert expected and [(ts, value) for ts, name, value in points if name == series] == expected
    ((premium, rank),) = sql(
        "select variance_risk_premium, iv_rank from serving.option_history where underlying = 'SPY' "
        "order by quoted_at desc limit 1"
    )
    assert tiles(seen)["Variance premium"] == f"{premium:.4f}"
    assert tiles(seen)["IV rank"] == ("n/a" if rank is None else f"{rank:.0%}")


@pytest.mark.parametrize("view", page.VIEWS)
def test_every_name_of_a_number_leads_to_an_explanation_that_there_is(visit_demo: Visit, sql: Ask, view: str) -> None:
    seen = visit_demo("options", symbol="SPY", view=view)
    texts = [tile.label for tile in seen.metric] + [caption.value for caption in seen.caption]
    texts += [element.proto.body for element in seen.get("html")]
    found = re.findall(r"/catalogue\?metric=(\w+)&(?:amp;)?underlying=SPY", " ".join(texts))
    known = {metric for (metric,) in sql("select metric from meta.catalog")} | set(ALIASES)
    assert len(found) >= 11 and set(found) <= known
    assert all("/catalogue?" in tile.label for tile in seen.metric)


@pytest.mark.parametrize("view", page.VIEWS)
def test_every_view_says_where_it_comes_from_and_stays_within_the_marks(visit_demo: Visit, view: str) -> None:
    seen = visit_demo("options", symbol="SPY", view=view)
    assert not seen.exception and not seen.error and not seen.warning
    assert any(caption.value.startswith("From `serving.option_") for caption in seen.caption)
    assert max((marks(chart.proto) for chart in seen.get("vega_lite_chart")), default=0) <= 2000


def test_an_underlying_view_or_day_that_is_not_there_falls_back(visit_demo: Visit) -> None:
    seen = visit_demo("options", symbol="BTCUSDT", view="NoSuch", day="1999-01-01", snapshot="x", expiry="1999-01-01")
    assert not seen.exception
    assert {chart.proto.alt.partition(":")[0] for chart in seen.get("vega_lite_chart")} == {"AAPL"}
    assert "The newest chain" in " ".join(caption.value for caption in seen.caption)
