"""The functions inside DuckDB: NULL rules, chunks, threads, registration."""

import math
from pathlib import Path

import duckdb
import numpy as np
import pytest

from udfs import register
from udfs.black_scholes import Greeks, greeks
from udfs.implied_vol import STATUSES

GREEKS = "greeks(true, 42, 40, 0.5, 0.1, 0.2, 0)"
NUMBERS = ["42", "40", "0.5", "0.1", "0.2", "0"]
CHAIN = """
    create table chain as
    select
        i as contract, i % 2 = 0 as is_call, 80 + i % 41 as strike, 0.05 + i % 7 / 4 as years,
        (i % 1000 + 1) / 25 as price
    from range(50_000) as numbers(i)
"""


def one(connection: duckdb.DuckDBPyConnection, expression: str) -> object:
    return connection.sql(f"select {expression}").fetchall()[0][0]


def test_greeks_come_as_one_struct_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    result = one(connection, GREEKS)
    assert isinstance(result, dict)
    assert tuple(result) == Greeks._fields
    assert result["price"] == pytest.approx(4.76, abs=0.005)  # Hull, example 14.6


@pytest.mark.parametrize("place", range(7))
def test_a_null_argument_gives_nulls_and_says_so(connection: duckdb.DuckDBPyConnection, place: int) -> None:
    option, quote = [["true", *NUMBERS], ["4.76", "true", *NUMBERS[:4], "0"]]
    option[place] = quote[place] = "null"
    without = dict.fromkeys(Greeks._fields)
    assert one(connection, f"greeks({', '.join(option)})") == without
    assert one(connection, f"implied_vol({', '.join(quote)})") == {"iv": None, "status": "null_input"}
    assert one(connection, f"chain_greeks({', '.join(quote)})") == {"iv": None, "status": "null_input"} | without


def test_a_null_among_others_is_its_own_row_only(connection: duckdb.DuckDBPyConnection) -> None:
    """3,001 rows are a full chunk and a part; every third has a NULL somewhere, every fifth no volatility."""
    columns = {"is_call": "true", "s": 42, "k": 40, "t": 0.5, "r": 0.1, "q": 0}
    holes = ", ".join(
        f"case when i % 3 > 0 or i % {len(columns)} <> {place} then {value} end as {name}"
        for place, (name, value) in enumerate(columns.items())
    )
    rows = connection.sql(f"""
        with quotes as (select i, if(i % 5 = 0, -1, 4.76) as price, {holes} from range(3001) as numbers(i))
        select i, chain_greeks(price, is_call, s, k, t, r, q) as result from quotes order by i
    """).fetchall()
    statuses = ["null_input" if i % 3 == 0 else "below_intrinsic" if i % 5 == 0 else "ok" for i, _ in rows]
    assert [result["status"] for _, result in rows] == statuses
    [known] = {tuple(result.values()) for _, result in rows if result["status"] == "ok"}
    assert None not in known
    assert not any(result["iv"] or result["ultima"] for _, result in rows if result["status"] != "ok")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_gives_null_fields(connection: duckdb.DuckDBPyConnection, number: str) -> None:
    assert one(connection, f"implied_vol('{number}'::double, true, 42, 40, 0.5, 0.1, 0)") == {
        "iv": None,
        "status": "null_input",
    }
    chain = one(connection, f"chain_greeks(4.76, true, '{number}'::double, 40, 0.5, 0.1, 0)")
    assert chain == {"iv": None, "status": "null_input", **dict.fromkeys(Greeks._fields)}
    assert one(connection, f"greeks(true, 42, 40, 0.5, 0.1, '{number}'::double, 0)") == dict.fromkeys(Greeks._fields)


def test_no_field_is_ever_nan_or_infinite(connection: duckdb.DuckDBPyConnection) -> None:
    extremes = "(values (-1), (0), (5e-324), (1e-9), (1), (1e9), (1e300), ('inf'::double), ('nan'::double))"
    rows = connection.sql(
        "select unnest(chain_greeks(a.x, true, b.x, c.x, d.x, 0.1, 0)),"
        " unnest(greeks(false, a.x, b.x, c.x, 0.1, d.x, 0))"
        f" from {extremes} a(x), {extremes} b(x), {extremes} c(x), {extremes} d(x)"
    ).fetchall()
    assert len(rows) == 9**4
    assert all(math.isfinite(value) for row in rows for value in row if isinstance(value, float))
    assert {row[1] for row in rows} == set(STATUSES)


def test_chain_greeks_is_the_volatility_and_the_greeks_at_it(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(CHAIN)
    compared = connection.sql("""
        with implied as materialized (
            select
                *,
                chain_greeks(price, is_call, 100, strike, years, 0.03, 0.01) as fused,
                implied_vol(price, is_call, 100, strike, years, 0.03, 0.01) as implied
            from chain
        ),
        priced as materialized (
            select *, greeks(is_call, 100, strike, years, 0.03, implied.iv, 0.01) as separate from implied
        )
        select count(*), count(separate.price), count(*) filter (
            fused.iv is distinct from implied.iv or fused.status is distinct from implied.status
            or fused.delta is distinct from separate.delta or fused.ultima is distinct from separate.ultima
        )
        from priced
    """).fetchall()
    [(count, count_priced, count_differing)] = compared
    assert count_differing == 0
    assert 10_000 < count_priced < count  # some have a volatility, some have none


def test_rows_keep_their_order_over_many_chunks_and_threads(connection: duckdb.DuckDBPyConnection) -> None:
    """50,000 rows are 25 chunks; each contract must meet its own numbers, as computed in one array."""
    connection.execute("set threads = 2")
    connection.execute(CHAIN)
    rows = connection.sql("""
        select is_call, strike::double as strike, years,
            greeks(is_call, 100, strike, years, 0.03, 0.2, 0.01).price as price
        from chain order by contract
    """).fetchnumpy()
    count = len(rows["price"])
    assert count == 50_000
    spot, rate, sigma, dividend_yield = (np.full(count, value) for value in (100.0, 0.03, 0.2, 0.01))
    expected = greeks(rows["is_call"], spot, rows["strike"], rows["years"], rate, sigma, dividend_yield)
    assert (rows["price"] == expected.price).all()


def test_an_empty_table_is_no_error(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(CHAIN)
    assert connection.sql(f"select {GREEKS}, strike from chain where strike < 0").fetchall() == []


def test_registering_twice_changes_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    before = one(connection, GREEKS)
    register(connection)
    assert one(connection, GREEKS) == before


def test_an_unfinished_answer_neither_blocks_nor_suffers() -> None:
    with duckdb.connect() as connection:
        connection.execute("select * from range(3)")
        assert connection.fetchone() == (0,)
        register(connection)
        assert connection.fetchall() == [(1,), (2,)]
        assert one(connection, GREEKS)


def test_read_only_connections_and_their_cursors_know_the_functions(tmp_path: Path) -> None:
    path = str(tmp_path / "market.duckdb")
    duckdb.connect(path).close()
    with duckdb.connect(path, read_only=True) as first, duckdb.connect(path, read_only=True) as second:
        register(first)
        register(second)  # the same database by a second door
        assert one(first.cursor(), GREEKS) == one(second, GREEKS)
