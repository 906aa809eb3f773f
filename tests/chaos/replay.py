"""A market replayed bar by bar through the models' own SQL: the events of all steps are those of one full build.

`python -m tests.chaos.replay` does five years of daily bars, one bar of each symbol a step, as `make chaos` does; the
tests do a short stretch. Each step stores what a build stores: bars, metrics, levels, judgements, events.
"""

import argparse
import sys
import time

import duckdb

from bench.compiled import Build
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import load_settings

METRICS = ("trend", "averages", "macd", "momentum", "channels", "volatility", "performance")
MODELS = (
    "changes", "ordered_returns", "recent_bars", "states", *METRICS, "drawdown", "histories", "levels", "judgements",
    "events",
)  # fmt: skip
# Walks with calm and stormy stretches, and prices in whole cents of which one symbol has few: lines are touched.
MARKET = """
create table given as
with shocks as (
    select
        s, i,
        (hash(s, i) % 20001 / 10000.0::double - 1) * case when (i // 90 + s) % 3 = 0 then 0.035 else 0.012 end as shock
    from range($symbols) as symbols(s), range($bars) as days(i)
),
walked as (
    select s, i, 60 * exp(sum(shock) over (partition by s order by i)) as price, abs(shock) as width from shocks
)
select
    s + 1 as series_id, 'lab' as source, 'S' || s as symbol, 'equity' as asset_class, '1d' as interval, i,
    timestamptz '2021-01-04 14:30:00+00' + to_days(i::int) as ts, ts + interval 390 minute as end_ts,
    ts::date as session_date, round(price, p) as open, round(price * (1 + width), p) as high,
    round(price * (1 - width), p) as low,
    round(price * (1 + (hash(i, s) % 201 / 100.0::double - 1) * width), p) as close,
    close as adj_close, 1e6::double as volume
from (select *, case when s = 0 then 0 else 2 end as p from walked)
"""


def market(symbols: int, bars: int) -> duckdb.DuckDBPyConnection:
    """All bars in `given`; `bars`, those that a build finds, is empty."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'; set threads = 2")
    load_formulas(connection)
    connection.execute(MARKET, {"symbols": symbols, "bars": bars})
    connection.execute(
        "create table series as select distinct series_id, source, symbol, asset_class, interval, "
        "252.0::double as periods_per_year from given; create table bars as select * exclude (i) from given limit 0; "
        "create view final_bars as select bars.*, series.periods_per_year from bars join series using (series_id)"
    )
    return connection


def take(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    connection.execute(f"insert into bars select * exclude (i) from given where {condition}")


def store(connection: duckdb.DuckDBPyConnection, is_incremental: bool, **changed: object) -> None:
    """One build; `changed` replaces variables, as another config.yaml would."""
    variables = {**dbt_vars(load_settings()), **changed}
    build = Build(variables, connection, is_incremental)
    for model in MODELS:
        if model == "drawdown":
            connection.execute(f"create or replace view returns as {build.select('returns')}")
        build.store(model)


def replay(connection: duckdb.DuckDBPyConnection, first: int, bars: int) -> None:
    """Bars 0 to `first` - 1 in a full build, each later one in a build of its own; then `stepped` holds the events."""
    take(connection, f"i < {first}")
    store(connection, is_incremental=False)
    for i in range(first, bars):
        take(connection, f"i = {i}")
        store(connection, is_incremental=True)
    connection.execute("create or replace table stepped as from events")
    for model in MODELS:
        connection.execute(f"drop table {model}")
    store(connection, is_incremental=False)


def differences(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Events that one side alone has, or whose text, record or outcome differ by more than 1e-12."""
    exact = ["rule", "series_id", "line", "ts", "direction", "explanation", "past_events", "is_hit"]
    close = ["value", "threshold", "next_return", "return_after_5", "past_hit_rate", "past_mean_return"]
    same = [f"ours.{name} is distinct from theirs.{name}" for name in exact]
    near = [
        f"((ours.{name} is null) <> (theirs.{name} is null) or abs(ours.{name} - theirs.{name}) > 1e-12 * "
        f"greatest(abs(theirs.{name}), 1))"
        for name in close
    ]
    return connection.execute(
        "select ours.rule, ours.ts, theirs.rule, theirs.ts, ours.explanation, theirs.explanation "
        f"from stepped as ours full join events as theirs using (signal_id) where {' or '.join([*same, *near])}"
    ).fetchall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=4)
    parser.add_argument("--bars", type=int, default=1260)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    with market(arguments.symbols, arguments.bars) as connection:
        replay(connection, arguments.first, arguments.bars)
        counted = connection.execute("select rule, count(*) from events group by rule order by rule").fetchall()
        apart = differences(connection)
    print(f"{arguments.bars - arguments.first} builds in {time.monotonic() - started:.0f} s: {dict(counted)}")
    print(f"{len(apart)} events differ from those of one full build")
    for row in apart[:10]:
        print(row)
    sys.exit(1 if apart else 0)


if __name__ == "__main__":
    main()
