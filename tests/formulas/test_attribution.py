"""Where return and risk come from: parts that sum to the whole, theory's weights at their edges, money and stakes.

Numbers without a source follow from the definition of what is tested.
"""

import math
from collections.abc import Callable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import quant
from quant.cli.words import parameters_of
from quant.errors import MetricError
from quant.formulas import load_formulas
from quant.metrics import metrics
from udfs import register

Rows = Callable[[str], list[tuple[object, ...]]]

# Three members of 120 days that hang together, C absent on day 7; D moves as A does.
BARS = """
    select 'x' as source, symbol, '1d' as interval, timestamptz '2024-01-01 00:00:00+00' + to_days(i::int) as ts,
        252.0::double as periods_per_year,
        100 * exp(drift * i / 100 + 0.04 * sin(i * slope) + 0.03 * sin(i * 1.1) + 0.01 * (i * i % 7)) as adj_close
    from range(120) days(i),
         (values ('A', 0.9, 0.1), ('B', 1.7, 0.3), ('C', 2.3, -0.2)) member(symbol, slope, drift)
    where not (symbol = 'C' and i = 7)
"""
OWN, OTHER, EQUAL = "map {'A': 0.5, 'B': 0.3, 'C': 0.1}", "map {'A': 0.2, 'C': 0.8}", "map([]::varchar[], []::double[])"
TOLD = f"weights := {OWN}, benchmark_weights := {OTHER}"
ONE = "groups := map {'A': 'one', 'B': 'one'}"
EFFECTS = ("allocation", "selection", "interaction")
WEIGHTS = ("min_variance_weight", "risk_parity_weight", "max_sharpe_weight")


@pytest.fixture(scope="module")
def rows() -> Iterator[Rows]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(f"create table bars as {BARS}")
        yield lambda query: connection.execute(query).fetchall()


def value(rows: Rows, query: str) -> float:
    ((found,),) = rows(f"select {query}")
    return math.nan if found is None else float(str(found))


def total(rows: Rows, weights: str = "map([]::varchar[], []::double[])", bars: str = "bars") -> float:
    days = f"select distinct ts, portfolio_return from members_of('{bars}', {weights})"
    return value(rows, f"total_return(portfolio_return) from ({days})")


def weights_of(rows: Rows, metric: str, bars: str = "bars", more: str = "") -> dict[str, float]:
    found = rows(f"select symbol, value from {metric}('{bars}'{more}) order by symbol")
    return {str(symbol): math.nan if each is None else float(str(each)) for symbol, each in found}


def test_bacons_example_has_his_effects(rows: Rows) -> None:
    """Bacon (2008), Practical Portfolio Performance Measurement and Attribution, ch. 5: 8.3 % against 6.4 %."""
    rows("create or replace temp table bacon as "
         "select 'x' as source, '1d' as interval, timestamptz '2024-01-01' as ts, *, weight * r as part, "
         "benchmark_weight * b as benchmark_part from (values ('UK', 0.4, 0.4, 0.20, 0.10), "
         "('Japan', 0.3, 0.2, -0.05, -0.04), ('US', 0.3, 0.4, 0.06, 0.08)) "
         "t(segment, weight, benchmark_weight, r, b)")  # fmt: skip
    for relation in ("brinson_effects", "linked_brinson_effects"):
        found = rows(f"select segment, allocation, selection, interaction from {relation}('bacon')")
        effects = {str(segment): each for segment, *each in found}
        assert effects["UK"] == pytest.approx([0, 0.04, 0], abs=1e-15)
        assert effects["Japan"] == pytest.approx([-0.0104, -0.002, -0.001], abs=1e-15)
        assert effects["US"] == pytest.approx([-0.0016, -0.008, 0.002], abs=1e-15)


