"""The tape: what trades say of a while. Expected numbers by hand, from the three trades below."""

from collections.abc import Iterator

import duckdb
import pytest

from quant.formulas import load_formulas

# Bought 2 at 100 and 1 at 99, sold 1 at 101: where the buyer made the market, a seller took it.
TRADES = """
create table trades as
select
    'x' as source, 'BTC' as symbol, trade_id, is_buyer_maker,
    price::decimal(18, 8) as price, size::decimal(18, 8) as size,
    timestamptz '2026-11-22 12:00:00.1+00' + to_milliseconds(trade_id * 100) as ts, date '2026-11-22' as date,
    timestamp '2026-11-22 12:00:00' as hour_start, now() as fetched_at, 'run' as ingest_run_id
from (values (1, 100, 2, false), (2, 101, 1, true), (3, 99, 1, false)) as told (trade_id, price, size, is_buyer_maker)
"""


@pytest.fixture(scope="module")
def tape() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(TRADES)
        yield connection


def test_the_tape_says_how_much_how_fast_at_what_price_and_who_took_it(tape: duckdb.DuckDBPyConnection) -> None:
    (said,) = tape.execute(
        "select trade_count, trades_per_minute, volume, notional, vwap, taker_imbalance, low, high "
        "from tape('trades', 120)"
    ).fetchall()
    assert said == (3, 1.5, 4.0, 200 + 101 + 99, 100.0, (3 - 1) / 4, 99.0, 101.0)


def test_a_second_knows_what_takers_sold(tape: duckdb.DuckDBPyConnection) -> None:
    columns = "volume, quote_volume, sold_volume, taker_imbalance_of(volume - sold_volume, sold_volume)"
    (said,) = tape.execute(f"select {columns} from bars_of_trades('trades', 'second')").fetchall()
    assert tuple(map(float, said)) == (4.0, 400.0, 1.0, 0.5)


@pytest.mark.parametrize(("bought", "sold", "imbalance"), [(3, 0, 1), (0, 3, -1), (2, 2, 0), (0, 0, None)])
def test_imbalance_goes_from_all_sold_to_all_bought_and_is_unknown_without_volume(
    tape: duckdb.DuckDBPyConnection, bought: int, sold: int, imbalance: int | None
) -> None:
    assert tape.execute("select taker_imbalance_of($1, $2)", [bought, sold]).fetchone() == (imbalance,)


def test_no_trade_is_no_row(tape: duckdb.DuckDBPyConnection) -> None:
    tape.execute("create or replace temp table none as from trades where false")
    assert tape.execute("from tape('none', 60)").fetchall() == []
