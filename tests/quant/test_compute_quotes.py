"""Metrics of options from the caller's own quotes: what may be handed in, what it means, what is refused."""

import csv
import io
import warnings
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import quant
from quant.cli.computing import compute_file
from quant.errors import DataError, DataWarning, MetricError

CLOSE, EXPIRY = datetime(2026, 11, 20, 21, tzinfo=UTC), datetime(2026, 12, 18, 21, tzinfo=UTC)


def chain(**others: Any) -> dict[str, list[Any]]:
    """Calls and puts at 95, 100, 105; call minus put is 102 - K without a rate."""
    strikes = [95.0, 100.0, 105.0] * 2
    mids = [9.0, 5.0, 2.0, 2.0, 3.0, 5.0]
    columns: dict[str, Any] = {
        "quoted_at": [CLOSE] * 6, "expires_at": [EXPIRY] * 6, "strike": strikes, "is_call": [True] * 3 + [False] * 3,
        "bid": [mid - 0.1 for mid in mids], "ask": [mid + 0.1 for mid in mids], "spot": [101.0] * 6, "rate": [0.0] * 6,
        "open_interest": [10, 20, 5, 7, 9, 11], "volume": [1] * 6,
    }  # fmt: skip
    return {name: each for name, each in {**columns, **others}.items() if each is not None}


def asked(metric: str, given: Any = None, **parameters: Any) -> list[dict[str, Any]]:
    return list(quant.compute(metric, quotes=pa.table(chain() if given is None else given), **parameters).to_pylist())


FORWARD = {"symbol": "quotes", "ts": CLOSE, "expires_at": EXPIRY, "value": pytest.approx(102, rel=1e-12)}


def test_an_answer_has_symbol_ts_expiry_strike_and_value() -> None:
    assert asked("implied_forward") == [FORWARD]
    assert list(asked("put_call_parity_residual", dividend_yield=0.0)[0]) == [
        "symbol",
        "ts",
        "expires_at",
        "strike",
        "value",
    ]
    assert [row["strike"] for row in asked("implied_vol")] == [95, 95, 100, 100, 105, 105]
    assert asked("max_pain")[0]["value"] == 100
    assert asked("call_wall") == [{"symbol": "quotes", "ts": CLOSE, "expires_at": None, "value": 100}]


def test_all_that_reads_as_rows_may_be_handed_in(tmp_path: Path) -> None:
    table = pa.table(chain(symbol=["X"] * 6))
    relation = duckdb.from_arrow(table)
    relation.write_csv(str(tmp_path / "x.csv"))
    relation.write_parquet(str(tmp_path / "x.parquet"))
    expected = [{**FORWARD, "symbol": "X"}]
    for given in (table, relation, table.to_pandas(), tmp_path / "x.csv", str(tmp_path / "x.parquet")):
        assert quant.compute("implied_forward", quotes=given).to_pylist() == expected
    assert quant.compute("implied_forward", table).to_pylist() == expected


@pytest.mark.parametrize(
    "others",
    [
        {"expires_at": None, "expiry": [date(2026, 12, 18)] * 6},
        {"expires_at": None, "expiry": ["2026-12-18"] * 6},
        {"expires_at": None, "expiration": [datetime(2026, 12, 18)] * 6, "quoted_at": [date(2026, 11, 20)] * 6},
        {"quoted_at": None, "asof": ["2026-11-20T16:00:00-05:00"] * 6},
        {"is_call": None, "right": ["C", "call", "CALL", "P", "put", " p "]},
        {"rate": None, "r": [0.0] * 6, "dividend_yield": None, "q": [0.0] * 6},
        {"rate": None, "q": [0.01] * 6},
    ],
)
def test_columns_may_have_their_other_names_and_a_date_is_its_close_in_new_york(others: dict[str, Any]) -> None:
    constant = {"rate": 0.0} if others.get("rate", 0) is None and "r" not in others else {}
    assert asked("implied_forward", chain(**others), **constant) == [FORWARD]


