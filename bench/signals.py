"""All rules over all bars, and over one new bar of every symbol: the CPU seconds of their SQL.

`python -m bench.signals DATABASE` takes the bars that `bench.metrics` wrote (500 symbols over ten years), or makes
some, and runs the texts that dbt runs. Metrics are built before and not counted: signals read what is stored.
"""

import argparse
import tempfile
from pathlib import Path

from bench.metrics import write_bars
from bench.new_bar import MeasuredBuild, opened, take_bars
from quant.build import dbt_vars
from quant.settings import load_settings

METRICS = ("trend", "averages", "macd", "momentum", "channels", "volatility", "performance")
BEFORE = ("changes", "ordered_returns", "recent_bars", "states", *METRICS, "drawdown", "histories", "levels")
MODELS = ("judgements", "events")
BARS = "create view if not exists final_bars as select bars.*, periods_per_year from bars join series using (series_id)"


def run(database: Path, is_incremental: bool) -> dict[str, float]:
    """CPU seconds of each model, and of what planning it takes."""
    with opened(database) as connection:
        connection.execute(BARS)
        build = MeasuredBuild(dbt_vars(load_settings()), connection, is_incremental)
        for model in BEFORE:
            if model == "drawdown":
                connection.execute(f"create or replace view returns as {build.select('returns')}")
            build.store(model)
        cost = {}
        for model in MODELS:
            before = build.seconds
            build.store(model)
            cost[model] = build.seconds - before
        before = build.seconds
        for model in MODELS:
            build.run(f"explain {build.select(model)}")
        return cost | {"planning": build.seconds - before}


def said(cost: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.3f}" for name, seconds in cost.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path, nargs="?")
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rows", type=int, default=2520)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        bars, grown = arguments.database or Path(folder) / "bars.duckdb", Path(folder) / "grown.duckdb"
        if not bars.exists():
            write_bars(bars, arguments.symbols, arguments.rows)
        take_bars(bars, grown, "ts < (select max(ts) from given.bars)")
        print(f"all bars: CPU seconds of SQL: {said(run(grown, is_incremental=False))}", flush=True)
        take_bars(bars, grown, "ts = (select max(ts) from given.bars)")
        print(f"one new bar of every symbol: {said(run(grown, is_incremental=True))}")
        with opened(grown) as connection:
            print(*connection.execute("select count(*), ' events' from events").fetchall()[0])


if __name__ == "__main__":
    main()
