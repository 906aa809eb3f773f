"""Live views: what was traded a moment ago is in the answer without a build, and only the files needed are opened."""

import json
import re
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from quant.settings import PROJECT_PATH
from tests.repo.conftest import Visits
from tests.repo.lab import COINS, wave

COIN = COINS[0]
CONTRACT = yaml.safe_load(Path(__file__).with_name("contract.yml").read_text())


def files_read(build: duckdb.DuckDBPyConnection, query: str) -> Counter[str]:
    """Dataset folder -> files that the query opened."""
    plan = json.loads(build.execute(f"explain (analyze, format json) {query}").fetchall()[0][1])
    return sum((opened_by(operator) for operator in plan["operator"]), Counter())


def opened_by(operator: dict[str, Any]) -> Counter[str]:
    info = operator.get("extra_info", {})
    folder = re.search(r"/parquet/(trades/tail|trades/closed|klines|equities|ledger)/", info.get("Filename(s)", ""))
    mine = Counter({folder[1]: int(info["Total Files Read"])} if folder else {})
    return sum((opened_by(child) for child in operator.get("children", [])), mine)


def count_files(visits: Visits, pattern: str) -> int:
    return len(list(visits.lab.root.glob(pattern)))


@pytest.fixture(scope="module")
def traded(visits: Visits) -> datetime:
    """Three trades of a moment ago, on disk after the last build; the instant of the last one."""
    now = datetime.now(UTC)
    for coin in COINS:
        rows = [visits.lab.trade(coin, 9000 + i, now - timedelta(milliseconds=30 - i), now) for i in range(3)]
        visits.lab.trades(coin, "now", rows[-1:] if rows[0]["ts"].hour != now.hour else rows)
    return now


def test_a_trade_is_in_the_answers_without_a_build(visits: Visits, traded: datetime) -> None:
    prices = visits.whole.execute(
        "select trade_id, is_live, price / previous_close - 1 = change from serving.latest_prices where symbol = $coin",
        {"coin": COIN},
    ).fetchall()
    assert prices == [(9002, True, True)]
    bar = visits.whole.execute(
        "select is_final, end_ts > $traded - interval 1 minute, sma is not null from serving.bars "
        "where symbol = $coin and interval = '1m' order by ts desc limit 1",
        {"coin": COIN, "traded": traded},
    ).fetchall()
    assert bar == [(False, True, True)]
    stale = visits.whole.execute(
        "select is_stale from serving.health where symbol = $coin and dataset = 'trades'", {"coin": COIN}
    ).fetchall()
    assert stale == [(False,)]


def test_compaction_changes_no_answer(visits: Visits) -> None:
    query = "from staging.trades where symbol = 'BTCUSDT' and date < current_date order by trade_id"
    tail, closed = visits.incremental.execute(query).fetchall(), visits.whole.execute(query).fetchall()
    assert len(closed) == 55  # minutes 25 to 35, five trades each
    assert tail == closed
    assert files_read(visits.whole, query.split(" order")[0])["trades/closed"] > 0


def test_live_indicators_equal_the_stored_ones(visits: Visits) -> None:
    worst = visits.whole.execute(
        "select count(*), max(abs(live.sma - trend.sma_short)), max(abs(live.bb_upper - trend.bb_upper)), "
        "max(abs(live.realized_vol - volatility.realized_vol)), max(abs(live.log_return - returns.log_return)) "
        "from serving.bars as live join bars.series using (source, symbol, interval) "
        "join metrics.trend using (series_id, ts) join metrics.volatility using (series_id, ts) "
        "join bars.returns using (series_id, ts)"
    ).fetchall()[0]
    assert worst[0] == sum(count for (count,) in visits.whole.execute("select count(*) from bars.bars").fetchall())
    assert max(worst[1:]) < 1e-9


@pytest.mark.parametrize("relation", ["staging.trades", "serving.recent_trades", "bars.trade_bars"])
def test_a_filter_on_the_symbol_opens_its_files_only(visits: Visits, traded: datetime, relation: str) -> None:
    opened = files_read(visits.whole, f"from {relation} where symbol = '{COIN}'")
    assert opened["trades/tail"] <= count_files(visits, f"trades/tail/symbol={COIN}/**/*.parquet")
    assert opened["trades/closed"] <= count_files(visits, f"trades/closed/symbol={COIN}/**/*.parquet")


