"""Signals of a real build: only on final bars, alerts about the data while they last, rules of options."""

from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import duckdb

from bench.compiled import Build
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import PROJECT_PATH, load_settings
from quant.settings.signals import KINDS, rule_files
from tests.repo.conftest import Visits
from tests.repo.lab import COINS


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_an_open_bar_raises_nothing(visits: Visits) -> None:
    """Every event stands on a stored bar; the lab has days and minutes that are not final yet."""
    assert rows(visits.whole, "select count(*) > 50 from signals.events") == [(True,)]
    assert rows(visits.whole, "from signals.events anti join bars.bars using (series_id, ts)") == []


def test_a_gap_is_an_alert_while_it_is_open() -> None:
    """Named by its last id, so that what is left of a gap that is being filled is the same gap."""
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute(
            "create schema config; create table config.instruments as select 'binance' as source, 'X' as symbol, "
            "'crypto' as asset_class; create table health as select 'binance' as source, 'X' as symbol, "
            "'trades' as dataset, "
            "now() as last_fetched_at, 30.0::double as promised_seconds, false as is_stale; create table meta_gaps as "
            "select 'binance' as source, 'X' as symbol, unnest([7, 3165]) as first_trade_id, unnest([8, 3166]) as "
            "last_trade_id, unnest(['filled', 'open']) as status, 'a hole' as reason, to_timestamp(1)::timestamptz as "
            "detected_at"
        )
        select = Build(dbt_vars(load_settings()), connection).select("data_alerts")
        found = rows(connection, f"select signal_id, symbol, value, explanation from ({select})")
    text = "Trades of X from binance are missing: ids 3165 to 3166 (a hole)."
    assert found == [(md5(b"open_gap|binance|X|3166|1000000").hexdigest(), "X", 2, text)]


def test_a_silent_source_is_an_alert_from_the_instant_that_its_promise_broke(visits: Visits) -> None:
    found = rows(
        visits.whole,
        "select symbol, ts, explanation from signals.data_alerts "
        "where rule = 'stale_source' and explanation like '%klines%'",  # of trades other tests bring new ones
    )
    assert sorted(symbol for symbol, *_ in found) == sorted(COINS)
    for _, ts, explanation in found:
        assert ts == visits.lab.now - timedelta(hours=1) + timedelta(minutes=30)
        assert explanation.endswith("30 minutes are promised.")


def test_every_rule_is_listed_with_its_numbers(visits: Visits) -> None:
    found = {row[0]: row[1:] for row in rows(visits.whole, "select rule, kind, thresholds, is_on from signals.rules")}
    assert set(found) == {file.name for file in rule_files()}
    assert found["rsi_level"] == ("market", "rsi_level_low 30.0, window_rsi 14, rsi_level_high 70.0", True)


def test_outcomes_are_counted_once_for_a_series_and_once_for_its_class(visits: Visits) -> None:
    ((series, classes),) = rows(
        visits.whole,
        "select sum(count_events) filter (symbol is not null), sum(count_events) filter (symbol is null) "
        "from signals.outcomes where bars_after = 1",
    )
    (counted,) = rows(visits.whole, "select count(next_return) from signals.events")[0]
    assert series == classes == counted


VOLS = [0.20, 0.21, 0.22, 0.30, 0.29, 0.31, 0.22, 0.35, 0.19]
BREACHES = [None, None, 0.2, 0.3, None, 0.02, 0.1, None, None]


def option_events(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(rule, day, direction, next_return) of a chain a day, ranked among three days, closes that rise by 1 % a day."""
    connection.execute("set timezone = 'UTC'; create schema config")
    load_formulas(connection)
    connection.execute(
        "create table config.asset_classes as select 'equity' as asset_class, 'America/New_York' as timezone"
    )
    start = datetime(2026, 6, 1, 15, tzinfo=UTC)
    chains = [
        {"day": i, "at": start + timedelta(days=i), "vol": vol, "breach": breach}
        for i, (vol, breach) in enumerate(zip(VOLS, BREACHES, strict=True))
    ]
    connection.execute(
        "create table option_chains as select 'yahoo' as source, 'SPY' as underlying, 'run' || c.day as ingest_run_id, "
        "c.at as quoted_at, c.at + interval 1 minute as fetched_at, 100.0::double as spot, "
        "c.vol::double as atm_iv_30d, "
        "(c.breach is not null)::bigint as count_parity_breaches, "
        "c.breach::double as parity_breach "
        "from (select unnest($chains) as c)",
        {"chains": chains},
    )
    connection.execute(
        "create table ordered_returns as select series_id_of('yahoo', 'SPY', '1d') as series_id, "
        "quoted_at - interval 90 minute as ts, ts + interval 390 minute as end_ts, 0.01::double as simple_return "
        "from option_chains"
    )
    build = Build({**dbt_vars(load_settings()), "window_long": 3}, connection)
    return rows(
        connection,
        "select rule, date_diff('day', date '2026-06-01', ts::date), direction, next_return, past_events "
        f"from ({build.select('option_events')}) order by ts, rule",
    )


def test_chains_raise_extremes_and_breaches() -> None:
    """Ranks among the three days before and itself, by hand: day 3: 1 (the first: no event), day 4: 0.89,
    day 5: 1, day 6: 0, day 7: 1, day 8: 0. Dear is armed again below 0.7, cheap above 0.3; a breach counts above
    0.05."""
    with duckdb.connect() as connection:
        found = option_events(connection)
    assert found == [
        ("parity_breach", 2, "up", 0.01, 0),
        ("iv_rank_extreme", 6, "down", 0.01, 0),
        ("parity_breach", 6, "up", 0.01, 1),
        ("iv_rank_extreme", 7, "up", 0.01, 0),
        ("iv_rank_extreme", 8, "down", None, 1),
    ]


def test_each_kind_of_rule_is_in_the_repository() -> None:
    """A folder named data is easily ignored by git, and its rules are then missing for everybody else."""
    assert {file.kind for file in rule_files()} == set(KINDS)
    ignored = (PROJECT_PATH / ".gitignore").read_text().split()
    assert not {"data", "data/"} & set(ignored)
