"""Sixty trailing indicators of 500 symbols over ten years, read from and written to a database, beside others.

Everybody starts from the same table of bars in no order and ends with a stored table. CPU seconds are those of all
threads; on a busy machine wall time says little. Peers that lack an indicator store fewer columns: both are shown. Ours
are those of metrics.trend, channels, averages, macd, momentum, ranges, directional, oscillators, volume, volatility,
range_volatility and performance (without the rolling quantile, which TA-Lib lacks).
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import pyarrow as pa

from bench.compiled import BEFORE, TRAILING, Build, compiled
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import PROJECT_PATH, load_settings

PYTHON = PROJECT_PATH / ".venv-bench" / "bin" / "python"
PEERS = {
    "TA-Lib + NumPy": "talib_metrics",
    "polars": "polars_metrics",
    "pandas groupby": "pandas_metrics",
    "pandas-ta, empyrical": "pandas_ta_metrics",
}
AIMS = {"TA-Lib + NumPy": "wall >= 1, CPU >= 0.67", "pandas-ta, empyrical": "CPU >= 3"}
STORAGE: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.4.0"
}  # as the product's builds
CODECS = "set disabled_compression_methods = 'alprd'"  # as well
REPORT = """
    select
        series_id, total_return(simple_return) as total_return, cagr(simple_return, 252) as cagr,
        annual_vol(simple_return, 252) as annual_vol, sharpe(simple_return, 252) as sharpe,
        sharpe_se(simple_return, 252) as sharpe_se, downside_deviation(simple_return, 252) as downside_deviation,
        sortino(simple_return, 252) as sortino, win_rate(simple_return) as win_rate,
        profit_factor(simple_return) as profit_factor, payoff_ratio(simple_return) as payoff_ratio,
        gain_to_pain(simple_return) as gain_to_pain, tail_ratio(simple_return, 0.95) as tail_ratio,
        var_historical(simple_return, 0.95) as var_historical, skewness_sample(simple_return) as skewness,
        excess_kurtosis_sample(simple_return) as kurtosis, min(fall) as max_drawdown, avg(fall) as pain_index,
        min(simple_return) as worst, max(simple_return) as best, count(simple_return) as n_obs
    from (select *, drawdown(1 + cumulative_return, series_id, ts) as fall from returns)
    group by series_id
