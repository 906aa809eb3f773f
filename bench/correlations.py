"""Correlations of all pairs of 500 symbols over ten years, and rolling ones of 63 days for 50 of them, beside peers.

Everybody starts from the same stored table of bars in no order (symbol, session_date, adj_close) and ends with a stored
table. Of all pairs Pearson's and Spearman's correlation; ours stores with them how many returns are common, and from
when to when. Peers store it twice: as a row per pair (and day), and wide, as their frames come; ours has a row per pair
and its rolling ones as a list in it. Peers take returns by the row, as their users do: all symbols have all days here,
so that it is the same. CPU seconds are those of all threads; medians of several rounds in turn.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import numpy as np
import pyarrow as pa

from bench.compiled import compiled
from bench.metrics import CODECS, PYTHON, STORAGE, Cost, measured, spent
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import load_settings
from udfs import register

PEERS = {"pandas": "pandas", "polars": "polars"}
TASKS = {"pairs": "all pairs, Pearson and Spearman", "rolling": "rolling 63 days of 50 symbols"}
MODELS = {"pairs": "correlations", "rolling": "rolling_correlations"}
UNNESTED = (
    "(select a, b, unnest(session_dates) as session_date, unnest(correlations) as rolling_correlation_pair "
    "from ours_rolling)"
)
TOLERANCE = 1e-10
Results = dict[tuple[str, str], list[Cost]]


def write_bars(database: Path, symbols: int, rows: int) -> None:
    """Random walks that share a market, shuffled, as the relations that the models read."""
    random = np.random.default_rng(11)
    steps = random.normal(0, 0.01, (symbols, rows)) + random.normal(0.0003, 0.01, rows)
    keys = {"n": np.repeat(np.arange(symbols), rows), "i": np.tile(np.arange(rows), symbols)}
    walks = pa.table({**keys, "price": 100 * np.exp(np.cumsum(steps, axis=1)).ravel()})
    with duckdb.connect(str(database), config=STORAGE) as connection:
        connection.register("walks", walks)
        connection.execute(
            "create table final_bars as select n as series_id, 'bench' as source, format('s{:03d}', n) as symbol, "
            "'1d' as interval, date '2015-01-01' + i::int as session_date, price as adj_close "
            "from walks order by hash(n, i)"
        )
        connection.execute(
            "create table rolling_symbols as select distinct series_id, series_id < 50 as is_included from final_bars"
        )
        connection.execute("create table histories as select series_id, '1d' as interval, 1::ubigint as history "
                           "from rolling_symbols")  # fmt: skip


def build(database: Path, task: str) -> Cost:
    """The model as a full build makes it."""
    select = compiled(MODELS[task], dbt_vars(load_settings()))
    with duckdb.connect(str(database), config={**STORAGE, "threads": 2}) as connection:
        connection.execute(CODECS)
        load_formulas(connection)
        register(connection)
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        connection.execute(f"create or replace table ours_{task} as {select}")
        connection.execute("checkpoint")
        return spent(started, before)


def compare(database: Path, rounds: int) -> Results:
    """Everybody in turn, in a process of its own, `rounds` times."""
    results: Results = {}
    for number in range(rounds):
        for task in TASKS:
            for name in ("ours", *PEERS, *(f"{each}, wide" for each in PEERS)):
                peer, _, form = name.partition(", ")
                theirs = [str(PYTHON), "-m", "bench.peers.correlations", peer, task, form, str(database)]
                ours = [sys.executable, "-m", "bench.correlations", "--ours", task, "--database", str(database)]
                cost = measured(ours if name == "ours" else theirs)
                results.setdefault((task, name), []).append(cost)
                print(f"  round {number + 1} {task:8} {name:13} CPU {cost['cpu']:6.2f} s, wall {cost['wall']:6.2f} s",
                      flush=True)  # fmt: skip
    return results


def refuse_differences(database: Path) -> None:
    """All have stored the same numbers."""
    columns = {"pairs": {"pearson": "correlation_pair", "spearman": "spearman_pair"},
               "rolling": {"value": "rolling_correlation_pair"}}  # fmt: skip
    with duckdb.connect(str(database), read_only=True) as connection:
        for task, found in columns.items():
            days = ", session_date" if task == "rolling" else ""
            for peer in PEERS:
                for theirs, ours in found.items():
                    rows = f"ours_{task}" if task == "pairs" else UNNESTED
                    query = (
                        f"select count(*), max(abs(t.{theirs} - o.{ours})) from {rows} as o "
                        f"inner join {peer}_{task} as t using (a, b{days}) where o.a < o.b"
                    )
                    count, worst = connection.execute(query).fetchall()[0]
                    print(f"{TASKS[task]}, {peer}, {theirs}: {count} values, at most {worst:.1e} apart")
                    if worst is None or worst > TOLERANCE:
                        raise SystemExit(f"{peer} and ours differ by more than {TOLERANCE}")


def report(results: Results) -> None:
    """Medians, and how many times dearer each is than ours."""
    print(f"medians; load of the machine {os.getloadavg()[0]:.1f}")
    print(f"{'':33} {'':13} {'CPU s':>7} {'wall s':>7} {'MB':>6} {'CPU/ours':>8} {'wall/ours':>9}")
    for (task, name), costs in results.items():
        cpu, wall = (median(cost[key] for cost in costs) for key in ("cpu", "wall"))
        ours = {key: median(cost[key] for cost in results[task, "ours"]) for key in ("cpu", "wall")}
        megabytes = max(cost["megabytes"] for cost in costs)
        print(f"{TASKS[task]:33} {name:13} {cpu:7.2f} {wall:7.2f} {megabytes:6.0f} "
              f"{cpu / ours['cpu']:8.2f} {wall / ours['wall']:9.2f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rows", type=int, default=2520)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours", choices=TASKS, help="used by the script itself: build this in the database")
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    if arguments.ours:
        print(json.dumps(build(arguments.database, arguments.ours)))
        return
    if not PYTHON.exists():
        raise SystemExit("the peers are not installed: `make peers` does it")
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        database = Path(folder) / "bars.duckdb"
        write_bars(database, arguments.symbols, arguments.rows)
        results = compare(database, arguments.rounds)
        refuse_differences(database)
        report(results)


if __name__ == "__main__":
    main()