@pytest.mark.parametrize(("own", "other"), [(OWN, OTHER), (EQUAL, OTHER)])
@pytest.mark.parametrize("groups", ["", f", {ONE}"])
def test_brinson_effects_sum_to_the_excess_return_by_bar_and_linked(
    rows: Rows, own: str, other: str, groups: str
) -> None:
    def summed(linked: str) -> str:
        told = f"weights := {own}, benchmark_weights := {other}{groups}, linked := {linked}"
        return " union all ".join(f"from brinson_{effect}('bars', {told})" for effect in EFFECTS)

    assert value(rows, f"sum(value) from ({summed('true')})") == pytest.approx(
        total(rows, own) - total(rows, other), abs=1e-12
    )
    daily = rows(
        f"select m.ts, any_value(m.portfolio_return) - any_value(b.portfolio_return) - any_value(e.effect) "
        f"from members_of('bars', {own}) m join members_of('bars', {other}) b using (ts) "
        f"join (select ts, sum(value) as effect from ({summed('false')}) group by ts) e using (ts) group by m.ts"
    )
    assert len(daily) == 118 and max(abs(float(str(error))) for _, error in daily) < 1e-15


def test_what_one_of_the_two_does_not_hold_is_all_allocation(rows: Rows) -> None:
    for effect in ("selection", "interaction"):
        found = weights_of(rows, f"brinson_{effect}", more=f", {TOLD}")
        assert set(found) == {"A", "B", "C", "cash"} and found == pytest.approx(dict.fromkeys(found, 0), abs=1e-15)


def test_long_and_short_that_cancel_within_a_segment_lose_nothing(rows: Rows) -> None:
    told = "weights := map {'A': 1.0, 'B': -1.0, 'C': 1.0}, groups := map {'A': 'hedge', 'B': 'hedge'}"
    union = " union all ".join(f"from brinson_{each}('bars', {told})" for each in EFFECTS)
    excess = total(rows, "map {'A': 1.0, 'B': -1.0, 'C': 1.0}") - total(rows)
    assert value(rows, f"sum(value) from ({union})") == pytest.approx(excess, abs=1e-12)


def test_weights_that_cancel_but_for_rounding_have_no_return(rows: Rows) -> None:
    """0.1 + 0.2 - 0.3 is 6e-17: the segment's selection is the sum of its parts, hundredths, and no interaction."""
    told = "weights := map {'A': 0.1, 'B': 0.2, 'C': -0.3}, groups := map {'A': 'h', 'B': 'h', 'C': 'h'}"
    for effect, most in (("selection", 0.1), ("interaction", 0)):
        found = f"max(abs(value)) from brinson_{effect}('bars', {told}, linked := false) where symbol = 'h'"
        assert value(rows, found) <= most


def test_a_member_that_lost_all_has_parts_of_0_afterwards(rows: Rows) -> None:
    """The third that A was is gone, its return is unknown from then on; the parts still sum to the whole's figures."""
    rows("create or replace temp table broken as select * replace (case when symbol = 'A' and ts >= '2024-02-01' "
         "then 0.0 else adj_close end as adj_close) from bars")  # fmt: skip
    rows("create or replace temp table ruled as from ruled_members('broken', map([]::varchar[], []::double[]), "
         "'never', null)")  # fmt: skip
    rows("create or replace temp table path as from portfolio_path('ruled')")
    rows("create or replace temp table days as "
         "select distinct ts, portfolio_return as r from path where portfolio_return is not null")  # fmt: skip
    wholes = {
        "held_component_var('path', 0.95, 'parametric')": "var_parametric_of(avg(r), stddev_samp(r), 0.95)",
        "held_component_var('path', 0.95, 'historical')": "var_historical(r, 0.95)",
        "held_component_es('path', 0.95, 'historical')":
            "avg(r) from (from days where r <= (select quantile_cont(r, 0.05) from days))",
        "linked_contributions('path')": "product(1 + r) - 1",
    }  # fmt: skip
    for parts, whole in wholes.items():
        expected = value(rows, whole if " from " in whole else f"{whole} from days")
        assert value(rows, f"sum(value) from {parts}") == pytest.approx(expected, abs=1e-12), parts


