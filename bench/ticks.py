"""What ticks cost a shard: CPU, rows and memory of one coin's trades, by how many there are and what days they span.

`python -m bench.ticks` makes a record of closed trades as the ingest writes them, and one task for each size. More
trades in the same days say what a trade costs; the same trades over more days what a minute costs.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from bench.scale import Bench, compiled
from ingest import record
from ingest.parquet import lay_down_empty_files, partition_path, write_table, write_text
from quant.boundary import boundary_path
from quant.scale.engines import ProcessPool
from quant.scale.task import ShardResult

COIN = "BTCUSDT"
DAY = timedelta(days=1)
SIZES = ("1000000:10", "10000000:10", "100000000:10", "10000000:100", "10000000:1000")
TRADES = """
select
    $coin as symbol, i as trade_id, $began::timestamptz + to_microseconds((i * $step)::bigint) as ts,
    (60000 * exp(0.02 * sin(i / 9e4) + 0.0002 * ((hash(i) % 2001) / 1000.0 - 1)))::decimal(18, 2)::decimal(18, 8)
        as price,
    ((1 + hash(i, 1) % 100000) / 1e5)::decimal(18, 8) as size, hash(i, 2) % 2 = 0 as is_buyer_maker,
    'archive' as origin, 'binance' as source, ts + interval 1 second as fetched_at, 'bench' as ingest_run_id
from range($first::bigint, $last::bigint) as trades(i)
"""


@dataclass(frozen=True)
class Size:
    trades: int
    days: int

    @classmethod
    def read(cls, text: str) -> "Size":
        """1000000:10; argparse.ArgumentTypeError for what cannot be shared out evenly among the days."""
        counts = text.split(":")
        if len(counts) != 2 or not all(each.isdecimal() and int(each) > 0 for each in counts):
            raise argparse.ArgumentTypeError(f"{text!r} is not TRADES:DAYS, 1000000:10 say")
        trades, days = map(int, counts)
        if trades % days:
            raise argparse.ArgumentTypeError(f"{trades} trades cannot be as many on each of {days} days")
        return cls(trades, days)


@contextmanager
def prepared(size: Size) -> Iterator[tuple[Bench, int]]:
    """A record of one coin that ends a week ago, and its bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-ticks-") as folder:
        bytes_written = write_trades(Path(folder) / "parquet", size)
        with compiled(Path(folder), coins=[COIN]) as bench:
            yield bench, bytes_written


def write_trades(root: Path, size: Size) -> int:
    """One file a UTC day; returns what they take on disk."""
    lay_down_empty_files(root)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    began, each = midnight - (size.days + 7) * DAY, size.trades // size.days
    given = {"coin": COIN, "began": began.isoformat(), "step": DAY.total_seconds() * 1e6 / each}
    total = 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for day in range(size.days):
            span = {"first": day * each, "last": (day + 1) * each}
            rows = connection.sql(TRADES, params=given | span).to_arrow_table().cast(record.TRADE)
            keys = {"symbol": COIN, "source": "binance", "date": f"{began + day * DAY:%Y-%m-%d}"}
            path = partition_path(root, record.TRADES_CLOSED, keys) / "closed.parquet"
            write_table(rows, path)
            total += path.stat().st_size
    write_text(midnight.isoformat() + "\n", boundary_path(root))  # as after a compaction: no tail is left
    return total


def made(size: Size, memory: str) -> tuple[ShardResult, int]:
    """The coin's shard in a process of its own with this much memory for DuckDB, and the bytes that it reads."""
    with prepared(size) as (bench, bytes_read):
        given = replace(bench, plan=replace(bench.plan, memory=memory))
        (result,) = given.lap(ProcessPool(1), given.shards(1)).made
        return result, bytes_read


def told(size: Size, result: ShardResult, bytes_read: int) -> str:
    return (
        f"{size.trades:11,} trades, {size.days:4} days, {bytes_read / 1e6:7.1f} MB: {result.cpu_seconds:7.1f} s CPU, "
        f"{result.seconds:7.1f} s, {result.peak_mb:5.0f} MB at most, {sum(result.rows.values()):11,} rows made"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=Size.read, default=[*map(Size.read, SIZES)], metavar="TRADES:DAYS")
    parser.add_argument("--memory", default="1200MB")
    given = parser.parse_args()
    for size in given.sizes:
        print(told(size, *made(size, given.memory)), flush=True)


if __name__ == "__main__":
    main()
