"""Trades of one symbol as columns: a hundred trades cost little more than one."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.binance_parse import Event, KlineEvent, TradeEvent
from ingest.binance_record import EARLIEST, MICROSECONDS_PER_DAY, Trade, trades_table
from ingest.parquet import Integers
from ingest.record import DIGITS, TRADE, UTC

MEASURED = [name for name in TRADE.names if name not in {"symbol", "source", "origin", "ingest_run_id"}]


@dataclass(frozen=True)
class TradeBlock:
    """Trades of one symbol and origin in the order of their arrival; `rows` has the columns of MEASURED."""

    symbol: str
    origin: str
    rows: pa.Table

    def __len__(self) -> int:
        return int(self.rows.num_rows)


@dataclass
class TradeColumns:
    """What the stream said of one symbol's trades, field by field, not yet believed."""

    ids: list[int]
    times: list[int]
    prices: list[str]
    sizes: list[str]
    makers: list[bool]

    def follow(self, expected: int | None) -> bool:
        """Whether the ids are `expected` and its successors, one by one."""
        return self.ids[0] == expected and self.ids == list(range(expected, expected + len(self.ids)))

    def block(self, symbol: str, fetched_at: int) -> TradeBlock:
        """Raises ValueError when a field of any trade cannot be, or is not in its usual form."""
        columns = {
            "trade_id": pa.array(self.ids, pa.int64()),
            "ts": pa.array(_instants(np.array(self.times, np.int64), fetched_at)).cast(UTC),
            "price": _positive(self.prices),
            "size": _positive(self.sizes),
            "is_buyer_maker": pa.array(self.makers, pa.bool_()),
            "fetched_at": pa.array(np.full(len(self.ids), fetched_at)).cast(UTC),
        }
        return TradeBlock(symbol, "stream", pa.table({name: columns[name] for name in MEASURED}))


def columns_of(events: Sequence[Event], symbols: Set[str]) -> dict[str, TradeColumns] | None:
    """The trades among `events` by symbol; None if anything is among them that wants a look of its own."""
    groups: dict[str, list[TradeEvent]] = {}
    for event in events:
        if type(event) is TradeEvent:
            groups.setdefault(event.s, []).append(event)
        elif not isinstance(event, KlineEvent) or event.k.x or event.s not in symbols:
            return None
    return {symbol: _columns(group) for symbol, group in groups.items()} if groups.keys() <= symbols else None


def _columns(events: Sequence[TradeEvent]) -> TradeColumns:
    return TradeColumns(
        [event.t for event in events],
        [event.T for event in events],
        [event.p for event in events],
        [event.q for event in events],
        [event.m for event in events],
    )


def blocks_of(trades: Sequence[Trade]) -> list[TradeBlock]:
    """Single trades as blocks, one per symbol and origin."""
    groups: dict[tuple[str, str], list[Trade]] = {}
    for trade in trades:
        groups.setdefault((trade.symbol, trade.origin), []).append(trade)
    return [TradeBlock(*key, trades_table(group, "", "").select(MEASURED)) for key, group in groups.items()]


def joined(blocks: Sequence[TradeBlock], source: str, run_id: str) -> pa.Table:
    """The rows of blocks of one symbol as they are stored."""
    parts = [
        _with_origin(block, {"symbol": block.symbol, "origin": block.origin, "source": source, "ingest_run_id": run_id})
        for block in blocks
    ]
    return pa.concat_tables(parts).combine_chunks()


def _with_origin(block: TradeBlock, words: dict[str, str]) -> pa.Table:
    columns = [
        pa.repeat(pa.scalar(words[name], pa.string()), len(block)) if name in words else block.rows.column(name)
        for name in TRADE.names
    ]
    return pa.Table.from_arrays(columns, schema=TRADE)


def _instants(times: Integers, fetched_at: int) -> Integers:
    """Microseconds since 1970 from milli- or microseconds, one unit for all. Raises ValueError."""
    least, most = int(times.min()), int(times.max())
    for factor in (1000, 1):
        if EARLIEST <= least * factor and most * factor <= fetched_at + MICROSECONDS_PER_DAY:
            return times * factor
    raise ValueError(f"times {least} to {most} are not all milli- or all microseconds between 2009 and tomorrow")


def _positive(numbers: list[str]) -> pa.Array:
    """Exact decimals above 0. Raises ValueError."""
    exact = pa.array(numbers, pa.string()).cast(DIGITS)  # refuses what is no number, too long or too fine
    if pc.min(exact).as_py() <= 0:
        raise ValueError("a price or size is not above 0")
    return exact