def test_days_that_one_of_the_two_lacks_lie_within_a_span(rows: Rows) -> None:
    """The benchmark has every third day; its and the portfolio's returns are those of their own days."""
    rows("create or replace temp table own as select interval, ts, symbol as segment, weight, "
         "weight * simple_return as part, portfolio_return "
         "from members_of('bars', map {'A': 0.6, 'B': 0.4})")  # fmt: skip
    rows("create or replace temp table third as from bars where symbol = 'C' and epoch(ts)::bigint // 86400 % 3 = 0")
    rows("create or replace temp table other as select interval, ts, symbol as segment, 1.0::double as weight, "
         "simple_return as part, simple_return as portfolio_return from with_returns('third')")  # fmt: skip
    rows("create or replace temp table paths as select *, true as is_own from own union all by name "
         "select *, false as is_own from other")  # fmt: skip
    rows("create or replace temp table sides as from compared_segments('paths')")
    summed = value(rows, "sum(allocation + selection + interaction) from linked_brinson_effects('sides')")
    first, last = rows("select min(ts)::varchar, max(ts)::varchar from other semi join own using (ts)")[0]
    within = f"ts > '{first}' and ts <= '{last}'"
    mine = f"total_return(r) from (select distinct ts, portfolio_return as r from own where {within})"
    assert summed == pytest.approx(
        value(rows, mine) - value(rows, f"total_return(part) from other where {within}"), abs=1e-12
    )


def test_contributions_of_drifting_weights_sum_to_the_total_return(rows: Rows) -> None:
    rows("create or replace temp table ruled as from ruled_members('bars', map {'A': 0.9, 'B': 0.4, 'C': -0.3}, "
         "'never', null)")  # fmt: skip
    rows("create or replace temp table path as from portfolio_path('ruled')")
    held = value(rows, "sum(value) from linked_contributions('path')")
    grown = value(rows, "total_return(r) from (select distinct ts, portfolio_return as r from path)")
    assert held == pytest.approx(grown, abs=1e-12) and abs(grown) > 0.1


def test_a_total_return_of_nearly_nothing_keeps_its_contributions(rows: Rows) -> None:
    """ln(1 + r) / r of 1e-16 is 1, not 0.67: what two members won and lost is not blown up."""
    assert value(rows, "carino_factor_of(1e-14)") == pytest.approx(1 - 5e-15, abs=2e-16)
    rows("create or replace temp table even as select 'x' as source, s as symbol, '1d' as interval, i as ts, "
         "0.5::double as weight, (case when s = 'A' then 0.1 else -0.1 end)::double + 3e-16 as simple_return, "
         "3e-16::double as portfolio_return from (values ('A'), ('B')) t(s), range(3) d(i)")  # fmt: skip
    contributions = rows("select value from linked_contributions('even') order by symbol")
    assert [each for (each,) in contributions] == pytest.approx([0.15, -0.15], abs=1e-15)


@pytest.mark.parametrize("weights", ["", ", weights := map {'A': 1.4, 'C': -0.4}"])
@pytest.mark.parametrize("method", ["historical", "parametric"])
def test_parts_of_a_risk_sum_to_that_of_the_portfolio(rows: Rows, method: str, weights: str) -> None:
    told = weights.removeprefix(", weights := ") or "map([]::varchar[], []::double[])"
    days = f"select distinct ts, portfolio_return as r from members_of('bars', {told})"
    rows(f"create or replace temp table days as {days}")
    for confidence in (0.9, 0.95, 0.99):
        var = f"var_historical(r, {confidence})"
        if method == "parametric":
            var = f"var_parametric_of(avg(r), sample_std(r), {confidence})"
        known = value(rows, f"{var} from days")
        es = value(rows, f"avg(r) from days where r <= {known!r}")
        if method == "parametric":
            es = value(rows, f"es_parametric_of(avg(r), sample_std(r), {confidence}) from days")
        for metric, whole in (("component_var", known), ("component_es", es)):
            call = f"{metric}('bars', confidence := {confidence}, method := '{method}'{weights})"
            assert value(rows, f"sum(value) from {call}") == pytest.approx(whole, abs=1e-12)


