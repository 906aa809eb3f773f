"""One new bar of every symbol: the CPU of its SQL beside that of a full rebuild, and how far apart the tables are.

`python -m bench.metrics` runs this over its bars. Both builds run the texts that dbt runs (bench/compiled.py), the same
columns as beside the peers. What dbt itself costs is measured on a warehouse without a row, where its SQL is planning.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

from bench.compiled import BEFORE, TRAILING, Build
from bench.metrics import CODECS, STORAGE, Cost, measured, without_quantile
from quant.build import Builder, dbt_vars
from quant.formulas import load_formulas
from quant.settings import load_settings

PARTS = {
    "changes": ("changes",), "new rows": ("ordered_returns", "recent_bars"), "states": ("states",), "tables": TRAILING,
}  # fmt: skip
AIM = 0.02


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass
class MeasuredBuild(Build):
    """Counts the CPU seconds of its statements: rendering them is dbt's business, not SQL's."""

    seconds: float = 0.0

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        before = cpu()
        try:
            return super().run(statement)
        finally:
            self.seconds += cpu() - before


def opened(database: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(database), config={**STORAGE, "threads": 2})
    connection.execute(CODECS)
    load_formulas(connection)
    return connection


def run(database: Path, is_incremental: bool) -> Cost:
    """Each part's CPU seconds, all of them, and what planning the selects alone takes."""
    with opened(database) as connection:
        build = MeasuredBuild(dbt_vars(load_settings()), connection, is_incremental, without_quantile)
        cost: Cost = {}
        for part, models in PARTS.items():
            before = build.seconds
            for model in models:
                build.store(model)
            cost[part] = build.seconds - before
        before = build.seconds
        build.run("checkpoint")
        cost |= {"checkpoint": build.seconds - before, "all": build.seconds}
        before = build.seconds
        for model in (*BEFORE, *TRAILING):
            build.run(f"explain {build.select(model)}")
        return cost | {"planning": build.seconds - before}


def one_round(database: Path) -> dict[str, Cost]:
    """A full rebuild; and a build of all bars but the newest, to which those come."""
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        whole, grown = Path(folder) / "whole.duckdb", Path(folder) / "grown.duckdb"
        take_bars(database, whole, "true")
        full = run(whole, is_incremental=False)
        take_bars(database, grown, "ts < (select max(ts) from given.bars)")
        run(grown, is_incremental=False)
        take_bars(database, grown, "ts = (select max(ts) from given.bars)")
        return {"full": full, "new": run(grown, is_incremental=True), "difference": difference(grown, whole)}


def take_bars(database: Path, into: Path, condition: str) -> None:
    with opened(into) as connection:
        connection.execute(f"attach '{database}' as given (read_only)")
        connection.execute("create table if not exists series as from given.series")
        connection.execute("create table if not exists bars as from given.bars limit 0")
        connection.execute(f"insert into bars from given.bars where {condition}")


def difference(grown: Path, whole: Path) -> Cost:
    """Over all rows and columns: NULLs and rows that one side alone has, and the greatest difference, in the column's
    mean size and in the value's own."""
    worst: Cost = {"one-sided": 0, "of the column": 0, "of the value": 0}
    with opened(grown) as connection:
        connection.execute(f"attach '{whole}' as whole (read_only)")
        for model in TRAILING:
            described = connection.execute(f"describe {model}").fetchall()
            columns = [column for column, kind, *_ in described if kind == "DOUBLE"]
            found = connection.execute(
                f"select count_if(ours.ts is null or theirs.ts is null), {', '.join(map(compared, columns))} "
                f"from {model} as ours full join whole.{model} as theirs using (series_id, ts)"
            ).fetchone()
            assert found is not None
            worst["one-sided"] += found[0]
            for each in found[1:]:
                worst["one-sided"] += each["one_sided"]
                for size in ("of the column", "of the value"):
                    worst[size] = max(worst[size], each[size] or 0)
    return worst


def compared(column: str) -> str:
    ours, theirs = f"ours.{column}", f"theirs.{column}"
    apart = f"abs({ours} - {theirs})"
    return (
        f"{{'one_sided': count_if(({ours} is null) <> ({theirs} is null)), "
        f"'of the column': max({apart}) / nullif(avg(abs({theirs})), 0), "
        f"'of the value': max({apart} / nullif(abs({theirs}), 0))}}"
    )


def dbt_overhead() -> Cost:
    """A second incremental build of nothing in a process where dbt is warm: its CPU seconds, those of them in SQL, and
    the number of models that it ran."""
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        os.environ["QUANT_DATA_PATH"] = folder
        settings = load_settings()
        builder = Builder(settings)
        for _ in range(2):
            builder.build()
        spent = count_sql_seconds()
        before = cpu()
        builder.build()
        results = json.loads((settings.duckdb_path / "target" / "run_results.json").read_text())["results"]
        return {"cpu": cpu() - before, "sql": sum(spent), "models": len(results)}


def count_sql_seconds() -> list[float]:
    """CPU seconds of the threads that wait for dbt's statements, from now on: without rows no other thread works."""
    spent: list[float] = []
    execute: Callable[..., Any] = DuckDBCursorWrapper.execute

    def counted(*arguments: Any, **named: Any) -> Any:
        before = time.thread_time()
        try:
            return execute(*arguments, **named)
        finally:
            spent.append(time.thread_time() - before)

    DuckDBCursorWrapper.execute = counted
    return spent


def report(rounds: list[dict[str, Cost]], dbt: Cost) -> None:
    def middle(build: str, key: str) -> float:
        return median(each[build][key] for each in rounds)

    parts = ", ".join(f"{part} {middle('new', part):.3f}" for part in (*PARTS, "checkpoint"))
    ratio = median(each["new"]["all"] / each["full"]["all"] for each in rounds)
    print(
        f"one new bar of all symbols: {middle('new', 'all'):.3f} s CPU of SQL, {ratio:.1%} of a rebuild (aim {AIM:.0%})"
    )
    print(f"  {parts}; of that planning {middle('new', 'planning'):.3f}")
    print(f"  full rebuild {middle('full', 'all'):.2f}; of that planning {middle('full', 'planning'):.2f}")
    worst = {key: max(each["difference"][key] for each in rounds) for key in rounds[0]["difference"]}
    print(
        f"  to the full rebuild: {worst['one-sided']:.0f} values on one side only, greatest difference "
        f"{worst['of the column']:.1e} of the column's mean size, {worst['of the value']:.1e} of a value"
    )
    own = dbt["cpu"] - dbt["sql"]
    print(
        f"  dbt's own cost of an incremental build: {own:.2f} s CPU for {dbt['models']:.0f} models, "
        f"{1000 * own / dbt['models']:.0f} ms each; {own / dbt['models'] * len((*BEFORE, *TRAILING)):.2f} s for these"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["round", "dbt"], help="used by the script itself, which prints the costs")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(dbt_overhead() if arguments.only == "dbt" else one_round(arguments.database)))
        return
    command = [sys.executable, "-m", "bench.new_bar", str(arguments.database), "--only"]
    rounds: list[Any] = [measured([*command, "round"]) for _ in range(arguments.rounds)]
    report(rounds, measured([*command, "dbt"]))


if __name__ == "__main__":
    main()