"""
Cost = dict[str, float]


def write_bars(database: Path, symbols: int, rows: int) -> None:
    """Random walks with open, high, low, close and volume, shuffled."""
    random = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(random.normal(0.0003, 0.015, (symbols, rows)), axis=1))
    first = close * np.exp(random.normal(0, 0.004, close.shape))
    high = np.maximum(first, close) * np.exp(np.abs(random.normal(0, 0.005, close.shape)))
    low = np.minimum(first, close) * np.exp(-np.abs(random.normal(0, 0.005, close.shape)))
    volume = np.round(np.exp(random.normal(13, 0.5, close.shape)))
    columns = {"open": first, "high": high, "low": low, "close": close, "volume": volume}
    keys = {"series_id": np.repeat(np.arange(symbols), rows), "i": np.tile(np.arange(rows), symbols)}
    walks = pa.table({**keys, **{name: values.ravel() for name, values in columns.items()}})
    with duckdb.connect(str(database), config=STORAGE) as connection:
        connection.register("walks", walks)
        connection.execute(
            "create table bars as select series_id, 'bench' as source, 's' || series_id as symbol, "
            "'equity' as asset_class, '1d' as interval, timestamptz '2015-01-01 00:00:00+00' "
            "+ to_days(i::int) as ts, ts + interval 1 day as end_ts, ts::date as session_date, open, high, low, close, "
            "close as adj_close, "
            "volume, 'bench' as ingest_run_id from walks order by hash(series_id, i)"
        )
        connection.execute(
            "create table series as select distinct series_id, source, symbol, asset_class, interval, "
            "252.0 as periods_per_year from bars"
        )


def spent(started: float, before: resource.struct_rusage) -> Cost:
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "wall": time.perf_counter() - started, "megabytes": after.ru_maxrss / 1024}


def build(database: Path) -> Cost:
    """The models as a full build makes them, with what the next build goes on from, two side by side."""
    variables = dbt_vars(load_settings())
    with duckdb.connect(str(database), config={**STORAGE, "threads": 2}) as connection:
        connection.execute(CODECS)
        load_formulas(connection)
        first = Build(variables, connection)
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        for model in BEFORE:
            first.store(model)
        connection.execute(f"create or replace view returns as {compiled('returns', variables)}")

        def store(model: str) -> None:
            with connection.cursor() as cursor:
                Build(variables, cursor, edit=without_quantile).store(model)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(store, TRAILING))
        connection.execute("checkpoint")
        cost = spent(started, before)
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        for model in TRAILING:
            connection.execute(f"explain {without_quantile(compiled(model, variables))}").fetchall()
        planning = spent(started, before)["cpu"]
        columns = sum(len(connection.execute(f"describe {model}").fetchall()) - 2 for model in TRAILING)
        cost |= {"columns": columns + 3, "planning": planning, "report": report_seconds(connection)}
    return cost


def without_quantile(select: str) -> str:
    """TA-Lib has no rolling quantile, so ours leaves it out as well."""
    return re.sub(r",\s+(roll_var_historical\(.*\)\s+as )?var_historical_rolling", "", select)


def report_seconds(connection: duckdb.DuckDBPyConnection) -> float:
    """Best of ten: one symbol's risk report, read from the table that a build stores for all."""
    connection.execute(f"create or replace table report as {REPORT}")
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        connection.execute("from report where series_id = 7").fetchall()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def measured(command: list[str]) -> Cost:
    done = subprocess.run(command, cwd=PROJECT_PATH, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    found: Cost = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compare(database: Path, rounds: int) -> dict[str, list[Cost]]:
    """Everybody in turn, in a process of its own, `rounds` times."""
    results: dict[str, list[Cost]] = {"ours": [], **{name: [] for name in PEERS}}
    for number in range(rounds):
        for name in results:
            peer = [str(PYTHON), "-m", "bench.peers.run", PEERS.get(name, ""), str(database)]
            ours = [sys.executable, "-m", "bench.metrics", "--ours", str(database)]
            cost = measured(ours if name == "ours" else peer)
            results[name].append(cost)
            print(f"  round {number + 1} {name:22} CPU {cost['cpu']:7.2f} s, wall {cost['wall']:7.2f} s", flush=True)
    return results


def report(results: dict[str, list[Cost]], rows: int) -> None:
    """Medians, and how many times dearer each is than ours."""
    print(f"medians; load of the machine {os.getloadavg()[0]:.1f}")
    print(
        f"{'':22} {'columns':>7} {'CPU s':>7} {'wall s':>7} {'ns/row/col':>10} {'MB':>6} "
        f"{'CPU/ours':>8} {'wall/ours':>9}  aim"
    )
    ours = {key: median(cost[key] for cost in results["ours"]) for key in ("cpu", "wall")}
    for name, costs in results.items():
        cpu, wall = median(cost["cpu"] for cost in costs), median(cost["wall"] for cost in costs)
        columns, megabytes = costs[0]["columns"], max(cost["megabytes"] for cost in costs)
        print(
            f"{name:22} {columns:7.0f} {cpu:7.2f} {wall:7.2f} {1e9 * cpu / rows / columns:10.0f} {megabytes:6.0f} "
            f"{cpu / ours['cpu']:8.2f} {wall / ours['wall']:9.2f}  {AIMS.get(name, '')}"
        )
    planning = median(cost["planning"] for cost in results["ours"])
    print(f"of ours, planning {planning:.2f} s CPU ({planning / ours['cpu']:.1%}): what any rebuild costs at least")
    print(f"memory of ours at most {max(cost['megabytes'] for cost in results['ours']):.0f} MB (aim 2000)")


def report_one_symbol(database: Path, results: dict[str, list[Cost]]) -> None:
    theirs = measured([str(PYTHON), "-m", "bench.peers.quantstats_report", str(database)])["seconds"]
    ours = min(cost["report"] for cost in results["ours"])
    print(
        f"one symbol's stored risk report: ours {1000 * ours:.2f} ms (aim 10), quantstats {1000 * theirs:.0f} ms, "
        f"{theirs / ours:.0f} times (aim 100)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rows", type=int, default=2520)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours", type=Path, help="used by the script itself: build in this database, print the cost")
    arguments = parser.parse_args()
    if arguments.ours:
        print(json.dumps(build(arguments.ours)))
        return
    if not PYTHON.exists():
        raise SystemExit("the peers are not installed: `make peers` does it")
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        database = Path(folder) / "bars.duckdb"
        write_bars(database, arguments.symbols, arguments.rows)
        results = compare(database, arguments.rounds)
        report(results, arguments.symbols * arguments.rows)
        report_one_symbol(database, results)
        subprocess.run([sys.executable, "-m", "bench.new_bar", str(database)], cwd=PROJECT_PATH, check=True)


if __name__ == "__main__":
    main()
