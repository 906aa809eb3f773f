"""Real quotes, where the folder with recorded market data lies beside the project."""

import json
from datetime import UTC, datetime

import duckdb
import numpy as np
import pytest

from quant.settings import PROJECT_PATH
from udfs.implied_vol import OK, implied_vol

RECORDED = PROJECT_PATH.parent / "shared" / "data"
SPX = RECORDED / "spx_options_2011-01-24_reference_iv.csv"
AAPL = RECORDED / "yahoo" / "options-AAPL.json"


@pytest.mark.skipif(not SPX.is_file(), reason="the recorded SPX quotes of 2011-01-24 are not there")
def test_volatilities_of_real_quotes_are_those_of_quantlib() -> None:
    """The reference gives puts at the mid to 1e-4, and calls, despite the column's name, at the bid to 1e-5."""
    with duckdb.connect() as connection:
        quotes = connection.read_csv(str(SPX)).fetchnumpy()
    is_call = np.array([kind == "C" for kind in quotes["Type"]])
    price = np.where(is_call, quotes["PBid"], (quotes["PBid"] + quotes["PAsk"]) / 2)
    contract = (quotes[name].astype(float) for name in ("Spot", "Strike", "TTM", "iRate", "iDiv"))
    iv, status = implied_vol(price, is_call, *contract)
    assert (status == OK).all() and len(status) == 139
    error = np.abs(iv - quotes["IVMid"])
    assert error[is_call].max() < 1e-5 and error[~is_call].max() < 2e-4


@pytest.mark.skipif(not AAPL.is_file(), reason="the recorded AAPL chain of 2025-02-24 is not there")
def test_a_chain_from_before_the_open_has_no_usable_quote(formulas: duckdb.DuckDBPyConnection) -> None:
    """101 of its 102 contracts have bid = ask = 0; the other one last traded a month before."""
    answer = json.loads(AAPL.read_text())["optionChain"]["result"][0]
    quoted_at = datetime.fromtimestamp(answer["quote"]["regularMarketTime"], UTC)
    qualities = [
        formulas.execute(
            "select quote_quality($bid, $ask, $last_trade_at, $quoted_at, 'America/New_York')",
            {
                "bid": float(quote.get("bid", 0)),
                "ask": float(quote.get("ask", 0)),
                "last_trade_at": datetime.fromtimestamp(quote["lastTradeDate"], UTC),
                "quoted_at": quoted_at,
            },
        ).fetchall()[0][0]
        for side in ("calls", "puts")
        for quote in answer["options"][0][side]
    ]
    assert sorted(qualities) == ["no_quote"] * 101 + ["stale"]
