"""Chains of two sources and two underlyings, one pulled twice, through the models' own SQL: none takes from another."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from bench import option_chain
from bench.option_models import build, open_market, receive
from quant.settings import load_settings

PULLS = (("a", "SPY", "first"), ("a", "SPY", "second"), ("b", "SPY", "first"), ("a", "QQQ", "first"))
EXPIRY = "source, underlying, ingest_run_id, expires_at"
KEYS = {
    "options.priced_quotes": "source, contract_symbol, ingest_run_id",
    "options.american_quotes": "source, contract_symbol, ingest_run_id",
    **dict.fromkeys(("options.forwards", "options.svi_fits", "options.term_structure"), EXPIRY),
    **dict.fromkeys(("options.smile", "options.exposure", "options.parity"), f"{EXPIRY}, strike"),
    "options.moneyness": f"{EXPIRY}, moneyness",
    "options.constant_maturity": "source, underlying, ingest_run_id, days",
    **dict.fromkeys(("options.chains", "options.snapshots"), "source, underlying, ingest_run_id"),
    "serving.option_snapshots": "source, underlying, ingest_run_id",
    "serving.option_snapshot_quotes": "source, contract_symbol, ingest_run_id",
    "serving.option_snapshot_expiries": EXPIRY,
    "serving.option_snapshot_surface": f"{EXPIRY}, strike",
    "serving.option_snapshot_maturities": "source, underlying, ingest_run_id, days",
    "serving.option_snapshot_parity": f"{EXPIRY}, strike",
    "serving.option_snapshot_exposure": f"{EXPIRY}, strike",
    "serving.option_chains": "source, underlying",
    "serving.option_expiries": "source, underlying, expires_at",
    "serving.option_history": "source, underlying, session_on",
    "serving.option_quotes": "source, contract_symbol",
}


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    """Each expiry comes a second after the one before, the spot 5 cents higher; two sources have daily bars of SPY."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option_chain, "EXPIRIES", 6)
        patch.setattr(option_chain, "STRIKES", 20)
        quotes = option_chain.chain().to_pylist()
    settings = load_settings()
    with open_market(settings) as connection:
        received = [pulled(row, *pull, number) for number, pull in enumerate(PULLS) for row in quotes]
        connection.register("given", pa.Table.from_pylist(received))
        connection.execute("create table given_quotes as from given")
        connection.execute(
            "insert into serving.final_bars by name select source, 'SPY' as symbol, '1d' as interval, "
            "timestamptz '2026-09-01 13:30Z' + to_days(day::integer) as ts, 252 as periods_per_year, true as is_final, "
            "600 * exp(size * (day % 2)) as adj_close from (values ('a', 0.01), ('c', 0.02)) as t(source, size), "
            "range(100) as r(day)"
        )
        receive(connection, "given_quotes", settings)
        build(connection, settings)
        yield connection


def pulled(row: dict[str, Any], source: str, underlying: str, run: str, minutes: int) -> dict[str, Any]:
    place = (row["expires_at"] - option_chain.QUOTED_AT).days // 7
    return row | {
        "source": source,
        "underlying": underlying,
        "ingest_run_id": run,
        "contract_symbol": row["contract_symbol"].replace("SPY", underlying),
        "spot": row["spot"] + 0.05 * place,
        "quoted_at": row["quoted_at"] + timedelta(minutes=minutes, seconds=place),
        "fetched_at": row["fetched_at"] + timedelta(minutes=minutes + 1),
    }


@pytest.mark.parametrize("relation", KEYS)
def test_keys_are_unique(market: duckdb.DuckDBPyConnection, relation: str) -> None:
    query = f"select count(*), count(distinct ({KEYS[relation]})), count(distinct source) from {relation}"
    [(count, distinct, sources)] = market.execute(query).fetchall()
    assert count == distinct > 0 and sources == 2


def test_a_chain_has_the_spot_that_was_quoted_last(market: duckdb.DuckDBPyConnection) -> None:
    found = market.execute("select spot from serving.option_chains order by all").fetchall()
    assert found == [(pytest.approx(600 + 0.05 * 6),)] * 3
    flips = market.execute("select gamma_flip from serving.option_chains where source = 'b'").fetchall()
    alone = "select value from gamma_flip('alone', points := 121)"
    market.execute(
        "create or replace temp table alone as select * replace (600.3 as spot) from serving.option_quotes "
        "where source = 'b'"
    )
    assert flips == market.execute(alone).fetchall() and flips[0][0] is not None


def test_history_has_the_bars_of_the_chains_own_source_or_of_another(market: duckdb.DuckDBPyConnection) -> None:
    """Returns of 1 % and -1 % by turns: sqrt(252) x 0.01; b has no bars of its own, and takes the first."""
    query = "select source, underlying, realized_vol from serving.option_history order by all"
    vol = pytest.approx(0.01 * 252**0.5, rel=1e-9)
    assert market.execute(query).fetchall() == [("a", "QQQ", None), ("a", "SPY", vol), ("b", "SPY", vol)]


NEWEST = ("quotes", "surface", "expiries", "exposure", "checks")


@pytest.mark.parametrize("relation", NEWEST)
def test_the_newest_snapshot_is_what_is_shown_of_the_newest_chain(
    market: duckdb.DuckDBPyConnection, relation: str
) -> None:
    ours = market.execute(
        f"from serving.option_snapshot_{relation} semi join (from serving.option_snapshots where is_newest) "
        "using (source, underlying, ingest_run_id) order by all"
    ).fetchall()
    assert ours == market.execute(f"from serving.option_{relation} order by all").fetchall()
    assert len(ours) > 0 or relation == "checks"


def test_a_past_snapshot_is_what_was_shown_when_it_was_the_newest(market: duckdb.DuckDBPyConnection) -> None:
    """The first pull of SPY by itself, through the macros that made the stored lists of all pulls together."""
    first = "where source = 'a' and underlying = 'SPY' and ingest_run_id = 'first'"
    for name in ("priced_quotes", "svi_fits"):
        market.execute(f"create or replace temp table {name}_alone as from options.{name} {first}")
    points = "expires_at, strike, is_call, implied_vol, svi_vol, svi_error, ssvi_vol"
    smile = f"select {points} from fitted_smile('priced_quotes_alone', 'svi_fits_alone') order by all"
    stored = f"select {points} from serving.option_snapshot_surface {first} order by all"
    assert market.execute(stored).fetchall() == market.execute(smile).fetchall() != []
    flip = "select gamma_flip from serving.option_snapshots " + first
    assert (
        market.execute(flip).fetchall()
        == market.execute("select value from gamma_flip('priced_quotes_alone')").fetchall()
    )
    counted = "select count_quotes from serving.option_snapshots " + first
    assert market.execute(counted).fetchall() == market.execute("select count(*) from priced_quotes_alone").fetchall()
