"""Portfolios, pairs, factors and trades as table macros: laws and degenerate inputs. Values: test_golden_values.py."""

from collections.abc import Callable, Iterator

import duckdb
import pytest

from quant.formulas import load_formulas
from udfs import register

Rows = Callable[[str], list[tuple[object, ...]]]

# Three members, 60 days; C has no price on day 7 and day 30. Any numbers: sines of the day.
BARS = """
    select 'x' as source, symbol, '1d' as interval, timestamptz '2024-01-01 00:00:00+00' + to_days(i) as ts,
           case when symbol <> 'C' or i not in (7, 30) then 100 + 5 * sin(i * slope) + i * drift end as adj_close,
           252.0::double as periods_per_year
    from range(60) days(i),
         (values ('A', 0.9, 0.1), ('B', 1.7, 0.3), ('C', 2.3, -0.2)) member(symbol, slope, drift)
"""
TRADES = """
    select 'x' as source, 'S' as symbol, ts::timestamptz as ts, trade_id, price::double as price, size::double as size
    from (values ('2024-01-01 23:59:10+00', 1, 10, 1), ('2024-01-01 23:59:50+00', 2, 13, 2),
                 ('2024-01-02 00:00:00+00', 3, 20, 4), ('2024-01-02 00:03:00+00', 4, 25, 1),
                 ('2024-01-02 00:03:00+00', 5, 24, 0)) trade(ts, trade_id, price, size)
"""


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    """All rows of a select over `bars` and `trades`."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(f"create table bars as {BARS}")
        connection.execute(f"create table trades as {TRADES}")
        yield lambda query: connection.execute(query).fetchall()


def value(rows: Rows, query: str) -> object:
    (row,) = rows(query)
    return row[0]


def test_only_days_on_which_all_members_have_a_price_count(rows: Rows) -> None:
    assert value(rows, "select count(*) from equal_weight_return('bars')") == 58
    # and the return of the day after spans the hole: C from day 6 to day 8, and so A and B
    expected = value(
        rows,
        "with p as (pivot (select symbol, adj_close, epoch(ts)::bigint // 86400 - 19723 as i from bars) on symbol "
        "using any_value(adj_close)) select (n.A / o.A + n.B / o.B + n.C / o.C) / 3 - 1 from p n, p o "
        "where n.i = 8 and o.i = 6",
    )
    got = value(rows, "select value from equal_weight_return('bars') where ts = '2024-01-09 00:00:00+00'")
    assert got == pytest.approx(expected, abs=1e-15)


def test_risk_contributions_sum_to_the_volatility(rows: Rows) -> None:
    for weights in ("", ", weights := map {'A': 0.7, 'C': 0.3}"):
        total = value(rows, f"select value from portfolio_vol('bars'{weights})")
        assert value(rows, f"select sum(value) from risk_contribution('bars'{weights})") == pytest.approx(total)
    assert value(rows, "select value from risk_contribution('bars', weights := map {'A': 1.0}) where symbol = 'B'") == 0


def test_a_year_of_a_portfolio_has_the_bars_of_its_rarest_member(rows: Rows) -> None:
    rows("create or replace temp table mixed as select * replace "
         "(case when symbol = 'A' then 365.0 else periods_per_year end as periods_per_year) from bars")  # fmt: skip
    for metric in ("portfolio_vol", "risk_contribution", "kelly_multi"):
        rf = ", rf := 0.03" if metric == "kelly_multi" else ""
        asked = "select list(value order by symbol) from {}('{}'" + rf + ")"
        expected = value(rows, asked.format(metric, "bars"))
        assert value(rows, asked.format(metric, "mixed")) == pytest.approx(expected, rel=1e-12)


def test_one_member_alone_is_not_diversified(rows: Rows) -> None:
    alone = "weights := map {'A': 1.0}"
    assert value(rows, f"select value from diversification_ratio('bars', {alone})") == pytest.approx(1, rel=1e-12)
    assert value(rows, f"select value from effective_bets_hhi('bars', {alone})") == 1
    assert value(rows, f"select max(value) from turnover('bars', {alone})") == pytest.approx(0, abs=1e-15)


def test_carino_contributions_sum_to_the_total_return(rows: Rows) -> None:
    total = value(rows, "select product(1 + value) - 1 from equal_weight_return('bars')")
    assert value(rows, "select sum(value) from contribution_carino('bars')") == pytest.approx(total, rel=1e-10)


def test_sums_that_are_never_touched_grow_as_their_prices(rows: Rows) -> None:
    ends = "select max_by(adj_close, ts) / min_by(adj_close, ts) as growth from bars group by symbol"
    grown = value(rows, f"select avg(growth) - 1 from ({ends})")
    assert value(rows, "select product(1 + value) - 1 from buy_hold_return('bars')") == pytest.approx(grown, rel=1e-12)


def test_the_path_of_a_portfolio_is_that_of_its_simple_cases(rows: Rows) -> None:
    for path, simple in (("", "equal_weight_return"), (", rebalance := 'never'", "buy_hold_return")):
        far = f"select max(abs(p.value - s.value)), count(p.value) from portfolio_return('bars'{path}) p join " \
              f"{simple}('bars') s using (interval, ts)"  # fmt: skip
        assert rows(far)[0][0] == pytest.approx(0, abs=1e-15)
        assert rows(far)[0][1] == 57
    assert rows("select distinct value from turnover('bars', rebalance := 'never') order by value") == [(0,), (None,)]
    sums = "select max(abs(total - 1)) from (select sum(value) as total from portfolio_weight('bars') group by ts)"
    assert value(rows, sums) == pytest.approx(0, abs=1e-15)


def test_no_other_weights_have_less_variance(rows: Rows) -> None:
    found = rows("select symbol, value from min_variance_weight('bars')")
    solved = {str(symbol): float(str(weight)) for symbol, weight in found}
    assert sum(solved.values()) == pytest.approx(1, rel=1e-12)

    def variance(a: float, b: float) -> float:
        weights = f"map {{'A': {a}, 'B': {b}, 'C': {1 - a - b}}}"
        return float(str(value(rows, f"select value from portfolio_vol('bars', weights := {weights})")))

    a, b = solved["A"], solved["B"]
    least = variance(a, b)
    assert all(variance(a + da, b + db) > least for da, db in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)))


def test_two_members_that_move_as_one_have_no_weights(rows: Rows) -> None:
    rows("create or replace temp table twins as from bars where symbol <> 'C' union all by name "
         "select * replace ('D' as symbol, 3 * adj_close as adj_close) from bars where symbol = 'A'")  # fmt: skip
    for metric in ("min_variance_weight", "kelly_multi"):
        assert rows(f"select symbol, value from {metric}('twins')") == [("A", None), ("B", None), ("D", None)]
    assert value(rows, "select value from pca_explained('twins') where k = 3") == pytest.approx(0, abs=1e-12)
    assert value(rows, "select value from correlation_pair('twins') where (a, b) = ('D', 'A')") == pytest.approx(1)


def test_a_constant_member_has_neither_correlation_nor_components(rows: Rows) -> None:
    rows("create or replace temp table flat as "
         "select * replace (case when symbol = 'A' then 5.0 else adj_close end as adj_close) from bars")  # fmt: skip
    assert rows("select distinct value from pca_explained('flat')") == [(None,)]
    for metric in ("correlation_pair", "spearman_pair"):
        assert rows(f"select distinct value is null from {metric}('flat') where 'A' in (a, b)") == [(True,)]
    assert value(rows, "select value from risk_contribution('flat') where symbol = 'A'") == 0


def test_a_pair_keeps_the_days_that_a_third_member_lacks(rows: Rows) -> None:
    direct = value(
        rows,
        "with r as (from with_returns('bars')) select corr(a.simple_return, b.simple_return) "
        "from r a join r b using (ts) where a.symbol = 'A' and b.symbol = 'B'",
    )
    for pair in ("('A', 'B')", "('B', 'A')"):
        got = value(rows, f"select value from correlation_pair('bars') where (a, b) = {pair}")
        assert got == pytest.approx(direct, rel=1e-12)


def test_equal_values_share_the_mean_of_their_places(rows: Rows) -> None:
    values = "(values (1, 3), (2, 1), (3, 3), (4, 9)) t(i, x)"
    assert rows(f"select mid_rank(x, 1) from {values} order by i") == [(2.5,), (1,), (2.5,), (4,)]


def test_a_member_after_a_total_loss_has_no_return_and_neither_has_the_portfolio(rows: Rows) -> None:
    rows("create or replace temp table lost as select * replace (case when symbol = 'A' and "
         "ts >= '2024-02-01 00:00:00+00' then 0.0 else adj_close end as adj_close) from bars")  # fmt: skip
    known = rows("select value is not null as known, min(ts)::date::varchar from equal_weight_return('lost') "
                 "where ts >= '2024-01-02 00:00:00+00' group by known order by known")  # fmt: skip
    assert known == [(False, "2024-02-02"), (True, "2024-01-02")]


def test_one_bar_says_nothing_of_a_portfolio(rows: Rows) -> None:
    rows("create or replace temp table one as from bars where ts = '2024-01-01 00:00:00+00'")
    metrics = ["portfolio_vol", "equal_weight_return", "buy_hold_return", "turnover"]
    assert [rows(f"select value from {metric}('one')") for metric in metrics] == [[(None,)]] * 4
    for metric in ("risk_contribution", "contribution_carino", "correlation_pair", "pca_explained", "kelly_multi"):
        assert rows(f"select value from {metric}('one')") == []


def test_returns_made_of_the_factors_give_the_factors_back(rows: Rows) -> None:
    rows("create or replace temp table factors as "
         "select timestamptz '2020-01-15 00:00:00+00' + to_months(i::int) as ts, "
         "sin(i) / 50 as mkt_rf, cos(i * 2) / 60 as smb, sin(i * 3) / 70 as hml, 0.001 as rf "
         "from range(40) month(i)")  # fmt: skip
    rows("create or replace temp table made as select 'x' as source, 'F' as symbol, '1d' as interval, ts, "
         "252.0::double as periods_per_year, "
         "100 * product(1.001 + 0.002 + 1.1 * mkt_rf - 0.4 * smb + 0.3 * hml) over (order by ts) as adj_close "
         "from factors")  # fmt: skip
    metrics = ["ff3_alpha", "ff3_mkt", "ff3_smb", "ff3_hml", "ff3_r2"]
    fitted = [value(rows, f"select value from {metric}('made', 'factors')") for metric in metrics]
    assert fitted == pytest.approx([0.002, 1.1, -0.4, 0.3, 1], rel=1e-10)
    with pytest.raises(duckdb.Error, match="freq is daily, weekly or monthly"):
        rows("from ff3_alpha('made', 'factors', freq := 'yearly')")
    rows("create or replace temp table short as from made limit 5")
    assert rows("select value from ff3_r2('short', 'factors')") == [(None,)]  # four returns, four coefficients


def test_the_average_price_begins_anew_with_the_utc_day(rows: Rows) -> None:
    got = rows("select ts::varchar, value from vwap_session('trades') order by ts")
    assert got == [  # by hand: (10 + 26) / 3; 80 / 4; (80 + 25) / 5, a trade of no size weighs nothing
        ("2024-01-01 23:59:00+00", 12), ("2024-01-02 00:00:00+00", 20), ("2024-01-02 00:03:00+00", 21),
    ]  # fmt: skip
    minutes = rows("select c.value, v.value, n.value from bar_close('trades') c join bar_volume('trades') v using (ts) "
                   "join bar_trades('trades') n using (ts) order by ts")  # fmt: skip
    assert minutes == [(13, 3, 2), (20, 4, 1), (24, 1, 2)]  # the last trade is the one with the highest id


def test_bars_of_a_day_hold_all_its_trades(rows: Rows) -> None:
    assert rows("select value from bar_vwap('trades', freq := '1d') order by ts") == [(12,), (21,)]
    assert rows("select value, interval from bar_high('trades', freq := '1h') order by ts") == [(13, "1h"), (25, "1h")]
    rows("create or replace temp table idle as select * replace (0.0 as size) from trades")
    assert rows("select distinct value from vwap_session('idle')") == [(None,)]
