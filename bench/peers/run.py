"""One peer of bench/metrics.py: read sorted bars from the database, compute, store a table; prints what it cost."""

import importlib
import json
import resource
import sys
import time

import duckdb
import pyarrow as pa


def main(peer: str, database: str) -> None:
    compute = importlib.import_module(f"bench.peers.{peer}").compute
    with duckdb.connect(database) as connection:
        usage, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        query = "select series_id, ts, open, high, low, close, volume from bars order by series_id, ts"
        bars = connection.sql(query).fetchnumpy()
        columns = compute(bars)
        table = pa.table({"series_id": bars["series_id"], "ts": pa.array(bars["ts"]), **columns})
        connection.register("result", table)
        connection.execute("create or replace table peer as select * from result")
        connection.execute("checkpoint")
        after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    wall = time.perf_counter() - started
    print(json.dumps({"cpu": cpu, "wall": wall, "columns": len(columns), "megabytes": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
