"""A build with a public database: the relations of the contract, bars that were chosen, and every formula."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from quant.formula_texts import formula_table
from quant.settings import PROJECT_PATH
from quant.sql.public_database import write_public_database
from quant.sql.public_names import PublicNames

SYMBOLS = ("AAPL", "MSFT", "SPY", "BTCUSDT")
DAYS = 60
BARS = """
insert into serving.final_bars by name
select
    symbol.index as series_id, 'lab' as source, symbol.name as symbol,
    case symbol.name when 'BTCUSDT' then 'crypto' else 'equity' end as asset_class, interval.name as interval,
    timestamptz '2026-01-01 00:00:00Z' + to_days(day::integer) as ts, ts + interval 1 day as end_ts,
    ts::date as session_date, 100.0 + symbol.index + ((day * 37 + symbol.index * 11) % 13) as open,
    open + 3 as high, open - 2 as low, open + ((day * 7) % 5) - 2 as close, close as adj_close,
    1000.0 + day * 10 as volume, 252.0 as periods_per_year
from (select unnest($symbols) as name, generate_subscripts($symbols, 1) as index) as symbol
cross join (select unnest(['1d', '1w']) as name) as interval
cross join range($days) as days (day)
where interval.name = '1d' or day % 7 = 0
"""
BENCHMARK = """
insert into serving.benchmark_bars by name
select
    bars.source, bars.symbol, bars.interval, bars.ts, benchmark.adj_close, 'SPY' as benchmark
from serving.final_bars as bars
inner join serving.final_bars as benchmark using (interval, ts)
where bars.symbol <> 'SPY' and benchmark.symbol = 'SPY'
"""


def publish(folder: Path) -> PublicNames:
    """Lay out one finished build in `folder`: market.duckdb, public.duckdb, public.json."""
    contract = yaml.safe_load((PROJECT_PATH / "tests/repo/contract.yml").read_text())
    with duckdb.connect(str(folder / "market.duckdb")) as connection:
        connection.execute("create schema serving; create schema meta; create schema raw")
        connection.execute("create table raw.secret as select 'hidden' as secret")
        for relation, columns in contract.items():
            typed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f"create table {relation} ({typed})")
    fill(folder / "market.duckdb")
    return write_public_database(folder / "market.duckdb", 10_000_000)


def fill(database: Path) -> None:
    """Rows, into relations that are there already, and two live ones."""
    with duckdb.connect(str(database)) as connection:
        _fill(connection)
        file = database.with_name("live.parquet")
        connection.execute(f"copy (select 1 as x) to '{file}' (format parquet)")
        for live in ("serving.bars", "serving.latest_prices"):
            connection.execute(f"drop table {live}; create view {live} as from read_parquet('{file}')")


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    """The bars, their benchmark, the formulas, and the build itself."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(BARS, {"symbols": list(SYMBOLS), "days": DAYS})
    connection.execute(BENCHMARK)
    connection.register("formulas", formula_table())
    connection.execute("insert into meta.formulas by name from formulas")
    started = datetime(2026, 3, 1, tzinfo=UTC)
    values = {"started": started, "tested": started + timedelta(minutes=1)}
    columns = "(build_id, kind, started_at, tested_at, seconds)"
    connection.execute(f"insert into meta.builds {columns} values ('one', 'full', $started, $tested, 1)", values)
