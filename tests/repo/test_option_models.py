"""Real chains through the models' own SQL: what comes out beside other programs, and what says why nothing does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from bench.option_models import build, open_market, receive
from ingest.record import OPTION_QUOTE
from quant.settings import PROJECT_PATH, Settings, load_settings

RECORDED = PROJECT_PATH.parent / "shared" / "data"
SPX = RECORDED / "spx_options_2011-01-24.csv"
REFERENCE = RECORDED / "spx_options_2011-01-24_reference_iv.csv"
AAPL = RECORDED / "yahoo" / "options-AAPL.json"
VOL_POINT = 0.01

# The reference counts whole days, and its rates are a curve of their own: so do we here.
SPX_QUOTES = f"""
select
    'recorded' as source, '^SPX' as underlying, 'run' as ingest_run_id,
    strftime(dtExpiry, 'SPX%y%m%d') || Type || lpad((1000 * Strike)::bigint::varchar, 8, '0') as contract_symbol,
    dtExpiry as expiry_on, seen_at + to_days((dtExpiry - dtTrade)::integer) as expires_at, Type = 'C' as is_call,
    Strike as strike, PBid as bid, PAsk as ask, null::double as last_price, seen_at as last_trade_at,
    0::bigint as volume, 0::bigint as open_interest, null::double as vendor_iv, 'USD' as currency, Spot as spot,
    seen_at as quoted_at, seen_at as fetched_at, seen_at::date as date
from '{SPX}'
cross join (select timestamptz '2011-01-24 19:03:00+00' as seen_at)
where dtExpiry > dtTrade
"""

needs_spx = pytest.mark.skipif(not SPX.is_file(), reason="the recorded SPX quotes of 2011-01-24 are not there")
needs_aapl = pytest.mark.skipif(not AAPL.is_file(), reason="the recorded AAPL chain of 2025-02-24 is not there")


@pytest.fixture(scope="module")
def spx() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as reader:
        rates = reader.execute(f"select distinct round(365 * TTM)::integer, iRate from '{REFERENCE}'").fetchall()
    settings = with_options(load_settings(), rates=dict(rates))
    with open_market(settings) as connection:
        connection.execute(f"create table given_quotes as {SPX_QUOTES}")
        receive(connection, "given_quotes", settings)
        build(connection, settings)
        connection.execute(f"create view reference as from '{REFERENCE}'")
        yield connection


def with_options(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update={"options": settings.options.model_copy(update=changes)})


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    [row] = connection.execute(query).fetchall()
    return tuple(row)


@needs_spx
def test_volatility_of_the_mid_is_the_references(spx: duckdb.DuckDBPyConnection) -> None:
    """The reference's IVMid of calls is, despite its name, the volatility of the bid: ours of the bid is compared."""
    count, of_puts, of_calls = one(
        spx,
        """
        select
            count(*),
            median(abs(implied_vol - IVMid)) filter (not is_call),
            median(abs(bs_implied_vol(bid, is_call, spot, strike, years, rate, dividend_yield).iv - IVMid))
                filter (is_call)
        from (select dtExpiry as expiry_on, Strike as strike, Type = 'C' as is_call, IVMid from reference)
        join (from options.priced_quotes select * exclude (is_american)) using (expiry_on, strike, is_call)
        where iv_status = 'ok'
        """,
    )
    assert count == 139
    assert of_puts < 0.1 * VOL_POINT and of_calls < 0.1 * VOL_POINT


@needs_spx
def test_forwards_by_parity_are_the_references(spx: duckdb.DuckDBPyConnection) -> None:
    """Of an index at 1,290 quoted a point wide: the reference fits all strikes, ours only those near the spot."""
    count, worst = one(
        spx,
        "select count(*), max(abs(forward - Fwd)) from options.forwards "
        "join (select distinct dtExpiry as expiry_on, Fwd from reference) using (expiry_on) "
        "where forward_method = 'regression'",
    )
    assert count == 8
    assert worst < 0.25


