"""One symbol's metrics report by quantstats: prints the seconds that the best of three takes."""

import json
import sys
import time
import warnings

import duckdb
import pandas as pd
import quantstats


def main(database: str) -> None:
    with duckdb.connect(database, read_only=True) as connection:
        bars = connection.sql("select ts, close from bars order by series_id, ts limit 2520").fetchnumpy()
    returns = pd.Series(bars["close"], index=pd.DatetimeIndex(bars["ts"])).pct_change().dropna()
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantstats.reports.metrics(returns, mode="full", display=False)
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"seconds": min(seconds)}))


if __name__ == "__main__":
    main(sys.argv[1])
