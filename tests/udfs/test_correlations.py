"""Correlations of many series at once against the metrics of each pair in SQL, which are their other formula."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from quant.formulas import load_formulas
from udfs import register
from udfs.correlations import correlations, mid_ranks, rolling_correlations

# Shares and a coin; by day number from Thursday 1 January 2026. B lacks days 3 and 17, C begins late, D moves by whole
# steps (ties), E never moves, F, the coin, trades on weekends too, G is worth nothing from day 30 on, H has one price,
# I none that another share has.
BARS = """
    create table bars as
    select source, symbol, '1d' as interval, date '2026-01-01' + i::int as session_date,
        session_date::timestamp at time zone 'UTC' as ts, 252.0::double as periods_per_year, price as adj_close
    from range(80) day(i), (values
        ('x', 'A'), ('x', 'B'), ('x', 'C'), ('x', 'D'), ('x', 'E'), ('y', 'F'), ('x', 'G'), ('x', 'H'), ('x', 'I')
    ) member(source, symbol), lateral (select case symbol
        when 'A' then 100 + 5 * sin(i * 0.9) when 'B' then 90 + 4 * sin(i * 1.7) + i * 0.1
        when 'C' then 80 + 3 * cos(i * 0.9) when 'D' then pow(2, i * 7 % 3) when 'E' then 5
        when 'F' then 70 + sin(i * 0.9) * 4 + cos(i * 5) when 'G' then case when i < 30 then 9 + sin(i) else 0 end
        else 3 end::double as price)
    where case when symbol = 'B' then i not in (3, 17) when symbol = 'C' then i > 20 when symbol = 'H' then i = 40
               else true end
        and case when symbol = 'I' then i % 7 = 2 when symbol = 'F' then true else i % 7 not in (2, 3) end
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(BARS)
        yield connection


def test_every_pair_is_what_the_metrics_say_of_it(database: duckdb.DuckDBPyConnection) -> None:
    """To 1e-12, NULL where they are NULL; and a pair without a common day is there with a count of 0."""
    differing = """
        with ours as (from correlations_of('bars') where (source_a, a) <> (source_b, b))
        select ours.a, ours.b, ours.correlation_pair, p.value, ours.spearman_pair, s.value, count_common, c.value
        from ours
        left join correlation_pair('bars') as p using (a, b)
        left join spearman_pair('bars') as s using (a, b)
        left join count_common('bars') as c using (a, b)
        where (p.value is null) <> (correlation_pair is null) or abs(p.value - correlation_pair) > 1e-12
            or (s.value is null) <> (spearman_pair is null) or abs(s.value - spearman_pair) > 1e-12
            or count_common <> coalesce(c.value, 0)
    """
    assert database.execute(differing).fetchall() == []
    counts = "select count(*), count(correlation_pair), count_if(count_common = 0) from correlations_of('bars')"
    # nine symbols; six correlate; H has no return (17), I shares no day with six others (12)
    assert database.execute(counts).fetchall() == [(81, 36, 29)]


def test_every_window_is_what_the_metric_says_of_it(database: duckdb.DuckDBPyConnection) -> None:
    for n in (2, 11):
        differing = f"""
            with ours as (
                select a, b, unnest(session_dates) as session_date, unnest(correlations) as correlation
                from rolling_correlations_of('bars', {n})
            ),
            theirs as (
                select a, b, ts::date as session_date, value,
                    row_number() over (partition by a, b order by ts) as place
                from rolling_correlation_pair('bars', n := {n})
            )
            select a, b, session_date, value, correlation
            from (from theirs where place > {n} and a <> 'F' and (a < b or b = 'F')) as theirs
            full join ours using (a, b, session_date)
            where (ours.a is null) <> (theirs.a is null) or (value is null) <> (correlation is null)
                or abs(value - correlation) > 1e-12
        """
        assert database.execute(differing).fetchall() == []
        known = f"select sum(list_count(correlations)) from rolling_correlations_of('bars', {n})"
        row = database.execute(known).fetchone()
        assert row is not None and row[0] > 400


def test_prices_are_joined_before_returns_are_taken() -> None:
    """A coin that follows a share exactly, and trades on days on which the share does not: 1, whatever it did then."""
    share = np.array([1.0, 2.0, np.nan, np.nan, 1.5, 3.0, 2.0])
    coin = np.where(np.isnan(share), 50.0, 7 * share)
    found = correlations(np.array([share, coin]))
    assert found.pearson[0, 1] == pytest.approx(1, abs=1e-15)
    assert found.count_common.tolist() == [[4, 4], [4, 6]]
    assert found.first.tolist() == [[0, 0], [0, 0]] and found.last.tolist() == [[6, 6], [6, 6]]


def test_the_order_of_series_is_nothing_but_an_order() -> None:
    random = np.random.default_rng(5)
    prices = np.exp(np.cumsum(random.normal(0, 0.02, (7, 90)), axis=1))
    prices[random.random(prices.shape) < 0.1] = np.nan
    order = random.permutation(7)
    straight, shuffled = correlations(prices), correlations(prices[order])
    for one, other in zip(straight, shuffled, strict=True):
        np.testing.assert_allclose(one[np.ix_(order, order)], other, rtol=0, atol=1e-14)


def test_correlations_over_common_days_are_positive_semidefinite() -> None:
    """Twelve members in forty days, three of them copies: eigenvalues of 0 that rounding might turn negative."""
    random = np.random.default_rng(9)
    prices = np.exp(np.cumsum(random.normal(0, 0.02, (12, 40)), axis=1))
    prices[9:] = 3 * prices[:3]
    for matrix in correlations(prices)[:2]:
        assert np.linalg.eigvalsh(matrix)[0] >= -1e-12
        assert (np.diag(matrix) == 1).all() and (matrix == matrix.T).all()


def test_a_window_beside_wilder_days_keeps_its_digits() -> None:
    """Returns of 1e-9 after returns of 1: sums that run on would have lost them. Truth: NumPy on the window alone."""
    random = np.random.default_rng(3)
    returns = random.normal(0, 1, (2, 200)) * np.where(np.arange(200) < 100, 0.3, 1e-6)
    prices = np.concatenate([np.ones((2, 1)), np.cumprod(1 + returns, axis=1)], axis=1)
    [found] = rolling_correlations(np.abs(prices), 20)
    steps = np.abs(prices)[:, 1:] / np.abs(prices)[:, :-1] - 1
    expected = [np.corrcoef(steps[:, end - 20 : end])[0, 1] for end in range(20, 201)]
    np.testing.assert_allclose(found.values[0], expected, rtol=0, atol=1e-10)
    assert found.days.tolist() == list(range(20, 201))


def test_equal_values_share_the_mean_of_their_places() -> None:
    assert mid_ranks(np.array([[3.0, 1, 3, 9], [2, 2, 2, 2]])).tolist() == [[2.5, 1, 2.5, 4], [2.5] * 4]


def test_nothing_comes_of_nothing() -> None:
    assert correlations(np.empty((0, 0))).pearson.shape == (0, 0)
    assert rolling_correlations(np.ones((1, 50)), 5) == []
    assert np.isnan(correlations(np.ones((2, 1))).pearson).all()
