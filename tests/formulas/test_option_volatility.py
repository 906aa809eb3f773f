"""Variance without a model, expected moves, ranks and premia: macros/formulas/98 and 98c."""

import math
from collections.abc import Iterator

import duckdb
import pytest

from tests.formulas.option_chains import chain_of, give, opened, quote, rows, value


@pytest.fixture(scope="module")
def market() -> Iterator[duckdb.DuckDBPyConnection]:
    with opened() as connection:
        yield connection


def test_variance_of_an_expiry_is_the_sum_over_its_strikes(market: duckdb.DuckDBPyConnection) -> None:
    """F 101 by hand, so K0 = 100, at which call and put count half each; the put at 80 lies beyond two without a bid,
    the one at 95 is left out for it alone, and so is the call at 115."""
    years, forward, growth = 30 / 365, 101.0, math.exp(0.04 * 30 / 365)
    puts = [
        quote(80, False, 0.1),
        quote(85, False, bid=0.0, ask=0.05),
        quote(88, False, bid=0.0, ask=0.05),
        quote(90, False, 0.5),
        quote(95, False, bid=0.0, ask=1.0),
        quote(98, False, 1.5),
        quote(100, False, 2.4),
    ]
    calls = [quote(100, True, 3.4), quote(105, True, 1.2), quote(110, True, 0.4), quote(115, True, bid=0.0, ask=0.1)]
    give(market, [*puts, *calls])
    market.execute(f"create or replace table priced as select *, {forward} as forward from quotes")
    taken = rows(market, "select strike, price from index_strikes('priced') order by strike")
    assert [(row["strike"], row["price"]) for row in taken] == [
        (90, 0.5),
        (98, 1.5),
        (100, 2.9),
        (105, 1.2),
        (110, 0.4),
    ]
    widths = {90: 8, 98: 5, 100: 3.5, 105: 5, 110: 5}
    total = sum(widths[row["strike"]] / row["strike"] ** 2 * growth * row["price"] for row in taken)
    expected = (2 * total - (forward / 100 - 1) ** 2) / years
    assert value(market, "select variance from model_free_variances('priced')") == pytest.approx(expected, rel=1e-13)
    assert value(market, "select value from vix_style_index('priced', days := 30)") == pytest.approx(
        math.sqrt(expected)
    )
    assert value(market, "select value from vix_style_index('priced', days := 31)") is None
    market.execute("delete from priced where is_call and strike > 100")
    assert value(market, "select variance from model_free_variances('priced')") is None


def test_index_of_one_volatility_is_that_volatility(market: duckdb.DuckDBPyConnection) -> None:
    """Strikes half a per cent apart from 50 to 180: what is left is their width."""
    chain_of(market, {20: 0.25, 45: 0.25}, [50.0 + 0.5 * step for step in range(260)])
    assert value(market, "select value from vix_style_index('priced')") == pytest.approx(0.25, abs=2e-4)
    found = rows(market, "from expected_move('priced') order by expires_at")
    assert found[0]["value"] == pytest.approx(100 * 0.25 * math.sqrt(20 / 365), rel=1e-7)
    straddle = rows(market, "from expected_move_straddle('priced') order by expires_at")[0]["value"]
    sides = "select sum(mid) from priced where strike = 100 and years < 0.1"
    assert straddle == pytest.approx(value(market, sides), rel=1e-14)
    assert straddle / found[0]["value"] == pytest.approx(math.sqrt(2 / math.pi), abs=0.01)
    market.execute("update priced set mid = null where strike = 100 and is_call")
    assert rows(market, "from expected_move_straddle('priced') order by expires_at")[0]["value"] is None


def test_two_expiries_give_the_index_of_the_white_paper(market: duckdb.DuckDBPyConnection) -> None:
    """CBOE's worked example: 35,924 and 46,394 minutes, variances 0.01846292 and 0.01882101: 13.69."""
    squared = value(
        market,
        "select variance_on(43200 / 525600, t, t * variance) / (43200 / 525600) from "
        "(values (35924 / 525600, 0.01846292), (46394 / 525600, 0.01882101)) as e(t, variance)",
    )
    assert 100 * math.sqrt(squared) == pytest.approx(13.69, abs=0.005)