def test_a_method_or_a_covariance_that_is_none_is_refused(rows: Rows) -> None:
    for call, words in (
        ("component_var('bars', method := 'euler')", "method is historical or parametric"),
        ("min_variance_weight('bars', covariance := 'lw')", "covariance is sample, constant_correlation or identity"),
        ("ledoit_wolf_shrinkage('bars', target := 'sample')", "target is constant_correlation or identity"),
    ):
        with pytest.raises(duckdb.Error, match=words):
            rows(f"from {call}")


@pytest.mark.parametrize("covariance", ["sample", "constant_correlation", "identity"])
def test_every_member_of_risk_parity_adds_the_same(rows: Rows, covariance: str) -> None:
    found = weights_of(rows, "risk_parity_weight", more=f", covariance := '{covariance}'")
    assert sum(found.values()) == pytest.approx(1, abs=1e-12) and min(found.values()) > 0
    if covariance == "sample":
        told = ", ".join(f"'{symbol}': {each!r}::double" for symbol, each in found.items())
        parts = weights_of(rows, "risk_contribution", more=f", weights := map {{{told}}}")
        assert [*parts.values()] == pytest.approx([parts["A"]] * 3, rel=1e-12)


def test_no_other_weights_have_a_greater_sharpe_ratio(rows: Rows) -> None:
    found = weights_of(rows, "max_sharpe_weight", more=", rf := 0.01")
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)

    def ratio(a: float, b: float) -> float:
        told = f"map {{'A': {a}::double, 'B': {b}::double, 'C': {1 - a - b}::double}}"
        days = f"select distinct ts, portfolio_return - rate_per_period(0.01, 252) as r from members_of('bars', {told})"
        return value(rows, f"avg(r) / stddev_samp(r) from ({days})")

    a, b = found["A"], found["B"]
    assert all(ratio(a + x, b + y) < ratio(a, b) for x, y in ((0.05, 0), (-0.05, 0), (0, 0.05), (0, -0.05)))
    assert all(map(math.isnan, weights_of(rows, "max_sharpe_weight", more=", rf := 2.0").values()))


def test_neither_the_unit_of_prices_nor_the_names_of_members_matter(rows: Rows) -> None:
    rows("create or replace temp table other as select * replace (translate(symbol, 'ABC', 'ZYX') as symbol, "
         "adj_close * case symbol when 'A' then 1e-6 when 'B' then 1e5 else 1 end as adj_close) from bars")  # fmt: skip
    names = dict(zip("ABC", "ZYX", strict=True))
    for metric in (*WEIGHTS, "component_var", "component_es", "contribution_carino", "kelly_multi"):
        here, there = weights_of(rows, metric), weights_of(rows, metric, "other")
        assert {names[name]: each for name, each in here.items()} == pytest.approx(there, abs=1e-9), metric
    for target in ("constant_correlation", "identity"):
        call = f"value from ledoit_wolf_shrinkage('{{}}', target := '{target}')"
        assert value(rows, call.format("bars")) == pytest.approx(value(rows, call.format("other")), abs=1e-9)


