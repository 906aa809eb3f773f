"""A peer of bench/correlations.py: read bars from the database, correlate, store a table; prints what it cost."""

import itertools
import json
import resource
import sys
import time
from typing import Any

import duckdb
import numpy as np

WINDOW, ROLLED = 63, 50
QUERY = "select symbol, session_date, adj_close from final_bars"


def pandas_pairs(bars: Any, form: str) -> Any:
    """pivot, pct_change, corr; long is a row per pair."""
    import pandas as pd

    returns = bars.to_pandas().pivot(index="session_date", columns="symbol", values="adj_close").pct_change()
    found = {"pearson": returns.corr(), "spearman": returns.corr("spearman")}
    if form == "wide":
        return pd.concat([each.reset_index(names="a") for each in found.values()])
    return pd.DataFrame({name: each.rename_axis("a").rename_axis("b", axis=1).stack() for name, each in found.items()}
                        ).reset_index()  # fmt: skip


def pandas_rolling(bars: Any, form: str) -> Any:
    """pivot, pct_change, rolling(63).corr() of all columns by all; long is a row per pair and day."""
    returns = bars.to_pandas().pivot(index="session_date", columns="symbol", values="adj_close").pct_change()
    found = returns.rolling(WINDOW).corr()
    if form == "wide":
        return found.reset_index(names=["session_date", "a"])
    values = found.rename_axis("b", axis=1).stack().rename("value").rename_axis(["session_date", "a", "b"])
    return values.reset_index().query("a < b")


def polars_returns(bars: Any) -> Any:
    """Dates, and a column of returns per symbol."""
    import polars as pl

    wide = pl.from_arrow(bars).sort("session_date").pivot("symbol", index="session_date", values="adj_close")
    names = sorted(name for name in wide.columns if name != "session_date")
    return wide.select("session_date", pl.col(names).pct_change())


def polars_pairs(bars: Any, form: str) -> Any:
    """DataFrame.corr, which is NumPy's corrcoef; of ranks for Spearman."""
    import polars as pl

    returns = polars_returns(bars).drop("session_date")[1:]
    names = returns.columns
    found = {"pearson": returns.corr(), "spearman": returns.select(pl.all().rank()).corr()}
    if form == "wide":
        return pl.concat([each.with_columns(a=pl.Series(names)) for each in found.values()]).to_arrow()
    size = len(names)
    columns = {name: each.to_numpy().ravel() for name, each in found.items()}
    return pl.DataFrame({"a": np.repeat(names, size), "b": np.tile(names, size), **columns}).to_arrow()


def polars_rolling(bars: Any, form: str) -> Any:
    """One lazy select with an expression per pair, collected at once."""
    import polars as pl

    returns = polars_returns(bars)
    pairs = list(itertools.combinations([name for name in returns.columns if name != "session_date"], 2))
    rolled = [pl.rolling_corr(a, b, window_size=WINDOW).alias(f"{a}|{b}") for a, b in pairs]
    found = returns.lazy().select("session_date", *rolled)
    if form == "wide":
        return found.collect().to_arrow()
    long = found.unpivot(index="session_date", variable_name="pair").with_columns(
        pl.col("pair").str.slice(0, 4).alias("a"), pl.col("pair").str.slice(5).alias("b")
    )
    return long.drop("pair").filter(pl.col("value").is_not_null()).collect().to_arrow()


COMPUTE = {
    ("pandas", "pairs"): pandas_pairs,
    ("pandas", "rolling"): pandas_rolling,
    ("polars", "pairs"): polars_pairs,
    ("polars", "rolling"): polars_rolling,
}


def main(peer: str, task: str, form: str, database: str) -> None:
    __import__(peer)  # its import is no part of the cost
    with duckdb.connect(database) as connection:
        usage, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        few = f" where series_id < {ROLLED}" if task == "rolling" else ""
        bars = connection.sql(QUERY + few).to_arrow_table()
        result = COMPUTE[peer, task](bars, form)
        connection.register("result", result)
        table = f"{peer}_{task}{'_wide' if form else ''}"
        connection.execute(f"create or replace table {table} as select * from result")
        connection.execute("checkpoint")
        after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    wall = time.perf_counter() - started
    print(json.dumps({"cpu": cpu, "wall": wall, "megabytes": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