def test_quotes_without_a_bid_or_outside_the_session_have_no_price_for_an_index(
    market: duckdb.DuckDBPyConnection,
) -> None:
    prices = "index_mid(1.0, 3.0, null, '{}')"
    assert value(market, f"select {prices.format('wide')}") == 2
    assert value(market, f"select {prices.format('stale')}") == 2
    assert value(market, f"select {prices.format('off_hours')}") is None
    assert value(market, "select index_mid(0.0, 3.0, null, 'no_quote')") is None
    assert value(market, "select index_mid(1.0, 3.0, 2.5, 'two_sided')") == 2.5


def test_rank_and_percentile_look_at_the_days_before(market: duckdb.DuckDBPyConnection) -> None:
    """Four days before: 0.2, 0.3, 0.25, 0.2; then 0.25 lies half way, two are strictly lower; 0.4 is the highest. Of
    the two chains of the fifth day the later counts."""
    market.execute(
        "create or replace table history as select 'x' as source, 'X' as underlying, "
        "timestamptz '2026-11-02 21:00:00+00' + to_minutes((24 * 60 * day)::integer) as quoted_at, vol as implied_vol "
        "from (values (0, 0.2::double), (1, 0.3), (2, 0.25), (3, 0.2), (4, 0.25), (3.95, 0.9), (5, 0.4)) as t(day, vol)"
    )
    found = rows(market, "from iv_ranks('history', n := 4) order by quoted_at")
    assert [row["iv_rank"] for row in found] == [None] * 4 + [pytest.approx(0.5), 1]
    assert [row["iv_percentile"] for row in found] == [None] * 4 + [0.5, 1]
    market.execute("update history set implied_vol = 0.2")
    assert rows(market, "from iv_ranks('history', n := 4) order by quoted_at")[-1]["iv_rank"] is None
    assert rows(market, "from iv_ranks('history', n := 4) order by quoted_at")[-1]["iv_percentile"] == 0


def test_premium_is_implied_less_realised_before_and_after(market: duckdb.DuckDBPyConnection) -> None:
    """Quoted at the close of 20 November: returns of 1 % a day until then, of 2 % after; at 252 a year."""
    chain_of(market, {30: 0.3}, [90, 100, 110])
    market.execute(
        "create or replace table bars as select 'y' as source, 'X' as symbol, '1d' as interval, "
        "timestamptz '2026-11-20 14:30:00+00' + to_days(day::integer) as ts, 252.0::double as periods_per_year, "
        "100 * exp(case when day <= 0 then 0.01 else 0.02 end * day) as adj_close from range(-30, 30) as t(day)"
    )
    implied = "select value from variance_risk_premium('priced', 'bars', n := {}, is_ex_post := {})"
    assert value(market, implied.format(21, "false")) == pytest.approx(0.09 - 252 * 1e-4, rel=1e-6)
    assert value(market, implied.format(21, "true")) == pytest.approx(0.09 - 252 * 4e-4, rel=1e-6)
    assert value(market, implied.format(40, "true")) is None and value(market, implied.format(40, "false")) is None
    market.execute("insert into bars by name select * replace ('z' as source, 2 * adj_close as adj_close) from bars")
    market.execute("insert into bars by name select * replace ('hand' as source, 3.0 as adj_close) from bars where "
                   "source = 'z'")  # fmt: skip
    assert value(market, implied.format(21, "false")) == pytest.approx(0.09, rel=1e-6)  # one row: its own source's bars
    assert value(market, implied.format(21, "true")) == pytest.approx(0.09, rel=1e-6)
    market.execute("delete from bars where source = 'hand' or ts > timestamptz '2026-11-20'")
    assert value(market, implied.format(21, "true")) is None
    market.execute("delete from bars")
    assert value(market, implied.format(21, "false")) is None
    days = "select last_session_on(timestamptz '2026-11-20 {}+00')::varchar"
    assert value(market, days.format("20:59:00")) == "2026-11-19"
    assert value(market, days.format("21:00:00")) == "2026-11-20"