def test_a_mid_counts_before_bid_and_ask_and_no_other_column_does() -> None:
    mids = [10.0, 6.0, 3.0, 2.0, 3.0, 5.0]
    assert asked("implied_forward", chain(mid=mids))[0]["value"] == pytest.approx(103)
    assert asked("implied_forward", chain(mid=mids, bid=None, ask=None))[0]["value"] == pytest.approx(103)
    assert asked("implied_forward", chain(mid_exact=mids)) == [FORWARD]


def test_quotes_without_a_bid_or_crossed_have_no_mid() -> None:
    bids, asks = chain()["bid"], chain()["ask"]
    assert asked("implied_forward", chain(bid=[0, *bids[1:]], ask=[*asks[:2], 0.5, *asks[3:]]))[0]["value"] == 102
    with pytest.warns(DataWarning, match="1 of 1 expiries have no strike whose call and put both have a mid"):
        assert asked("atm_forward_iv", chain(bid=[0.0] * 6))[0]["value"] is None


def test_american_options_are_read_at_the_side_out_of_the_money() -> None:
    """At 95 the put, at 100 too: the forward is 102."""
    vols = {(row["strike"], row["is_call"]): row["value"] for row in asked("implied_vol")}
    european = asked("atm_spot_iv", chain(spot=[100.0] * 6))[0]["value"]
    for given in ({"is_american": [True] * 6}, {"exercise": ["American"] * 6}):
        american = asked("atm_spot_iv", chain(spot=[100.0] * 6, **given))[0]["value"]
        assert american == pytest.approx(vols[100, False], rel=0.02) and american != european


def test_snapshots_of_one_chain_are_chains_of_their_own() -> None:
    later = chain(quoted_at=[CLOSE.replace(hour=22)] * 6, mid=[10.0, 6.0, 3.0, 2.0, 3.0, 5.0])
    both = pa.concat_tables([pa.table(chain(mid=[9.0, 5.0, 2.0, 2.0, 3.0, 5.0])), pa.table(later)])
    assert [row["value"] for row in asked("implied_forward", both)] == [pytest.approx(102), pytest.approx(103)]
    with pytest.warns(DataWarning, match="6 rows have the strike of a later row"):
        assert len(asked("implied_forward", pa.concat_tables([pa.table(chain())] * 2))) == 1


def test_quotes_with_an_instant_for_each_strike_are_doubted_unless_they_name_their_chain() -> None:
    instants = [CLOSE.replace(second=place) for place in range(3)] * 2
    with pytest.warns(DataWarning, match="quoted_at differs from strike to strike, so each is a chain of its own"):
        assert len(asked("implied_forward", chain(quoted_at=instants))) == 3
    [row] = asked("implied_forward", chain(quoted_at=instants, ingest_run_id=["one"] * 6))
    assert row["value"] == pytest.approx(102, rel=1e-12)


def test_an_expiry_is_asked_for_by_its_days() -> None:
    assert asked("implied_forward", expiry_days=28) == [FORWARD]
    with pytest.raises(DataError, match="no expiry is 30 days after the quotes; there are 28"):
        asked("implied_forward", expiry_days=30)
    with pytest.raises(MetricError, match="call_wall is of the whole chain: leave expiry_days out"):
        asked("call_wall", expiry_days=28)


