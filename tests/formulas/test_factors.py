"""Factors and exposures: laws, holes and degenerate inputs. Values: test_golden_values.py."""

from collections.abc import Callable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import quant
from quant.errors import DataError, DataWarning, MetricError
from quant.formulas import load_formulas
from udfs import register

Rows = Callable[[str], list[tuple[object, ...]]]

# 100 days of two factors and of a symbol that is 0.001 + 1.5 f + (-0.5) g above the riskless 0.0001.
FACTORS = """
    select timestamptz '2024-01-01 00:00:00+00' + to_days(i::int) as ts,
        sin(i) / 50 as f, cos(i * 2.3) / 60 as g, 0.0001::double as rf
    from range(100) day(i)
"""
BARS = """
    select 'x' as source, 'S' as symbol, '1d' as interval, ts, 252.0::double as periods_per_year,
        100 * product(1.0011 + 1.5 * f - 0.5 * g) over (order by ts) as adj_close
    from factors
"""
# Seven symbols, a price at each month's end and one in its middle; slopes in the order of their names.
UNIVERSE = """
    select 'x' as source, chr(65 + s::int) as symbol, '1d' as interval, 252.0::double as periods_per_year,
        ts, 100 * pow(1 + s / 100, months) as adj_close, adj_close as close, 10.0::double + s as volume
    from range(7) symbol(s),
        (select i / 2 as months, timestamptz '2023-01-15 00:00:00+00' + to_days((i * 15.3)::int) as ts
         from range(40) bar(i))
"""


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """All rows of a select over `bars`, `factors` and `members`."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(f"create table factors as {FACTORS}")
        connection.execute(f"create table bars as {BARS}")
        connection.execute(f"create table members as {UNIVERSE}")
        yield lambda query: connection.execute(query).fetchall()


def test_returns_made_of_factors_give_them_back_under_any_names(rows: Rows) -> None:
    """Exactly: there is no error, so there are no t values."""
    found = rows("select factor, exposure, t_value, hac_t_value, r2, n_obs "
                 "from factor_exposure('bars', 'factors', freq := 'daily') order by factor")  # fmt: skip
    assert [(row[0], *row[2:]) for row in found] == [(name, None, None, 1, 99) for name in ("alpha", "f", "g")]
    assert [row[1] for row in found] == pytest.approx([0.001, 1.5, -0.5], rel=1e-10)


def test_a_return_over_a_hole_of_the_symbol_explains_nothing(rows: Rows) -> None:
    """Without day 50 the return of day 51 spans two days, the factors' one: neither counts, the rest is as it was."""
    rows("create or replace temp table holed as from bars where ts <> '2024-02-20 00:00:00+00'")
    found = rows("select exposure, n_obs from factor_exposure('holed', 'factors', freq := 'daily') where factor = 'f'")
    assert found == [(pytest.approx(1.5, rel=1e-10), 97)]


def test_a_period_with_an_unknown_factor_does_not_count(rows: Rows) -> None:
    rows("create or replace temp table torn as select * replace ("
         "case when ts = '2024-02-20 00:00:00+00' then null else g end as g) from factors")  # fmt: skip
    assert rows("select distinct n_obs from factor_exposure('bars', 'torn', freq := 'daily')") == [(98,)]


def test_more_days_than_the_factors_have_do_not_count(rows: Rows) -> None:
    """A coin beside factors of the exchange: its return of a Monday spans the weekend, as theirs does."""
    rows("create or replace temp table weekdays as from factors where isodow(ts) < 6 or ts < '2024-01-06 00:00:00+00'")
    rows("create or replace temp table monday as select * replace ("
         "case when isodow(ts) = 1 then 0.01 * i else f end as f) from "
         "(select *, row_number() over (order by ts) as i from weekdays)")  # fmt: skip
    n_obs = rows("select distinct n_obs from factor_exposure('bars', 'monday', freq := 'daily')")
    assert n_obs == rows("select count(*) - 1 from weekdays")


