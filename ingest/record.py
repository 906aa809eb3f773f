"""The raw record: one pyarrow schema per dataset, and the partition path of each.

Every row says where it came from: `source`, `fetched_at` (when it reached us), `ingest_run_id`.
Exchange prices and sizes keep the exchange's digits (decimal); Yahoo's are doubles, as Yahoo sends them.
"""

from dataclasses import dataclass

import pyarrow as pa

UTC = pa.timestamp("us", tz="UTC")
DIGITS = pa.decimal128(18, 8)
WIDE_DIGITS = pa.decimal128(28, 8)  # sums of sizes and notionals outgrow 18 digits

ORIGIN = [
    pa.field("source", pa.string(), nullable=False),
    pa.field("fetched_at", UTC, nullable=False),
    pa.field("ingest_run_id", pa.string(), nullable=False),
]

TRADE = pa.schema(
    [
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("trade_id", pa.int64(), nullable=False),
        pa.field("ts", UTC, nullable=False),
        pa.field("price", DIGITS, nullable=False),
        pa.field("size", DIGITS, nullable=False),
        pa.field("is_buyer_maker", pa.bool_(), nullable=False),  # true: the seller was the aggressor
        pa.field("origin", pa.string(), nullable=False),  # stream | backfill | archive
        *ORIGIN,
    ]
)

KLINE = pa.schema(
    [
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("interval", pa.string(), nullable=False),
        pa.field("ts", UTC, nullable=False),
        pa.field("end_ts", UTC, nullable=False),
        pa.field("open", DIGITS, nullable=False),
        pa.field("high", DIGITS, nullable=False),
        pa.field("low", DIGITS, nullable=False),
        pa.field("close", DIGITS, nullable=False),
        pa.field("volume", WIDE_DIGITS, nullable=False),
        pa.field("quote_volume", WIDE_DIGITS, nullable=False),
        pa.field("trade_count", pa.int64(), nullable=False),
        pa.field("taker_buy_volume", WIDE_DIGITS, nullable=False),
        pa.field("first_trade_id", pa.int64()),  # NULL from REST, which does not tell, and for an empty bar
        pa.field("last_trade_id", pa.int64()),
        pa.field("is_final", pa.bool_(), nullable=False),
        *ORIGIN,
    ]
)

EQUITY_PRICE = pa.schema(
    [
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("interval", pa.string(), nullable=False),
        pa.field("session_date", pa.date32(), nullable=False),  # the exchange's own date
        pa.field("ts", UTC, nullable=False),  # session open
        pa.field("end_ts", UTC, nullable=False),  # session close, half days included
        pa.field("open", pa.float64()),  # split-adjusted as of fetched_at, as Yahoo sends them
        pa.field("high", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("close", pa.float64()),
        pa.field("vendor_adj_close", pa.float64()),  # only to reconcile with; ours is computed in SQL
        pa.field("volume", pa.int64()),
        pa.field("dividend", pa.float64(), nullable=False),  # 0 when none
        pa.field("split_ratio", pa.float64(), nullable=False),  # 4 for a 4:1 split, 0 when none
        pa.field("currency", pa.string()),
        pa.field("is_final", pa.bool_(), nullable=False),
        *ORIGIN,
    ]
)

OPTION_QUOTE = pa.schema(
    [
        pa.field("underlying", pa.string(), nullable=False),
        pa.field("contract_symbol", pa.string(), nullable=False),
        pa.field("expiry_on", pa.date32(), nullable=False),
        pa.field("expires_at", UTC, nullable=False),  # the close of the expiry day, its open if am-settled
        pa.field("is_call", pa.bool_(), nullable=False),
        pa.field("strike", pa.float64(), nullable=False),
        pa.field("bid", pa.float64()),
        pa.field("ask", pa.float64()),
        pa.field("last_price", pa.float64()),
        pa.field("last_trade_at", UTC),
        pa.field("volume", pa.int64()),
        pa.field("open_interest", pa.int64()),
        pa.field("vendor_iv", pa.float64()),  # kept to compare with, never used
        pa.field("currency", pa.string()),
        pa.field("spot", pa.float64()),  # regularMarketPrice, stored with the chain
        pa.field("quoted_at", UTC, nullable=False),  # regularMarketTime
        *ORIGIN,
    ]
)

INGEST_RUN = pa.schema(
    [
        pa.field("ingest_run_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("dataset", pa.string(), nullable=False),  # trades | klines | equities | options | gaps | archive
        pa.field("symbol", pa.string()),  # NULL: the run as a whole
        pa.field("status", pa.string(), nullable=False),  # see ingest.runs.Status; of a symbol: ingest.outcome
        pa.field("row_count", pa.int64(), nullable=False),
        pa.field("count_duplicates", pa.int64(), nullable=False),
        pa.field("count_ignored", pa.int64(), nullable=False),  # frames of kinds that we did not ask for
        pa.field("count_dead_letters", pa.int64(), nullable=False),
        pa.field("message", pa.string()),
        pa.field("started_at", UTC, nullable=False),
        pa.field("updated_at", UTC, nullable=False),
        pa.field("finished_at", UTC),
    ]
)

GAP = pa.schema(
    [
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("first_trade_id", pa.int64(), nullable=False),
        pa.field("last_trade_id", pa.int64(), nullable=False),
        pa.field("status", pa.string(), nullable=False),  # filled | absent_upstream | open
        pa.field("count_filled", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detected_at", UTC, nullable=False),
        *ORIGIN,
    ]
)

DEAD_LETTER = pa.schema(
    [
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("frame", pa.binary(), nullable=False),  # the bytes as they came
        pa.field("reason", pa.string(), nullable=False),
        *ORIGIN,
    ]
)


@dataclass(frozen=True)
class Dataset:
    """Where rows of one kind lie: `folder`, then one hive folder per key, then files."""

    folder: str
    schema: pa.Schema
    keys: tuple[str, ...]


# The key order is the folder order. `hour` makes the tail prunable by the boundary of each build
# before a file is opened, so that deleting compacted minutes cannot disturb a running query.
TRADES_TAIL = Dataset("trades/tail", TRADE, ("symbol", "source", "date", "hour"))
TRADES_CLOSED = Dataset("trades/closed", TRADE, ("symbol", "source", "date"))
KLINES = Dataset("klines", KLINE, ("symbol", "source", "interval"))
EQUITIES = Dataset("equities", EQUITY_PRICE, ("symbol", "source", "interval"))
OPTIONS = Dataset("options", OPTION_QUOTE, ("underlying", "source", "date"))
INGEST_RUNS = Dataset("ledger/runs", INGEST_RUN, ("date",))
GAPS = Dataset("ledger/gaps", GAP, ("date",))
DEAD_LETTERS = Dataset("ledger/dead_letters", DEAD_LETTER, ("date",))

DATASETS = (TRADES_TAIL, TRADES_CLOSED, KLINES, EQUITIES, OPTIONS, INGEST_RUNS, GAPS, DEAD_LETTERS)