def test_what_has_no_inverse_has_no_weights_and_one_member_has_all(rows: Rows) -> None:
    rows("create or replace temp table twins as from bars where symbol <> 'C' union all by name "
         "select * replace ('D' as symbol, 3 * adj_close as adj_close) from bars where symbol = 'A'")  # fmt: skip
    rows("create or replace temp table flat as "
         "select * replace (case when symbol = 'A' then 5.0 else adj_close end as adj_close) from bars")  # fmt: skip
    rows("create or replace temp table few as from bars where ts < '2024-01-04'")
    rows("create or replace temp table alone as from bars where symbol = 'B'")
    for metric in WEIGHTS:
        for bars in ("twins", "flat", "few"):
            assert all(map(math.isnan, weights_of(rows, metric, bars).values())), (metric, bars)
        assert weights_of(rows, metric, "alone") == {"B": pytest.approx(1, abs=1e-15)}
    assert value(rows, "value from pca_loading('alone')") == 1
    assert all(each is None for (each,) in rows("select value from pca_loading('flat')"))


def test_theoretical_weights_are_those_of_the_metrics(rows: Rows) -> None:
    asked = {
        "min_variance_weight": "min_variance_weight('bars')",
        "min_variance_ledoit_wolf": "min_variance_weight('bars', covariance := 'constant_correlation')",
        "risk_parity_weight": "risk_parity_weight('bars')",
        "max_sharpe_weight": "max_sharpe_weight('bars', rf := 0.01)",
        "kelly_multi": "kelly_multi('bars', rf := 0.01)",
    }
    for column, call in asked.items():
        error = f"max(abs({column} - value)) from theoretical_weights('bars', 0.01) join {call} using (symbol)"
        assert value(rows, error) == 0, column


def test_a_covariance_at_its_target_is_not_shrunk(rows: Rows) -> None:
    """Of two members the mean correlation is theirs: the target is the sample."""
    rows("create or replace temp table pair as from bars where symbol <> 'C'")
    assert value(rows, "value from ledoit_wolf_shrinkage('pair')") == 0
    sample = value(rows, "covar_pop(a.simple_return, b.simple_return) * 252 from members_of('pair', "
                   "map([]::varchar[], []::double[])) a join members_of('pair', map([]::varchar[], []::double[])) b "
                   "using (ts) where a.symbol = 'A' and b.symbol = 'B'")  # fmt: skip
    shrunk = value(rows, "value from ledoit_wolf_covariance('pair') where a = 'B' and b = 'A'")
    assert shrunk == pytest.approx(sample, rel=1e-12)
    assert 0 < value(rows, "value from ledoit_wolf_shrinkage('pair', target := 'identity')") < 1
    rows("create or replace temp table still as "
         "select * replace (case when symbol = 'A' then 5.0 else adj_close end as adj_close) from bars")  # fmt: skip
    assert rows("select value from ledoit_wolf_shrinkage('still')") == [(None,)]


def test_a_total_loss_has_no_contributions_effects_or_parts(rows: Rows) -> None:
    rows("create or replace temp table lost as select * replace (case when ts >= '2024-02-01' then 0.0 "
         "else adj_close end as adj_close) from bars where ts <= '2024-02-01'")  # fmt: skip
    for metric in ("contribution_carino", "component_var", "component_es"):
        assert all(map(math.isnan, weights_of(rows, metric, "lost").values())), metric
    for effect in EFFECTS:
        assert all(map(math.isnan, weights_of(rows, f"brinson_{effect}", "lost", f", {TOLD}, {ONE}").values()))
    assert value(rows, "value from money_weighted_return('lost') where symbol = 'A'") == -1


def account(days: list[int], worth: list[float], flows: list[float | None]) -> float:
    dates = np.datetime64("2023-01-01") + np.array(days)
    found = quant.compute("money_weighted_return", pa.table({"date": dates, "close": worth, "flow": flows}))
    (rate,) = found["value"].to_pylist()
    return math.nan if rate is None else float(rate)


