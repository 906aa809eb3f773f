"""Lines of the exchange's archives -> trades and bars: millions by Arrow, the few that it cannot read one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.archive_file import Archive
from ingest.binance_parse import DeadLetter
from ingest.binance_record import EARLIEST, MICROSECONDS_PER_DAY, Kline, Trade, trades_table
from ingest.binance_rest_rows import parse_rest_kline, parse_rest_trade
from ingest.record import DIGITS, TRADE, UTC

MILLISECONDS_BELOW = 10**14  # a greater number counts microseconds, as the archives do since 2025
SLACK = timedelta(days=1)  # a row further outside the days of its archive's name is in the wrong file
KEPT_BYTES = 1000  # of a line that cannot be
TRADE_COLUMNS = {
    "id": pa.int64(),
    "price": DIGITS,
    "qty": DIGITS,
    "quoteQty": pa.binary(),
    "time": pa.int64(),
    "isBuyerMaker": pa.bool_(),
    "isBestMatch": pa.binary(),
}
READ_COLUMNS = ("id", "price", "qty", "time")
BAR_INTEGERS = {0, 6, 8}  # positions of open time, close time, count of trades
TRUTHS = {b"true": True, b"false": False}
Rejected = tuple[bytes, str]  # a line, and why


@dataclass(frozen=True)
class Stamp:
    """Where rows come from: what each of them says."""

    source: str
    run_id: str
    fetched_at: int  # microseconds


def read_trades(lines: bytes, archive: Archive, stamp: Stamp) -> tuple[pa.Table, list[Rejected]]:
    """The trades of some whole lines as rows of the schema TRADE, in their order, and the lines that are none."""
    try:
        table = csv.read_csv(
            pa.BufferReader(lines),
            csv.ReadOptions(column_names=list(TRADE_COLUMNS), use_threads=False, block_size=len(lines) + 1),
            csv.ParseOptions(quote_char=False),
            csv.ConvertOptions(column_types=TRADE_COLUMNS, null_values=[], strings_can_be_null=False),
        )
        microseconds = _microseconds(table["time"].to_numpy())
    except pa.ArrowInvalid:
        return _one_by_one(lines, archive, stamp)
    if not _are_possible(table, microseconds, archive, stamp):
        return _one_by_one(lines, archive, stamp)
    return _stored(table, microseconds, archive.symbol, stamp), []


def read_bars(lines: bytes, archive: Archive, stamp: Stamp) -> tuple[list[Kline], list[Rejected]]:
    """The bars of some whole lines, and the lines that are none; a bar that is not over yet is none."""
    bars: list[Kline] = []
    rejected: list[Rejected] = []
    for line in filter(bytes.strip, lines.splitlines()):
        bar = _bar(line, archive, stamp)
        if isinstance(bar, Kline):
            bars.append(bar)
        else:
            rejected.append((line[:KEPT_BYTES], bar))
    return bars, rejected


def _are_possible(table: pa.Table, microseconds: np.ndarray, archive: Archive, stamp: Stamp) -> bool:
    if not table.num_rows:
        return True
    least = min(pc.min(table[name]).as_py() for name in ("price", "qty"))
    begin, end = _limits(archive)
    is_in_time = begin <= microseconds.min() and microseconds.max() < min(end, _latest(stamp))
    return bool(least > 0 and pc.min(table["id"]).as_py() >= 0 and is_in_time)


def _stored(table: pa.Table, microseconds: np.ndarray, symbol: str, stamp: Stamp) -> pa.Table:
    """Columns in the order of the schema TRADE."""
    fixed = {
        "symbol": symbol,
        "origin": "archive",
        "source": stamp.source,
        "fetched_at": stamp.fetched_at,
        "ingest_run_id": stamp.run_id,
    }
    read = {
        "trade_id": table["id"],
        "ts": pa.array(microseconds).cast(UTC),
        "price": table["price"],
        "size": table["qty"],
        "is_buyer_maker": table["isBuyerMaker"],
    }
    columns = [
        read[column.name] if column.name in read else pa.repeat(pa.scalar(fixed[column.name], column.type), len(table))
        for column in TRADE
    ]
    return pa.Table.from_arrays(columns, schema=TRADE)


def _one_by_one(lines: bytes, archive: Archive, stamp: Stamp) -> tuple[pa.Table, list[Rejected]]:
    trades: list[Trade] = []
    rejected: list[Rejected] = []
    for line in filter(bytes.strip, lines.splitlines()):
        trade = _trade(line, archive, stamp)
        if isinstance(trade, Trade):
            trades.append(trade)
        else:
            rejected.append((line[:KEPT_BYTES], trade))
    return trades_table(trades, stamp.source, stamp.run_id), rejected


def _trade(line: bytes, archive: Archive, stamp: Stamp) -> Trade | str:
    """A trade, or why the line is none."""
    fields = line.strip().split(b",")
    if len(fields) != len(TRADE_COLUMNS):
        return f"{len(fields)} fields instead of {len(TRADE_COLUMNS)}"
    names = dict(zip(TRADE_COLUMNS, fields, strict=True))
    row: dict[str, object] = {name: _plain(names[name], name in {"id", "time"}) for name in READ_COLUMNS}
    row["isBuyerMaker"] = TRUTHS.get(names["isBuyerMaker"].lower())
    trade = parse_rest_trade(msgspec.json.encode(row), archive.symbol, stamp.fetched_at)
    if isinstance(trade, DeadLetter):
        return trade.reason
    return _misplaced(trade.ts, archive) or msgspec.structs.replace(trade, origin="archive")


def _bar(line: bytes, archive: Archive, stamp: Stamp) -> Kline | str:
    """A bar, or why the line is none."""
    assert archive.interval is not None
    fields = line.strip().split(b",")
    row = [_plain(field, position in BAR_INTEGERS) for position, field in enumerate(fields)]
    bar = parse_rest_kline(msgspec.json.encode(row), archive.symbol, archive.interval, stamp.fetched_at)
    if isinstance(bar, DeadLetter):
        return bar.reason
    return _misplaced(bar.ts, archive) or (bar if bar.is_final else "the bar is not over yet")


def _plain(value: bytes, is_integer: bool) -> int | str:
    return int(value) if is_integer and value.isdigit() and len(value) < 20 else value.decode(errors="replace")


def _misplaced(ts: int, archive: Archive) -> str | None:
    begin, end = _limits(archive)
    return None if begin <= ts < end else f"time {ts} lies outside the days that {archive.name} is named for"


def _limits(archive: Archive) -> tuple[int, int]:
    return _since_1970(archive.begin - SLACK), _since_1970(archive.end + SLACK)


def _latest(stamp: Stamp) -> int:
    return stamp.fetched_at + MICROSECONDS_PER_DAY + 1


def _microseconds(times: np.ndarray) -> np.ndarray:
    return np.where(times < MILLISECONDS_BELOW, times * 1000, times)


def _since_1970(at: datetime) -> int:
    return max(EARLIEST, int(at.timestamp()) * 1_000_000)