def test_a_filter_on_the_date_opens_its_files_only(visits: Visits, traded: datetime) -> None:
    opened = files_read(visits.whole, f"from staging.trades where date = '{traded:%Y-%m-%d}'")
    assert opened["trades/tail"] == count_files(visits, f"trades/tail/*/*/date={traded:%Y-%m-%d}/*/*.parquet")
    assert opened["trades/closed"] == 0


def test_one_chart_opens_the_files_of_its_symbol_only(visits: Visits, traded: datetime) -> None:
    minutes = files_read(visits.whole, f"from serving.bars where symbol = '{COIN}' and interval = '1m'")
    assert minutes["trades/tail"] <= count_files(visits, f"trades/tail/symbol={COIN}/**/*.parquet")
    assert minutes["klines"] <= count_files(visits, f"klines/symbol={COIN}/*/interval=1m/*.parquet")
    assert minutes["equities"] == 0
    days = files_read(visits.whole, f"from serving.bars where symbol = '{COIN}' and interval = '1d'")
    assert days["klines"] == count_files(visits, f"klines/symbol={COIN}/*/interval=1d/*.parquet")
    assert days["trades/tail"] == days["equities"] == 0


def test_the_command_line_of_an_older_duckdb_reads_every_relation(visits: Visits) -> None:
    """The newest CLI on the package index is 1.5; every value is computed, none is optimised away."""
    path = visits.whole.execute("select path from duckdb_databases() where not internal").fetchall()[0][0]
    command = "".join(f"select count(*), max(columns(*)::varchar) from {relation};" for relation in CONTRACT)
    run = subprocess.run(
        [PROJECT_PATH / ".venv/bin/duckdb", "-readonly", "-bail", "-csv", path, command],
        capture_output=True, text=True, cwd=PROJECT_PATH, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("count_star()") == len(CONTRACT)


def test_minutes_that_a_hole_kept_back_are_shown_beside_later_stored_ones(visits: Visits) -> None:
    query = (
        "select date_diff('minute', $noon, ts) as minute, is_final from {} "
        "where symbol = $coin and interval = '1m' and ts >= $noon + interval 30 minute and ts < $noon + interval 1 hour"
    )
    values = {"noon": visits.lab.noon, "coin": COIN}
    assert dict(visits.first.execute(query.format("metrics.stored_bars"), values).fetchall()) == dict.fromkeys(
        (30, 31, 34), True
    )
    assert dict(visits.first.execute(query.format("serving.bars"), values).fetchall()) == dict.fromkeys(
        range(30, 36), True
    )


@pytest.fixture(scope="module")
def ex_date(visits: Visits) -> list[tuple[object, ...]]:
    """SPY's last stored session and an open one after it, which pays 2 and came after every build."""
    now = datetime.now(UTC)
    session = visits.lab.session("SPY", 31, now) | {"dividend": 2.0, "is_final": False}
    visits.lab.sessions("SPY", "open", [session])
    return visits.whole.execute(
        "select is_final, close, adj_close, simple_return, as_of <= now() from serving.bars "
        "where symbol = 'SPY' and interval = '1d' order by ts desc limit 2"
    ).fetchall()


def test_an_open_ex_date_earns_its_dividend_before_the_next_build(ex_date: list[tuple[object, ...]]) -> None:
    today, yesterday = wave(31, "SPY") + 1, wave(30, "SPY") + 1
    assert ex_date == [
        (False, today, today, pytest.approx(today / (yesterday - 2) - 1), True),
        (True, yesterday, pytest.approx(yesterday - 2), pytest.approx(yesterday / (wave(29, "SPY") + 1) - 1), True),
    ]


def test_the_open_session_has_todays_price(visits: Visits, ex_date: list[tuple[object, ...]]) -> None:
    today, yesterday = wave(31, "SPY") + 1, wave(30, "SPY") + 1
    answer = visits.whole.execute(
        "select price, previous_close, is_live, ts <= now() from serving.latest_prices where symbol = 'SPY'"
    ).fetchall()
    assert answer == [(today, yesterday, False, True)]


def test_no_answer_speaks_for_the_future(visits: Visits, traded: datetime, ex_date: list[tuple[object, ...]]) -> None:
    counted = visits.whole.execute(
        "select count_if(as_of > now()), count_if(not is_final) from serving.bars"
    ).fetchall()
    assert counted[0][0] == 0
    assert counted[0][1] >= 3  # the minutes of two coins, a session