def test_money_that_came_later_earned_for_less_long() -> None:
    """One doubles in a year; 2 more come half way: 1 x + 2 sqrt(x) = 4 has sqrt(x) = sqrt(5) - 1."""
    assert account([0, 365], [1.0, 2.0], [None, None]) == pytest.approx(1, abs=1e-12)
    assert account([0, 100, 365], [1.0, 0.5, 4.0], [None, 0.0, 0.0]) == pytest.approx(3, abs=1e-12)
    x = (math.sqrt(5) - 1) ** 2
    assert account([0, 365, 730], [1.0, 3.1, 4.0], [None, 2.0, None]) == pytest.approx(math.sqrt(5) - 2, abs=1e-12)
    unvalued = account([0, 365, 730], [1.0, math.nan, 4.0], [None, 2.0, None])  # nobody looked when it came in
    assert unvalued == pytest.approx(math.sqrt(5) - 2, abs=1e-12)
    assert account([0, 730, 1460], [1.0, 3.1, 4.0], [9.0, 2.0, None]) == pytest.approx(math.sqrt(math.sqrt(x)) - 1)


@pytest.mark.filterwarnings("ignore::quant.errors.DataWarning")  # of a worth of 0
def test_an_account_without_a_rate_has_none() -> None:
    assert math.isnan(account([0], [1.0], [None]))
    assert math.isnan(account([0, 100, 365], [1.0, 1.0, 0.0], [None, -10.0, 20.0]))  # what came in last was gone
    assert account([0, 365], [1.0, 0.0], [None, -5.0]) == pytest.approx(4, abs=1e-12)  # all of it taken out
    assert account([0, 200, 365], [1.0, 5.0, 0.0], [None, 3.0, None]) == -1


def test_half_of_kellys_stake_has_three_quarters_of_the_growth_and_half_the_volatility(rows: Rows) -> None:
    def of(metric: str, fraction: float) -> float:
        return value(rows, f"value from {metric}('bars', fraction := {fraction}, rf := 0.02) where symbol = 'B'")

    rate = 252 * (1.02 ** (1 / 252) - 1)
    most = of("kelly_growth", 1) - rate
    assert of("kelly_growth", 0.5) - rate == pytest.approx(0.75 * most, rel=1e-12)
    assert of("kelly_growth", 2) == pytest.approx(rate, rel=1e-9)
    assert of("kelly_vol", 0.5) == pytest.approx(of("kelly_vol", 1) / 2, rel=1e-12)
    assert most == pytest.approx(of("kelly_vol", 1) ** 2 / 2, rel=1e-12)  # Thorp (2006): half the squared Sharpe ratio
    same = "select fraction, kelly_growth from kelly_stake_table('bars', 0.02) where symbol = 'B' order by fraction"
    assert rows(same) == [(each, pytest.approx(of("kelly_growth", each), rel=1e-12)) for each in (0.25, 0.5, 1)]


def test_groups_are_told_by_symbol_and_an_unknown_one_is_refused() -> None:
    metric = metrics()["brinson_allocation"]
    told = parameters_of(metric, ["groups=A:big tech,B: oil", "weights=A:1", "linked=false"])
    assert told == {"groups": {"A": "big tech", "B": "oil"}, "weights": {"A": 1.0}, "linked": False}
    assert parameters_of(metric, ["groups=A"]) == {"groups": "A"}
    table = pa.table({"symbol": ["A", "B"] * 2, "date": [*["2024-01-01"] * 2, *["2024-01-02"] * 2], "close": [1.0] * 4})
    with pytest.raises(MetricError, match="groups name 'D', which is no symbol of the bars"):
        quant.compute("brinson_allocation", table, groups={"D": "oil"})
    with pytest.raises(MetricError, match="weights must be numbers by symbol"):
        quant.compute("brinson_allocation", table, weights={"A": 10**400})
    with pytest.raises(MetricError, match="groups must be groups by symbol"):
        quant.compute("brinson_allocation", table, groups={"A": 1.0})
    twice = table.append_column("source", pa.array(["x", "y"] * 2)).set_column(0, "symbol", pa.array(["A"] * 4))
    with pytest.raises(MetricError, match="weights name 'A', which several sources have: keep one"):
        quant.compute("portfolio_vol", twice, weights={"A": 1.0})