@pytest.mark.parametrize(
    ("metric", "others", "parameters", "said"),
    [
        ("implied_forward", {"strike": None}, {}, "quotes has no column 'strike': quotes of options need quoted_at"),
        ("implied_forward", {"expires_at": None}, {}, "no column 'expiry' (or expires_at)"),
        ("implied_forward", {"is_call": None}, {}, "no column 'right' (or is_call; C or P)"),
        ("implied_forward", {"bid": None}, {}, "no column 'bid'"),
        ("implied_vol", {"ask": None}, {}, "no column 'ask'"),
        ("implied_forward", {"quoted_at": None}, {}, "no column 'quoted_at'"),
        (
            "implied_forward",
            {"rate": None},
            {},
            "needs the column 'rate', which quotes has not: add it, or give rate=0.04",
        ),
        ("iv_25d_call", {"rate": None}, {}, "needs the column 'rate'"),
        ("gamma_flip", {"spot": None}, {}, "gamma_flip needs the column 'spot'"),
        (
            "gex",
            {"open_interest": None},
            {},
            "gex needs the column 'open_interest', which quotes has not: add it, the open",
        ),
        ("put_call_ratio_volume", {"volume": None}, {}, "needs the column 'volume'"),
        (
            "implied_forward",
            {"is_call": ["C", "P", "X", "P", "P", "P"]},
            {},
            "row 3: is_call = 'X' is none of c, call, p, put",
        ),
        (
            "implied_forward",
            {"strike": [95.0, -1, 105, 95, 100, 105]},
            {},
            "row 2: strike = -1.0 is no strike, which is a price above 0",
        ),
        ("implied_forward", {"expires_at": ["soon"] * 6}, {}, "row 1: expires_at = 'soon' is not an instant"),
        ("implied_forward", {}, {"rate": "high"}, "rate must be a number, not 'high'"),
        ("iv_25d_call", {}, {"delta": 25}, "delta must be a number between 0 and 1, not 25"),
        ("atm_iv_constant_maturity", {}, {"interp": "cubic"}, "the one way there is, not 'cubic'"),
        ("implied_forward", {}, {"n": 2}, "implied_forward takes near"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    metric: str, others: dict[str, Any], parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises((DataError, MetricError)) as refused:
        asked(metric, chain(**others), **parameters)
    assert said in str(refused.value)


def test_a_metric_says_which_rows_it_needs() -> None:
    with pytest.raises(MetricError, match="max_pain needs quotes: give quotes="):
        quant.compute("max_pain")
    with pytest.raises(MetricError, match="rsi takes no quotes: leave quotes= out"):
        quant.compute("rsi", pa.table(chain()), quotes=pa.table(chain()))
    with pytest.raises(MetricError, match="variance_risk_premium needs bars: give bars="):
        quant.compute("variance_risk_premium", quotes=pa.table(chain()))


def test_a_yield_that_is_not_said_is_doubted_where_it_matters() -> None:
    with pytest.warns(DataWarning, match="implied_borrow takes the dividend yield as 0: give dividend_yield=0.013"):
        asked("implied_borrow")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked("implied_borrow", dividend_yield=0.01)
        asked("atm_forward_iv")


def test_a_premium_takes_quotes_and_bars() -> None:
    """A chain without an expiry on either side of 30 days has no volatility for it."""
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 21)]
    bars = pa.table({"ts": days, "close": [100.0 + day.day % 3 for day in days], "symbol": ["quotes"] * 20})
    wide = pa.concat_tables(
        [pa.table(chain()), pa.table(chain(expires_at=[datetime(2027, 1, 15, 21, tzinfo=UTC)] * 6))]
    )
    [row] = quant.compute("variance_risk_premium", bars, quotes=wide, n=5).to_pylist()
    assert row["symbol"] == "quotes" and isinstance(row["value"], float)


def test_the_prompt_takes_a_file_of_quotes(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "chain.csv"
    duckdb.from_arrow(pa.table(chain(rate=None))).write_csv(str(path))
    compute_file("implied_forward", None, None, None, ["rate=0"], None, "csv", str(path))
    [row] = csv.DictReader(io.StringIO(capfd.readouterr().out))
    assert row["symbol"] == "chain" and float(row["value"]) == pytest.approx(102)
    with pytest.raises(DataError, match=r"give --param rate=0\.04"):
        compute_file("implied_forward", None, None, None, [], None, "csv", str(path))
    with pytest.raises(MetricError, match="implied_forward needs quotes: give --quotes FILE"):
        compute_file("implied_forward", None, None, None, [], None, "csv")
