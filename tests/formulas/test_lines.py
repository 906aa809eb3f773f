"""M4: fewer points, the same line on the screen."""

from collections.abc import Iterator

import duckdb
import pytest

from quant.formulas import load_formulas

STRETCHES = 50
# A day of seconds of a walk that is the same at each run, one series beside another.
WALK = """
create table walk as
with steps as (
    select n, series, (hash(n, series) % 2001)::bigint - 1000 as step
    from range(86400) as seconds (n), (values ('a'), ('b')) as names (series)
)
select
    series, timestamptz '2026-11-22 00:00:00+00' + to_seconds(n) as ts,
    sum(step) over (partition by series order by n)::double as value
from steps
"""


@pytest.fixture(scope="module")
def sampled() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(WALK)
        connection.execute(f"create table fewer as from m4('walk', {STRETCHES})")
        yield connection


def test_points_are_rows_of_the_line_and_few(sampled: duckdb.DuckDBPyConnection) -> None:
    counted = "select series, count(*) from fewer semi join walk using (series, ts, value) group by all"
    for _, count in sampled.execute(counted).fetchall():
        assert 3 * STRETCHES <= count <= 4 * STRETCHES
    assert sampled.execute("select count(*) from fewer anti join walk using (series, ts, value)").fetchone() == (0,)


def test_each_pixel_column_has_its_ends_and_its_extremes(sampled: duckdb.DuckDBPyConnection) -> None:
    """By the definition: 86,400 seconds in 50 stretches of 1,728."""
    each = """
        select series, (epoch(ts) - epoch(timestamptz '2026-11-22 00:00:00+00'))::bigint // 1728 as stretch,
            min(ts) as first, max(ts) as last, min(value) as lowest, max(value) as highest
        from {} group by all order by all
    """
    assert sampled.execute(each.format("fewer")).fetchall() == sampled.execute(each.format("walk")).fetchall()


def test_a_short_series_comes_whole_and_what_is_not_known_is_no_point(sampled: duckdb.DuckDBPyConnection) -> None:
    sampled.execute(
        "create or replace temp table short as from (values ('a', timestamptz '2026-11-20 00:00:00+00', 1.0), "
        "('a', timestamptz '2026-11-21 00:00:00+00', null), ('a', timestamptz '2026-11-22 00:00:00+00', 3.0)) "
        "as points (series, ts, value)"
    )
    shown = sampled.execute("select value from m4('short', 100) order by ts").fetchall()
    assert shown == [(1.0,), (3.0,)]


def test_one_instant_is_one_point(sampled: duckdb.DuckDBPyConnection) -> None:
    sampled.execute("create or replace temp table one as select 'a' as series, ts, value from walk limit 1")
    assert len(sampled.execute("from m4('one', 100)").fetchall()) == 1
