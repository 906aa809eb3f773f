"""The chain of an expiry: calls and puts by strike, as they are stored."""

import re
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.views.options.chain import row_of
from tests.dashboard.chain_pages import sheet

Visit = Callable[..., AppTest]
Ask = Callable[..., list[Any]]


def test_chain_shows_each_strike_with_its_call_and_its_put(visit_demo: Visit, sql: Ask) -> None:
    ((day,),) = sql("select min(expiry_on) from serving.option_expiries where underlying = 'AAPL'")
    seen = visit_demo("options", symbol="AAPL", view="Chain", expiry=f"{day}", strikes="200")
    shown = {row[9]: row for row in sheet(seen)}
    quotes = sql(
        """
        select strike, is_call, open_interest, bid, ask, implied_vol, delta, gamma, vega_per_point, theta_per_day
        from serving.option_quotes where underlying = 'AAPL' and expiry_on = ?
        """,
        day,
    )
    assert len(shown) == len({strike for strike, *_ in quotes}) > 20
    for strike, is_call, held, bid, ask, vol, delta, gamma, vega, theta in quotes:
        row = shown[f"{strike:,g}"]
        digits = [(held, ",.0f"), (bid, ",.2f"), (ask, ",.2f"), (vol, ".2%"), (delta, ".3f"), (gamma, ".4f")]
        digits += [(vega, ".3f"), (theta, ".3f")]
        texts = ["-" if value is None else f"{value:{how}}" for value, how in digits]
        places = (0, 7, 8, 6, 5, 4, 3, 2) if is_call else (18, 10, 11, 12, 13, 14, 15, 16)
        assert [row[place] for place in places] == texts, (strike, is_call)


def test_chain_marks_the_strike_at_the_money_and_keeps_to_the_nearest(visit_demo: Visit, sql: Ask) -> None:
    ((day, forward),) = sql(
        "select expiry_on, forward from serving.option_expiries where underlying = 'AAPL' order by expires_at limit 1"
    )
    seen = visit_demo("options", symbol="AAPL", view="Chain", expiry=f"{day}")
    (body,) = [element.proto.body for element in seen.get("html") if 'class="sheet' in element.proto.body]
    marked = re.findall(r'<th scope="row" class="strike near">([^<]*)</th>', body)
    strikes = sql("select distinct strike from serving.option_quotes where underlying = 'AAPL' and expiry_on = ?", day)
    assert marked == [f"{min((abs(strike - forward), strike) for (strike,) in strikes)[1]:,g}"]
    assert len(sheet(seen)) == 25


def test_data_below_the_chain_have_all_digits(visit_demo: Visit, sql: Ask) -> None:
    ((day,),) = sql("select min(expiry_on) from serving.option_expiries where underlying = 'AAPL'")
    asked = {"symbol": "AAPL", "view": "Chain", "expiry": f"{day}", "strikes": "200"}
    (table,) = visit_demo("options", {"expander_chain_AAPL": True}, **asked).dataframe
    expected = sql(
        "select strike, delta from serving.option_quotes "
        "where underlying = 'AAPL' and expiry_on = ? and is_call and delta is not null order by strike",
        day,
    )
    shown = table.value[["strike", "call_delta"]].dropna()
    assert list(shown.itertuples(index=False, name=None)) == expected


def test_without_a_forward_nothing_is_in_the_money() -> None:
    names = (
        "open_interest",
        "volume",
        "theta_per_day",
        "vega_per_point",
        "gamma",
        "delta",
        "implied_vol",
        "bid",
        "ask",
    )
    quoted = {f"{side}_{name}": None for side in ("call", "put") for name in (*names, "share", "quality", "iv_status")}
    cells = row_of({**quoted, "strike": 100.0, "forward": None, "is_at_the_money": False})
    assert not any("inside" in cell.marked for cell in cells)
