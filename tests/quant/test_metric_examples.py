"""Every example of the catalogue runs as it stands in the older DuckDB command line, on a file that ours wrote."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import duckdb

from quant.formulas import load_formulas
from quant.metric_examples import metric_table
from quant.settings import Settings
from udfs import register
from udfs.arrow_udfs import FUNCTIONS

# Four stocks, a coin and a chain of options, as the relations that the examples read.
RELATIONS = """
    create schema serving;
    create schema staging;
    create schema options;
    create table serving.final_bars as
        with steps as (
            select
                symbol, i,
                (hash(symbol, i) % 1000) / 25000.0 - 0.0195 as step, (hash(i, symbol) % 100) / 1000.0 as spread
            from (values ('SPY'), ('AAPL'), ('MSFT'), ('NVDA')) as t(symbol), range(600) as r(i)
        ),
        closes as (select *, 100 * exp(sum(step) over (partition by symbol order by i)) as close from steps)
        select
            'yahoo' as source, symbol, '1d' as interval, timestamptz '2022-01-03' + to_days(i::integer) as ts,
            close - spread as open, close + 0.2 as high, close - 0.2 as low, close, close as adj_close,
            1000.0 + i as volume, 252.0::double as periods_per_year
        from closes;
    create table serving.benchmark_bars as
        select bars.source, bars.symbol, bars.interval, bars.ts, spy.adj_close
        from serving.final_bars as bars join serving.final_bars as spy on spy.symbol = 'SPY' and spy.ts = bars.ts;
    create table staging.trades as
        select 'binance' as source, 'BTCUSDT' as symbol, i as trade_id, now() - to_seconds(20 * i) as ts,
            100.0 + i % 7 as price, 1.0 as size
        from range(4000) as r(i);
    create table options.quotes as
        with contracts as (
            select 'SPY' as underlying, is_call, strike::double as strike,
                timestamptz '2023-06-01 20:00:00+00' as quoted_at,
                timestamptz '2023-06-01 20:00:00+00' + to_days(days) as expires_at, days / 365 as years
            from (values (true), (false)) as s(is_call), range(70, 135, 5) as k(strike), (values (20), (50)) as d(days)
        )
        select *, 'yahoo' as source, 'run' as ingest_run_id, expires_at::date as expiry_on, mid - 0.02 as bid,
            mid + 0.02 as ask, 'two_sided' as quality, false as is_american, strike::bigint as volume,
            (1000 - 5 * abs(strike - case when is_call then 110 else 85 end))::bigint as open_interest,
            100.0::double as spot, 0.04::double as rate,
            0.01::double as dividend_yield
        from (
            select *, bs_price(is_call, 100, strike, years, 0.04, 0.4 - 0.002 * (strike - 100), 0.013) as mid
            from contracts
        );
    create table options.priced_quotes as from priced('options.quotes');
    create table options.newest_chains as select 'yahoo' as source, 'SPY' as underlying, 'run' as ingest_run_id;
"""


def test_every_example_runs_at_the_older_prompt_and_gives_the_same(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "build.duckdb"
    rows = metric_table(settings, [function.name for function in FUNCTIONS]).to_pylist()
    examples = {row["metric"]: row["example"] for row in rows if row["example"] and not row["takes_trades"]}
    with duckdb.connect(str(path), config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        register(connection)
        load_formulas(connection)
        connection.execute(RELATIONS)
        ours = {name: connection.execute(query).fetchall() for name, query in examples.items()}
    assert len(examples) > 150 and {name for name, found in ours.items() if not found} == set()

    script = "".join(f".output {tmp_path / name}.csv\n{query}\n" for name, query in examples.items())
    package = importlib.util.find_spec("duckdb_cli")
    assert package is not None and package.origin is not None
    command = [str(Path(package.origin).parent / "duckdb"), "-readonly", "-bail", "-csv", str(path)]
    done = subprocess.run(
        command, input=script, capture_output=True, text=True, timeout=120, env=os.environ | {"TZ": "UTC"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    wrong = {}
    for name, expected in ours.items():
        text = (tmp_path / f"{name}.csv").read_text()
        theirs = [float(each) for each in re.findall(r"(?<![\d:-])-?\d+\.\d+(?:e-?\d+)?(?=[,\n])", text)]
        mine = [each for row in expected for each in row if isinstance(each, float)]
        if len(mine) != len(theirs) or any(
            abs(a - b) > 1e-9 * max(1, abs(a)) for a, b in zip(mine, theirs, strict=True)
        ):
            wrong[name] = (mine, theirs)
    assert wrong == {}