@pytest.mark.parametrize(
    ("factors", "why"),
    [
        ("select *, 2 * f + 1 as h from factors", "collinear"),
        ("select *, 0.5 as h from factors", "constant"),
        ("select * from factors limit 4", "no more returns than coefficients"),
    ],
)
def test_what_factors_cannot_tell_apart_is_not_known(rows: Rows, factors: str, why: str) -> None:
    rows(f"create or replace temp table odd as {factors}")
    found = rows("select exposure, standard_error, t_value, hac_t_value, r2 "
                 "from factor_exposure('bars', 'odd', freq := 'daily')")  # fmt: skip
    assert found and set(found) == {(None,) * 5}, why


def test_a_member_is_chosen_by_what_was_known_before_the_month(rows: Rows) -> None:
    """G grows fastest and trades most: a winner, not small. What it does in the last month changes no month before."""
    factor = "select ts, value from momentum_factor('members') order by ts"
    before = rows(factor)
    assert before[0][0] >= rows("select timestamptz '2024-02-01 00:00:00+00'")[0][0]  # type: ignore[operator]
    assert all(float(str(value)) > 0 for _, value in before)
    rows("create or replace temp table wild as select * replace (case when symbol = 'G' and ts = "
         "(select max(ts) from members) then adj_close / 9 else adj_close end as adj_close) from members")  # fmt: skip
    after = rows(factor.replace("'members'", "'wild'"))
    assert after[:-1] == before[:-1] and after[-1] != before[-1]


def test_thirds_from_six_members_and_halves_below(rows: Rows) -> None:
    assert rows("select [count_in_end(n) for n in range(2, 10)]") == [([1, 1, 2, 2, 2, 2, 2, 3],)]
    # by hand: over half a month F and G grow as 1.05 and 1.06 a month, A and B as 1 and 1.01
    high, low = (1.05**0.5 + 1.06**0.5) / 2, (1 + 1.01**0.5) / 2
    [(first,)] = rows("select value from momentum_factor('members') order by ts limit 1")
    assert first == pytest.approx(high - low, rel=1e-12)


def test_smallness_is_little_trade(rows: Rows) -> None:
    found = rows("select value from size_factor('members', n := 3)")
    assert found and all(float(str(value)) < 0 for (value,) in found)  # the least traded grow least


def test_any_column_of_a_file_is_a_factor_and_bad_ones_are_refused() -> None:
    random = np.random.default_rng(1)
    days = [np.datetime64("2024-01-01T00:00", "us") + np.timedelta64(i, "D") for i in range(60)]
    moves = random.normal(0, 0.01, 60)
    bars = pa.table({"ts": days, "close": np.cumprod(1 + 2 * moves)})
    found = quant.compute("factor_exposure", bars, factors=pa.table({"date": days, "My Factor": moves}), freq="daily")
    assert found["factor"].to_pylist() == ["alpha", "my_factor"]
    assert found["exposure"].to_pylist() == pytest.approx([0, 2], abs=1e-12)
    with pytest.warns(DataWarning, match="31 rows of the month of 2024-01-01, of which the last counts: say freq"):
        quant.compute("factor_exposure", bars, factors=pa.table({"date": days, "f": moves}))
    with pytest.raises(DataError, match="has no factor: give a column of returns"):
        quant.compute("factor_exposure", bars, factors=pa.table({"ts": days, "rf": moves}), freq="daily")
    with pytest.raises(DataError, match="alpha is what factors leave over"):
        quant.compute("factor_exposure", bars, factors=pa.table({"ts": days, "alpha": moves}), freq="daily")
    with pytest.raises(DataError, match="row 1: f = 'x' is not a number: write it with a decimal point"):
        quant.compute("factor_exposure", bars, factors=pa.table({"ts": days, "f": ["x"] * 60}), freq="daily")


@pytest.mark.parametrize(("skip", "why"), [(-3, "skip must be a whole number, 0 or more"), (12, "skip must be less")])
def test_momentum_looks_back_and_never_ahead(skip: int, why: str) -> None:
    days = [np.datetime64("2022-01-31T00:00", "us") + np.timedelta64(30 * i, "D") for i in range(20)]
    bars = pa.table({"ts": days, "close": np.linspace(1, 2, 20)})
    with pytest.raises(MetricError, match=why):
        quant.compute("momentum_factor", bars, skip=skip)
