"""What came of a campaign: rows, ledger, dead letters and leftovers against what the exchange made."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from quant.boundary import read_boundary
from tests.chaos.market import FIRST_IDS, Market

# What a reader sees: closed before the boundary, the tail from there on.
TRADES = """
    select symbol, trade_id, epoch_us(ts) as ts, (price::decimal(38, 8) * 100000000)::bigint as price,
           (size::decimal(38, 8) * 100000000)::bigint as size, is_buyer_maker
    from read_parquet('{root}/trades/{part}/*/*/*/{files}', hive_partitioning = false)
    where ts {side} timestamptz '{boundary}'
"""
KEPT_AFTER_SECONDS = 15.0  # a recorder may be busy with a hole, and it writes dead letters every few seconds

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

FIELDS = ("ts", "price", "size", "is_buyer_maker")
# The fate of an id is what the newest batch that covers it says; a batch is what one run said at one instant.
FATES = """
    select ingest_run_id, fetched_at, first_trade_id, last_trade_id, status
    from read_parquet('{root}/ledger/gaps/*/*.parquet', hive_partitioning = false)
    where symbol = ? order by fetched_at, first_trade_id
"""
LETTERS = "select frame from read_parquet('{root}/ledger/dead_letters/*/*.parquet', hive_partitioning = false)"


@dataclass
class Verdict:
    """`figures` are for people; `faults` must be empty."""

    figures: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def demand(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)

    def print(self, title: str) -> None:
        print(f"\n{title}")
        for name, value in self.figures.items():
            print(f"  {name:<46} {value:,}" if isinstance(value, int) else f"  {name:<46} {value}")
        for fault in self.faults:
            print(f"  FAULT: {fault}")
        print("  nothing lost, nothing twice" if not self.faults else f"  {len(self.faults)} faults", flush=True)


def trades_sql(root: Path) -> str:
    boundary = read_boundary(root).astimezone(UTC)
    names = {"root": root, "boundary": boundary.isoformat()}
    closed = TRADES.format(part="closed", files="*.parquet", side="<", **names)
    return closed + "union all" + TRADES.format(part="tail", files="*/*.parquet", side=">=", **names)


def newest_ids(root: Path) -> dict[str, int]:
    """The greatest id on disk of each symbol."""
    found = duckdb.execute(f"select symbol, max(trade_id) from ({trades_sql(root)}) group by all").fetchall()
    return dict(found)


def _rows_of(root: Path, symbol: str) -> dict[str, Any]:
    wanted = f"select * from ({trades_sql(root)}) where symbol = ? order by trade_id"
    return duckdb.execute(wanted, [symbol]).fetchnumpy()


def _fates(root: Path, symbol: str) -> dict[int, str]:
    """The status of each id that the ledger names: the newest comes last and overrules."""
    fates: dict[int, str] = {}
    for _, _, first, last, status in duckdb.execute(FATES.format(root=root), [symbol]).fetchall():
        fates.update(dict.fromkeys(range(first, last + 1), status))
    return fates


def count_open(root: Path) -> int:
    """Ids in open gaps, of all symbols."""
    return sum(status == "open" for symbol in FIRST_IDS for status in _fates(root, symbol).values())


def judge(root: Path, market: Market, made: dict[str, int]) -> Verdict:
    """`made`: the newest id of each symbol that the exchange sent."""
    verdict = Verdict()
    for symbol in market.symbols:
        _judge_symbol(root, market, symbol, made[symbol], verdict)
    leftovers = [path for path in root.rglob(".*.tmp")]
    verdict.figures["temporary files"] = len(leftovers)
    verdict.demand(not leftovers, f"temporary files: {leftovers[:5]}")
    return verdict


def _judge_symbol(root: Path, market: Market, symbol: str, made: int, verdict: Verdict) -> None:
    stored = _rows_of(root, symbol)
    ids = np.asarray(stored["trade_id"], dtype=np.int64)
    if not len(ids):
        verdict.faults.append(f"{symbol}: no row at all")
        return
    expected = list(market.trades(symbol, int(ids[0]), made))
    wanted = np.array([trade.trade_id for trade in expected], dtype=np.int64)
    distinct = np.unique(ids)
    verdict.figures[f"{symbol}: expected"] = len(wanted)
    verdict.figures[f"{symbol}: rows"] = len(ids)
    verdict.figures[f"{symbol}: distinct ids"] = len(distinct)
    lost, foreign = np.setdiff1d(wanted, distinct), np.setdiff1d(distinct, wanted)
    verdict.demand(len(ids) == len(distinct), f"{symbol}: {len(ids) - len(distinct)} rows are there twice")
    verdict.demand(not len(lost), f"{symbol}: {len(lost)} ids are lost: {_ranges(lost)}")
    verdict.demand(not len(foreign), f"{symbol}: {len(foreign)} ids that nobody made: {_ranges(foreign)}")
    if not len(lost) and not len(foreign) and len(ids) == len(distinct):
        made_fields = {
            "ts": [trade.milliseconds * 1000 for trade in expected],
            "price": [trade.price for trade in expected],
            "size": [trade.size for trade in expected],
            "is_buyer_maker": [trade.is_buyer_maker for trade in expected],
        }
        for name in FIELDS:
            wrong = int((np.asarray(stored[name]) != np.array(made_fields[name])).sum())
            verdict.demand(wrong == 0, f"{symbol}: {wrong} rows with another {name} than the exchange made")
    _judge_ledger(root, market, symbol, distinct, made, verdict)


def _judge_ledger(root: Path, market: Market, symbol: str, ids: Ids, made: int, verdict: Verdict) -> None:
    rows = duckdb.execute(FATES.format(root=root), [symbol]).fetchall()
    covered: dict[tuple[str, datetime], int] = {}
    for run_id, fetched_at, first, last, _ in rows:
        end = covered.get((run_id, fetched_at), first - 1)
        verdict.demand(first > end, f"{symbol}: a batch of the ledger overlaps itself at {first}")
        covered[run_id, fetched_at] = last
    fates = _fates(root, symbol)
    present = set(ids.tolist())
    missing = [trade_id for trade_id in range(int(ids[0]), made + 1) if trade_id not in present]
    absent = {trade_id for trade_id, status in fates.items() if status == "absent_upstream"}
    unexplained = [trade_id for trade_id in missing if trade_id not in absent]
    still_open = [trade_id for trade_id, status in fates.items() if status == "open"]
    not_there = [trade_id for trade_id, status in fates.items() if status == "filled" and trade_id not in present]
    slandered = [trade_id for trade_id in absent if not market.is_absent(symbol, trade_id)]
    verdict.figures[f"{symbol}: missing ids, all absent upstream"] = len(missing)
    verdict.figures[f"{symbol}: gap rows in the ledger"] = len(rows)
    verdict.demand(not unexplained, f"{symbol}: {len(unexplained)} missing ids unexplained: {_ranges(unexplained)}")
    verdict.demand(not still_open, f"{symbol}: {len(still_open)} ids in open gaps: {_ranges(still_open)}")
    verdict.demand(not not_there, f"{symbol}: {len(not_there)} ids called filled are not: {_ranges(not_there)}")
    verdict.demand(not slandered, f"{symbol}: {len(slandered)} ids wrongly called absent: {_ranges(slandered)}")
    both = absent & present
    verdict.demand(not both, f"{symbol}: {len(both)} ids are there and called absent: {_ranges(sorted(both))}")


def judge_dead_letters(root: Path, garbage: Path, killed_at: Sequence[float]) -> Verdict:
    """Each dead letter was sent, and none is there twice. What the recorder had read is there, if it then lived on
    for a few seconds. `killed_at`: seconds since 1970.
    """
    verdict = Verdict()
    lines = [json.loads(line) for line in garbage.read_text().splitlines()]
    letters = {(line["stream"], base64.b64decode(line["frame"])): line["serial"] for line in lines if "frame" in line}
    sent = Counter(frame for _, frame in letters)
    kept = Counter(bytes(row[0]) for row in duckdb.execute(LETTERS.format(root=root)).fetchall())
    received = [line for line in lines if "received" in line and _lived_on(line["at"], killed_at)]
    read_up_to = {line["stream"]: line["received"] for line in received}
    due = Counter(frame for (stream, frame), serial in letters.items() if serial <= read_up_to.get(stream, 0))
    foreign, lost = kept - sent, due - kept
    verdict.figures["garbage: messages sent"] = sent.total()
    verdict.figures["garbage: messages read by a life long enough"] = due.total()
    verdict.figures["garbage: dead letters kept"] = kept.total()
    verdict.demand(bool(due), "no garbage was read: this campaign says nothing about dead letters")
    verdict.demand(not foreign, f"{foreign.total()} dead letters more than were sent: {_begin_of(foreign)}")
    verdict.demand(not lost, f"{lost.total()} messages are not among the dead letters: {_begin_of(lost)}")
    return verdict


def _lived_on(at: float, killed_at: Sequence[float]) -> bool:
    return all(not at < kill < at + KEPT_AFTER_SECONDS for kill in killed_at)


def _begin_of(frames: Counter[bytes]) -> list[bytes]:
    return [frame[:200] for frame in list(frames)[:3]]


def _ranges(ids: Ids | list[int]) -> str:
    """The first few ranges of consecutive ids, for a message."""
    found: list[list[int]] = []
    for trade_id in sorted(int(value) for value in ids):
        if found and found[-1][1] == trade_id - 1:
            found[-1][1] = trade_id
        else:
            found.append([trade_id, trade_id])
    shown = ", ".join(f"{first}..{last}" if last > first else str(first) for first, last in found[:5])
    return shown + (f" and {len(found) - 5} ranges more" if len(found) > 5 else "")