@needs_spx
def test_the_fitted_surface_admits_no_arbitrage_of_our_own_making(spx: duckdb.DuckDBPyConnection) -> None:
    fitted, least_g = one(spx, "select count(*) filter (svi_status = 'ok'), min(svi_min_g) from options.svi_fits")
    assert fitted == 9 and least_g >= 0
    assert one(spx, "select count(*) from serving.option_checks where rule like 'svi%'") == (0,)


@needs_spx
def test_a_quote_without_volatility_says_why(spx: duckdb.DuckDBPyConnection) -> None:
    """Wide quotes have no mid; a mid below intrinsic value is that of an option deep in the money, a spread wide."""
    reasons = spx.execute(
        "select quality, iv_status, count(*) filter (is_out_of_the_money(is_call, strike, forward)) "
        "from options.priced_quotes where implied_vol is null group by all order by all"
    ).fetchall()
    assert [row[:2] for row in reasons] == [("two_sided", "below_intrinsic"), ("wide", "null_input")]
    assert reasons[0][2] == 0


@needs_aapl
def test_a_chain_from_before_the_open_says_why_it_is_empty() -> None:
    """101 of its 102 contracts have bid = ask = 0; the other one last traded a month before."""
    settings = load_settings()
    with open_market(settings) as connection:
        connection.register("given_rows", recorded_chain(AAPL))
        connection.execute("create table given_quotes as select *, fetched_at::date as date from given_rows")
        receive(connection, "given_quotes", settings)
        build(connection, settings)
        said = (
            "no quote has a usable bid and ask: 101 no_quote (neither bid nor ask, or one of them missing), "
            "1 stale (not traded for days)"
        )
        chain = "select underlying, count_quotes, count_two_sided, count_priced, reason from serving.option_chains"
        assert one(connection, chain) == ("AAPL", 102, 0, 0, said)
        assert one(connection, "select count(*) from serving.option_surface") == (0,)
        assert one(connection, "select forward_method, atm_forward_iv, svi_status from serving.option_expiries") == (
            "configured",
            None,
            "too_few_strikes",
        )
        connection.execute(
            "insert into staging.ingest_runs by name select 'run' as ingest_run_id, 'yahoo' as source, "
            "'options' as dataset, '^VXAPL' as symbol, 'empty' as status, 0 as row_count, 0 as count_duplicates, "
            "0 as count_ignored, 0 as count_dead_letters, now() as started_at, now() as updated_at"
        )
        empty = "select count_quotes, reason from serving.option_chains where underlying = '^VXAPL'"
        assert one(connection, empty) == (0, "the vendor lists no contract")


def recorded_chain(path: Path) -> pa.Table:
    answer = json.loads(path.read_text())["optionChain"]["result"][0]
    quote, chain = answer["quote"], answer["options"][0]
    quoted_at = datetime.fromtimestamp(quote["regularMarketTime"], UTC)
    expiry_on = datetime.fromtimestamp(chain["expirationDate"], UTC).date()
    return pa.Table.from_pylist(
        [
            {
                **{"source": "yahoo", "underlying": "AAPL", "ingest_run_id": "run", "fetched_at": quoted_at},
                **{"quoted_at": quoted_at, "spot": quote["regularMarketPrice"], "currency": "USD"},
                "contract_symbol": row["contractSymbol"],
                "expiry_on": expiry_on,
                "expires_at": datetime(expiry_on.year, expiry_on.month, expiry_on.day, 21, tzinfo=UTC),
                "is_call": side == "calls",
                "strike": float(row["strike"]),
                "bid": float(row.get("bid", 0)),
                "ask": float(row.get("ask", 0)),
                "last_trade_at": datetime.fromtimestamp(row["lastTradeDate"], UTC),
            }
            for side in ("calls", "puts")
            for row in chain[side]
        ],
        OPTION_QUOTE,
    )
