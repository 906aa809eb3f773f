"""Ranges of trade ids say what a model in Python says of each id: the newest word of the ledger, and what is stored."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pytest

START = datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = ("filled", "absent_upstream", "open")
Row = dict[str, Any]


def batches(dice: random.Random, highest: int) -> list[Row]:
    """Batches of two runs and three symbols: repeated, nested, containing, overlapping in part, in no order."""
    rows: list[Row] = []
    spans: list[tuple[int, int]] = []
    for second in range(dice.randint(1, 30)):
        first = dice.randrange(highest)
        last = first + dice.choice((0, 1, 3, 20, highest))
        if spans and dice.random() < 0.5:  # what the recorder and the filler do: again, or a part of it
            first, last = dice.choice(spans)
            first = dice.choice((first, dice.randint(first, last)))
        spans.append((first, last))
        rows += batch(dice, first, last, START + timedelta(seconds=second), dice.choice("ABC"))
    dice.shuffle(rows)
    return rows


def batch(dice: random.Random, first: int, last: int, fetched_at: datetime, symbol: str) -> list[Row]:
    """Rows that cover first to last without overlap, each of another fate."""
    rows: list[Row] = []
    while first <= last:
        end = dice.randint(first, last)
        rows.append(
            {
                "source": "binance-us" if symbol == "C" else "binance", "symbol": symbol.replace("C", "A"),
                "first_trade_id": first, "last_trade_id": end, "status": dice.choice(STATUSES), "count_filled": 0,
                "reason": "by dice", "detected_at": START, "fetched_at": fetched_at, "ingest_run_id": dice.choice("xy"),
            }
        )  # fmt: skip
        first = end + 1
    run = rows[0]["ingest_run_id"]
    return [{**row, "ingest_run_id": run} for row in rows]


def by_id(rows: list[Row]) -> dict[tuple[str, str, int], tuple[str, datetime, str]]:
    """The last word on each id, said one after the other."""
    fates = {}
    for row in sorted(rows, key=lambda row: (row["fetched_at"], row["ingest_run_id"])):
        for trade_id in range(row["first_trade_id"], row["last_trade_id"] + 1):
            fate = row["status"], row["fetched_at"], row["ingest_run_id"]
            fates[row["source"], row["symbol"], trade_id] = fate
    return fates


def said(formulas: duckdb.DuckDBPyConnection, rows: list[Row]) -> list[Row]:
    ledger = pa.Table.from_pylist(rows)
    formulas.register("ledger", ledger)
    found: list[Row] = formulas.sql("from fates_of_ids('ledger')").to_arrow_table().to_pylist()
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_newest_word_of_the_ledger_decides_each_id(formulas: duckdb.DuckDBPyConnection, seed: int) -> None:
    rows = batches(random.Random(seed), highest=60)
    ranges = said(formulas, rows)
    assert by_id(ranges) == by_id(rows)
    lengths = [found["last_trade_id"] - found["first_trade_id"] + 1 for found in ranges]
    assert sum(lengths) == len(by_id(rows)), "ranges overlap"
    filled = [length if found["status"] == "filled" else 0 for found, length in zip(ranges, lengths, strict=True)]
    assert [found["count_filled"] for found in ranges] == filled


def test_twenty_thousand_nested_rows_are_as_exact(formulas: duckdb.DuckDBPyConnection) -> None:
    """Each batch lies inside the one before: ids near the ends were said once, those in the middle by all."""
    rows = [
        {
            "source": "binance", "symbol": "A", "first_trade_id": i, "last_trade_id": 100_000 - i, "reason": "nested",
            "status": STATUSES[i % 3], "count_filled": 0, "detected_at": START, "ingest_run_id": "x",
            "fetched_at": START + timedelta(seconds=i),
        }
        for i in range(20_000)
    ]  # fmt: skip
    ranges = said(formulas, rows)
    assert len(ranges) == 2 * 20_000 - 1
    middle = [row for row in ranges if row["first_trade_id"] <= 50_000 <= row["last_trade_id"]]
    assert [(row["first_trade_id"], row["last_trade_id"]) for row in middle] == [(19_999, 80_001)]
    assert {row["status"] for row in ranges if row["first_trade_id"] % 3 == 1 and row["last_trade_id"] < 19_999} == {
        STATUSES[1]
    }


@pytest.mark.parametrize("seed", range(40))
def test_ranges_hold_each_stored_id_and_no_other(formulas: duckdb.DuckDBPyConnection, seed: int) -> None:
    dice = random.Random(seed)
    share = dice.choice((0.3, 0.97, 1.0))
    ids = [trade_id for trade_id in range(dice.randrange(70), 70 + dice.randrange(300)) if dice.random() < share]
    repeated = dice.choices(ids, k=dice.randrange(6)) if ids else []
    rows = [*ids, *repeated]
    dice.shuffle(rows)
    trades = pa.table(
        {
            "source": ["binance"] * len(rows),
            "symbol": ["A"] * len(rows),
            "date": pa.array([START.date()] * len(rows), pa.date32()),
            "hour_start": pa.array([START.replace(tzinfo=None)] * len(rows), pa.timestamp("us")),
            "trade_id": pa.array(rows, pa.int64()),
            "fetched_at": pa.array([START] * len(rows), pa.timestamp("us", tz="UTC")),
        }
    )
    formulas.register("trades", trades)
    found = formulas.sql("from id_ranges_of_trades('trades') order by first_trade_id").to_arrow_table().to_pylist()
    ranges = [range(row["first_trade_id"], row["last_trade_id"] + 1) for row in found]
    assert [trade_id for one in ranges for trade_id in one] == ids
    assert all(before[-1] + 1 < after[0] for before, after in pairwise(ranges))
    assert sum(row["row_count"] for row in found) == len(rows)
