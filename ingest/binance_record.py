"""Trades and bars as Binance means them, and what makes a field of theirs believable."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec
import pyarrow as pa

from ingest.digits import decimals
from ingest.record import DIGITS, KLINE, TRADE

MICROSECONDS_PER_DAY = 86_400_000_000
EARLIEST = 1_230_768_000_000_000  # 2009-01-01, in microseconds: no market of ours is older
INTERVAL_MICROSECONDS = {"1m": 60_000_000, "1d": MICROSECONDS_PER_DAY}


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One trade; times in microseconds since 1970 UTC, `ts` by the exchange's clock, `fetched_at` by ours.

    Price and size are integers in units of 1e-8. A struct, because one is made for every trade of the stream.
    """

    symbol: str
    trade_id: int
    ts: int
    price: int
    size: int
    is_buyer_maker: bool
    origin: str  # stream | backfill | archive
    fetched_at: int


@dataclass(frozen=True, slots=True)
class Kline:
    """One bar of the exchange's own; `end_ts` is the start of the next bar, times as in Trade."""

    symbol: str
    interval: str
    ts: int
    end_ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trade_count: int
    taker_buy_volume: Decimal
    first_trade_id: int | None
    last_trade_id: int | None
    is_final: bool
    fetched_at: int

    def __post_init__(self) -> None:
        if self.end_ts - self.ts != INTERVAL_MICROSECONDS.get(self.interval):
            raise ValueError(f"a bar of {(self.end_ts - self.ts) / 1e6} s is no {self.interval} bar")
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise ValueError(f"low {self.low}, high {self.high} do not enclose open {self.open}, close {self.close}")


def trades_table(trades: Sequence[Trade], source: str, run_id: str) -> pa.Table:
    """The rows of `trades` as they are stored."""
    exact = {field.name for field in TRADE if field.type == DIGITS}
    columns = {name: decimals([getattr(trade, name) for trade in trades]) for name in exact}
    return _table(trades, TRADE, source, run_id, columns)


def klines_table(klines: Sequence[Kline], source: str, run_id: str) -> pa.Table:
    """The rows of `klines` as they are stored."""
    return _table(klines, KLINE, source, run_id, {})


def _table(
    records: Sequence[Trade] | Sequence[Kline], schema: pa.Schema, source: str, run_id: str, made: dict[str, pa.Array]
) -> pa.Table:
    """`made` holds the columns that are no plain attributes of the records."""
    fixed = {"source": source, "ingest_run_id": run_id}
    for column in schema:
        if column.name in fixed:
            made[column.name] = pa.repeat(pa.scalar(fixed[column.name], column.type), len(records))
        elif column.name not in made:
            made[column.name] = pa.array([getattr(record, column.name) for record in records], column.type)
    return pa.Table.from_arrays([made[column.name] for column in schema], schema=schema)


def instant(value: int, fetched_at: int) -> int:
    """Microseconds since 1970, from milli- or microseconds: only one reading lies between 2009 and tomorrow."""
    for microseconds in (value * 1000, value):
        if EARLIEST <= microseconds <= fetched_at + MICROSECONDS_PER_DAY:
            return microseconds
    raise ValueError(f"time {value} is neither milli- nor microseconds between 2009 and tomorrow")


def bar_end(last_instant: int, fetched_at: int) -> int:
    """The exchange names a bar's last milli- or microsecond; ours is the start of the next bar."""
    end = instant(last_instant, fetched_at)
    return end + (1 if end == last_instant else 1000)
