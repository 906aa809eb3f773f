"""Coarser bars: from finer ones, and only once nothing of them is missing."""

import duckdb
import pytest

from tests.repo.conftest import Visits
from tests.repo.lab import COINS

SECONDS = {"5m": 300, "15m": 900, "1h": 3600, "4h": 14400}


def starts(build: duckdb.DuckDBPyConnection, visits: Visits, interval: str) -> list[int]:
    """Minutes since noon at which the bars of the first coin begin."""
    found = build.execute(
        "select date_diff('minute', $noon, ts) from bars.bars "
        "where symbol = $coin and interval = $interval order by ts",
        {"noon": visits.lab.noon, "coin": COINS[0], "interval": interval},
    ).fetchall()
    return [minute for (minute,) in found]


def test_a_bar_is_final_once_its_minutes_are(visits: Visits) -> None:
    # Minutes 0 to 31 and 34 are there at first, 0 to 35 after the second visit.
    assert starts(visits.first, visits, "5m") == [0, 5, 10, 15, 20, 25]
    assert starts(visits.incremental, visits, "5m") == [0, 5, 10, 15, 20, 25, 30]
    assert starts(visits.incremental, visits, "15m") == [0, 15]
    assert starts(visits.incremental, visits, "1h") == starts(visits.incremental, visits, "4h") == []


@pytest.mark.parametrize("interval", ["5m", "15m"])
def test_a_bar_within_the_day_is_what_its_minutes_are(visits: Visits, interval: str) -> None:
    worst = visits.incremental.execute(
        "with minutes as (select *, to_timestamp(epoch(ts)::bigint // $step * $step) as start from bars.bars "
        "where interval = '1m'), expected as (select source, symbol, start as ts, list(open order by ts)[1] as open, "
        "max(high) as high, min(low) as low, list(close order by ts)[-1] as close, sum(volume) as volume, "
        "sum(trade_count) as trade_count, sum(bar_vwap * volume) / sum(volume) as bar_vwap from minutes group by all) "
        "select count(*), max(abs(b.open - e.open) + abs(b.high - e.high) + abs(b.low - e.low) "
        "+ abs(b.close - e.close) + abs(b.volume - e.volume) + abs(b.trade_count - e.trade_count) "
        "+ abs(b.bar_vwap - e.bar_vwap)), "
        "bool_and(b.adj_close = b.close and epoch(b.end_ts - b.ts) = $step) "
        "from bars.bars as b join expected as e using (source, symbol, ts) where b.interval = $interval",
        {"interval": interval, "step": SECONDS[interval]},
    ).fetchall()
    count, difference, is_shaped = worst[0]
    assert count == {"5m": 14, "15m": 4}[interval]
    assert difference < 1e-9
    assert is_shaped


def test_weeks_begin_on_monday_and_end_with_their_last_session(visits: Visits) -> None:
    # Thirty sessions in a row, weekends too: four or five whole weeks, less the first one unless it began on a Monday.
    weeks = visits.first.execute(
        "with weeks as (from bars.bars where interval = '1w' and symbol = 'SPY'), "
        "days as (select date_trunc('week', session_date) as monday, max(end_ts) as end_ts, count(*) as count_days, "
        "arg_max(close, ts) as close from bars.bars where interval = '1d' and symbol = 'SPY' group by monday) "
        "select count(*), bool_and(isodow(session_date) = 1), bool_and(weeks.end_ts = days.end_ts), "
        "bool_and(weeks.volume = 1000 * count_days), bool_and(weeks.close = days.close) "
        "from weeks join days on days.monday = weeks.session_date"
    ).fetchall()[0]
    assert weeks[0] in (3, 4)
    assert weeks[1:] == (True, True, True, True)


def test_every_metric_has_every_interval(visits: Visits) -> None:
    listed = visits.incremental.execute(
        "select asset_class, list(distinct interval order by interval) from serving.latest_metrics "
        "group by asset_class order by asset_class"
    ).fetchall()
    assert listed == [("crypto", ["15m", "1d", "1m", "1w", "5m"]), ("equity", ["1d", "1w"])]


def test_the_two_relations_that_metrics_are_asked_of_have_every_final_bar(visits: Visits) -> None:
    counted = visits.incremental.execute(
        "select (select count(*) from bars.bars), (select count(*) from serving.final_bars), "
        "(select count(*) from serving.final_bars join serving.benchmark_bars using (source, symbol, interval, ts)), "
        "(select count(*) from serving.benchmark_bars where symbol = benchmark), "
        "(select count(*) from serving.final_bars where symbol in ('BTCUSDT', 'SPY'))"
    ).fetchall()[0]
    assert counted[0] == counted[1] == counted[2] > 100
    assert counted[3] == counted[4]
