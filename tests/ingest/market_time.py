"""Trades and instants that tests of the tick files share."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.binance_record import Trade
from ingest.record import TRADES_CLOSED, TRADES_TAIL

SOURCE = "binance"


def at(hour: int, minute: int = 0, second: float = 0, day: int = 20) -> datetime:
    """An instant of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).replace(
        second=int(second), microsecond=round(second % 1 * 1e6)
    )


def trade(trade_id: int, ts: datetime, symbol: str = "BTCUSDT") -> Trade:
    microseconds = round(ts.timestamp() * 1_000_000)
    price, size = trade_id * 100_000_000 + 12_345_678, 50_000_000  # in units of 1e-8
    return Trade(symbol, trade_id, microseconds, price, size, False, "stream", microseconds + 1000)


def seen(root: Path, boundary: datetime) -> list[int]:
    """The trade ids that a build with this boundary shows, in order, doubles included: what a view selects."""
    closed = root / TRADES_CLOSED.folder / "*" / "*" / "*" / "*.parquet"
    tail = root / TRADES_TAIL.folder / "*" / "*" / "*" / "*" / "*.parquet"
    rows = duckdb.execute(
        f"""
        select trade_id from read_parquet('{closed}', hive_partitioning = true) where ts < $boundary
        union all
        select trade_id from read_parquet('{tail}', hive_partitioning = true)
        where (date::date + hour * interval 1 hour) at time zone 'UTC' >= $boundary
        order by trade_id
        """,
        {"boundary": boundary},
    ).fetchall()
    return [trade_id for (trade_id,) in rows]


def files_below(folder: Path) -> list[str]:
    """Relative paths of the files of real symbols, sorted."""
    return sorted(str(path.relative_to(folder)) for path in _files(folder) if "symbol=0" not in path.parts)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
