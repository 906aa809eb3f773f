"""The same formulas in pure SQL: they meet the golden grid and the UDFs, and the 1.5 prompt can call them."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quant.formulas import formula_files
from tests.udfs.samples import ANY_NUMBER
from udfs.black_scholes import Greeks

PROMPT = shutil.which("duckdb", path=Path(sys.executable).parent)
PLAUSIBLE = st.floats(1e-3, 200)
NUMBERS = "(-1), (0), (5e-324), (90), (100), (1e300), ('inf'::double), ('nan'::double), (null)"
EXTREMES = f"""
    (values {NUMBERS}) prices(price), (values {NUMBERS}) spots(spot), (values {NUMBERS}) strikes(strike),
    (values (-1), (0), (1e-9), (0.5), (1e4), (null)) times(years), (values (true), (false)) sides(is_call)
"""


def test_macros_meet_the_golden_grid(formulas: duckdb.DuckDBPyConnection) -> None:
    allowed = {"price": "1e-14 * s"}
    worst = ", ".join(
        f"max(abs(ours.{name} - {name}) / ({allowed.get(name, f'1e-9 * abs({name}) + 1e-12')})) as {name}"
        for name in Greeks._fields
    )
    [(count, *errors)] = formulas.sql(f"""
        select count(ours.charm), {worst} from (select *, bs_greeks(is_call, s, k, t, r, sigma, q) as ours from grid)
    """).fetchall()
    assert count == 544
    assert max(errors) <= 1, dict(zip(Greeks._fields, errors, strict=True))


def test_normal_distribution_meets_values_of_50_digits(formulas: duckdb.DuckDBPyConnection) -> None:
    """mpmath 1.4.1, ncdf with 50 digits."""
    expected = {
        -38.0: 2.88542835e-316,
        -10.0: 7.619853024160525e-24,
        -1.5: 0.06680720126885807,
        0.0: 0.5,
        0.25: 0.5987063256829237,
        3.0: 0.9986501019683699,
    }
    for x, probability in expected.items():
        assert formulas.sql(f"select normal_cdf({x}::double)").fetchall()[0][0] == pytest.approx(probability, rel=1e-12)
    assert formulas.sql("select normal_cdf('-inf'::double), normal_cdf('inf'::double)").fetchall() == [(0, 1)]


def test_macros_and_udfs_agree_on_every_greek(formulas: duckdb.DuckDBPyConnection) -> None:
    unlike = " or ".join(
        f"coalesce(abs(ours.{name} - theirs.{name}) > 1e-11 * abs(theirs.{name}) + 1e-12, true)"
        for name in Greeks._fields
    )
    [(count, count_unlike)] = formulas.sql(f"""
        with compared as (
            select
                *,
                greeks(is_call, s, k, t, r, sigma, q) as theirs,
                bs_greeks(is_call, s, k, t, r, sigma, q) as ours
            from grid
        )
        select count(*), count(*) filter ({unlike}) from compared
    """).fetchall()
    assert (count, count_unlike) == (544, 0)


def test_macro_and_udf_agree_on_volatility_and_status(formulas: duckdb.DuckDBPyConnection) -> None:
    [(count, count_unlike)] = formulas.sql("""
        with compared as (
            select
                *,
                implied_vol(price, is_call, s, k, t, r, q) as theirs,
                bs_implied_vol(price, is_call, s, k, t, r, q) as ours
            from grid
        )
        select count(theirs.iv), count(*) filter (
            ours.status <> theirs.status or abs(ours.iv / theirs.iv - 1) > 1e-10
            or (ours.iv is null) <> (theirs.iv is null) or ours.iv is distinct from iv(price, is_call, s, k, t, r, q)
        )
        from compared
    """).fetchall()
    assert count > 200 and count_unlike == 0


def test_the_greeks_are_a_relation_as_well(formulas: duckdb.DuckDBPyConnection) -> None:
    """One row from named arguments; one for each row of what stands to its left."""
    relation = formulas.sql(
        "from bs_greeks(is_call := true, s := 42, k := 40, t := 0.5, r := 0.1, sigma := 0.2, q := 0)"
    )
    assert tuple(relation.columns) == Greeks._fields
    [row] = relation.fetchall()
    assert row[0] == pytest.approx(4.76, abs=0.005)  # Hull, example 14.6
    [(struct,)] = formulas.sql("select bs_greeks(true, 42, 40, 0.5, 0.1, 0.2)").fetchall()
    assert row == tuple(struct.values())
    assert formulas.sql("""
        with strikes(k) as (values (40), (45))
        select k, price = bs_price(true, 42, k, 0.5, 0.1, 0.2) from strikes, bs_greeks(true, 42, k, 0.5, 0.1, 0.2)
        order by k
    """).fetchall() == [(40, True), (45, True)]


@settings(max_examples=6)
@given(st.lists(st.tuples(st.booleans(), *[st.one_of(ANY_NUMBER, st.none(), PLAUSIBLE)] * 6), min_size=60, max_size=90))
def test_macro_and_udf_agree_on_any_input(
    formulas: duckdb.DuckDBPyConnection, rows: list[tuple[bool, *tuple[float | None, ...]]]
) -> None:
    """The same status, price and delta known; the volatilities alike. Further derivatives overflow at 1e300 and such
    in an order of their own."""
    names = ["is_call", "x", "s", "k", "t", "r", "q"]
    formulas.register("drawn", pa.table(dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True))))
    alike = " and ".join(f"(ours.{name} is null) = (theirs.{name} is null)" for name in ("price", "delta"))
    unlike = formulas.sql(f"""
        with compared as materialized (
            select
                *,
                greeks(is_call, s, k, t, r, x, q) as theirs, bs_greeks(is_call, s, k, t, r, x, q) as ours,
                implied_vol(x, is_call, s, k, t, r, q) as their_vol,
                bs_implied_vol(x, is_call, s, k, t, r, q) as our_vol
            from drawn
        )
        from compared
        where not ({alike}) or our_vol.status <> their_vol.status or abs(our_vol.iv / their_vol.iv - 1) > 1e-9
    """).fetchall()
    assert unlike == []


def test_macro_and_udf_agree_on_inputs_that_make_no_sense(formulas: duckdb.DuckDBPyConnection) -> None:
    unlike = formulas.sql(f"""
        with compared as materialized (
            select
                *,
                implied_vol(price, is_call, spot, strike, years, 0.05, 0) as theirs,
                bs_implied_vol(price, is_call, spot, strike, years, 0.05, 0) as ours,
                greeks(is_call, spot, strike, years, 0.05, price, 0) as their_greeks,
                bs_greeks(is_call, spot, strike, years, 0.05, price, 0) as our_greeks
            from {EXTREMES}
        )
        select price, is_call, spot, strike, years, ours, theirs, our_greeks, their_greeks from compared
        where ours.status is distinct from theirs.status
            or (ours.iv is null) <> (theirs.iv is null)
            or (our_greeks.price is null) <> (their_greeks.price is null)
            or (our_greeks.delta is null) <> (their_greeks.delta is null)
    """).fetchall()
    assert unlike == []


def test_a_column_of_the_caller_is_not_mistaken_for_one_of_the_macro(formulas: duckdb.DuckDBPyConnection) -> None:
    """The argument of one parameter is a column named like another, and like names inside the macro."""
    [(swapped, plain)] = formulas.sql("""
        with quotes(k, spot, s, years, rate, vol, side) as (values (42.0, 40.0, 0.5, 0.1, 0.2, 0.0, true))
        select bs_price(side, k, spot, s, years, rate, vol), bs_price(true, 42, 40, 0.5, 0.1, 0.2, 0) from quotes
        where bs_price(side, k, spot, s, years, rate, vol) > 0
    """).fetchall()
    assert swapped == plain == pytest.approx(4.76, abs=0.005)  # Hull, example 14.6


@pytest.mark.skipif(PROMPT is None, reason="duckdb-cli is not installed beside this Python")
def test_the_older_prompt_answers_as_python_does(formulas: duckdb.DuckDBPyConnection) -> None:
    """1.5 raises where 2.0 gives NaN, so the extremes must pass there too."""
    query = f"""
        select
            bs_price(true, 42, 40, 0.5, 0.1, 0.2)::varchar, bs_theta(false, 42, 40, 0.5, 0.1, 0.2, 0.02)::varchar,
            bs_implied_vol(4.76, true, 42, 40, 0.5, 0.1).iv::varchar, iv(4.76, true, 42, 40, 0.5, 0.1, q := 0)::varchar,
            (select veta::varchar from bs_greeks(s := 42, k := 40, t := 0.5, r := 0.1, sigma := 0.2, is_call := true)),
            (select count(bs_implied_vol(price, is_call, spot, strike, years, 0.05).iv) from {EXTREMES})::varchar,
            (select count(bs_greeks(is_call, spot, strike, years, 0.05, price).gamma) from {EXTREMES})::varchar
    """
    script = "\n".join(path.read_text() for path in formula_files()) + query
    command = [str(PROMPT), "-noheader", "-csv", "-bail", "-init", "/dev/null", ":memory:"]
    answer = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    [expected] = formulas.sql(query).fetchall()
    for theirs, ours in zip(answer.stdout.strip().split(","), expected, strict=True):
        assert float(theirs) == pytest.approx(float(ours), rel=1e-14)
