"""The judge of the campaigns finds what it is there to find."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from ingest.parquet import lay_down_empty_files, write_table
from ingest.record import DEAD_LETTER, DEAD_LETTERS, GAP, GAPS, TRADE
from tests.chaos.judge import judge, judge_dead_letters
from tests.chaos.market import FIRST_IDS, MadeTrade, Market

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
MARKET = Market(seed=5, start_ms=int(AT.timestamp() * 1000), rate=1000)
MADE = {symbol: MARKET.last_existing(symbol, first + 2800) for symbol, first in FIRST_IDS.items()}
ORIGIN = {"source": "binance", "fetched_at": AT, "ingest_run_id": "run"}
Row = dict[str, object]


def row(trade: MadeTrade) -> Row:
    """As the recorder should store it."""
    return {
        "symbol": trade.symbol,
        "trade_id": trade.trade_id,
        "ts": datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=trade.milliseconds),
        "price": Decimal(trade.price).scaleb(-8),
        "size": Decimal(trade.size).scaleb(-8),
        "is_buyer_maker": trade.is_buyer_maker,
        "origin": "stream",
        **ORIGIN,
    }


def gap(symbol: str, first: int, last: int, status: str, minutes: int = 0) -> Row:
    said = {"status": status, "count_filled": 0, "reason": "", "detected_at": AT}
    origin = {**ORIGIN, "fetched_at": AT + timedelta(minutes=minutes)}
    return {"symbol": symbol, "first_trade_id": first, "last_trade_id": last, **said, **origin}


class Store:
    """A data folder as it should be after a campaign, for a test to spoil."""

    def __init__(self, root: Path) -> None:
        self.root = root
        lay_down_empty_files(root)
        self.rows = {
            (symbol, trade.trade_id): row(trade)
            for symbol, made in MADE.items()
            for trade in MARKET.trades(symbol, FIRST_IDS[symbol], made)
        }
        self.gaps = [
            gap(symbol, trade_id, trade_id, "absent_upstream", minutes=number)
            for symbol, made in MADE.items()
            for number, trade_id in enumerate(range(FIRST_IDS[symbol], made))
            if MARKET.is_absent(symbol, trade_id)
        ]
        self.more_rows: list[Row] = []

    def faults(self) -> list[str]:
        rows = [*self.rows.values(), *self.more_rows]
        _write(rows, TRADE, self.root / "trades/tail/symbol=A/source=binance/date=2026-11-22/hour=15/00.parquet")
        _write(self.gaps, GAP, self.root / GAPS.folder / "date=2026-11-22" / "run-1.parquet")
        return judge(self.root, MARKET, MADE).faults


def _write(rows: Sequence[Row], schema: pa.Schema, path: Path) -> None:
    write_table(pa.Table.from_pylist(list(rows), schema), path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


BTC = "BTCUSDT", FIRST_IDS["BTCUSDT"] + 100
ABSENT = next(number for number in range(FIRST_IDS["BTCUSDT"], 2**63) if MARKET.is_absent("BTCUSDT", number))


def _lose_one(store: Store) -> None:
    del store.rows[BTC]


def _lose_the_last(store: Store) -> None:
    del store.rows["SOLUSDT", MADE["SOLUSDT"]]


def _repeat_one(store: Store) -> None:
    store.more_rows.append(store.rows[BTC])


def _change_a_price(store: Store) -> None:
    store.rows[BTC] = {**store.rows[BTC], "price": Decimal("1.5")}


def _change_a_time(store: Store) -> None:
    store.rows[BTC] = {**store.rows[BTC], "ts": AT + timedelta(minutes=1)}


def _turn_the_aggressor(store: Store) -> None:
    store.rows[BTC] = {**store.rows[BTC], "is_buyer_maker": not store.rows[BTC]["is_buyer_maker"]}


def _store_what_nobody_made(store: Store) -> None:
    store.more_rows.append({**store.rows[BTC], "trade_id": ABSENT})


def _explain_nothing(store: Store) -> None:
    store.gaps = []


def _leave_a_gap_open(store: Store) -> None:
    store.gaps.append(gap(*BTC, BTC[1], "open", minutes=99_999))


def _call_a_stored_trade_absent(store: Store) -> None:
    store.gaps.append(gap(*BTC, BTC[1], "absent_upstream", minutes=99_999))


def _call_an_absent_trade_filled(store: Store) -> None:
    store.gaps.append(gap("BTCUSDT", ABSENT, ABSENT, "filled", minutes=99_999))


def _contradict_within_a_batch(store: Store) -> None:
    store.gaps += [gap(*BTC, BTC[1], "filled", minutes=99_999)] * 2


def _leave_half_a_file(store: Store) -> None:
    (store.root / "trades" / ".05.parquet.17.tmp").write_bytes(b"PAR1")


def test_a_complete_store_has_no_fault(store: Store) -> None:
    assert len(store.gaps) > 50
    assert store.faults() == []


def test_an_overruled_word_of_the_ledger_does_not_count(store: Store) -> None:
    store.gaps += [gap(*BTC, BTC[1] + 5, "open", minutes=99_998), gap(*BTC, BTC[1] + 5, "filled", minutes=99_999)]
    assert store.faults() == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (_lose_one, "1 ids are lost"),
        (_lose_the_last, "1 ids are lost"),
        (_repeat_one, "1 rows are there twice"),
        (_change_a_price, "another price"),
        (_change_a_time, "another ts"),
        (_turn_the_aggressor, "another is_buyer_maker"),
        (_store_what_nobody_made, "1 ids that nobody made"),
        (_explain_nothing, "missing ids unexplained"),
        (_leave_a_gap_open, "1 ids in open gaps"),
        (_call_a_stored_trade_absent, "1 ids are there and called absent"),
        (_call_an_absent_trade_filled, "1 ids called filled are not"),
        (_contradict_within_a_batch, "overlaps itself"),
        (_leave_half_a_file, "temporary files"),
    ],
)
def test_each_way_to_be_wrong_is_found(store: Store, spoil: Callable[[Store], None], fault: str) -> None:
    spoil(store)
    assert any(fault in found for found in store.faults())


FIRST, SECOND = "Zmlyc3Q=", "c2Vjb25k"  # base64 of what they are called


def test_dead_letters_are_those_that_were_read(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.jsonl"
    sent = [{"stream": 1, "serial": 1, "frame": FIRST}, {"stream": 1, "serial": 2, "frame": SECOND}]
    garbage.write_text("\n".join(map(json.dumps, [*sent, {"stream": 1, "received": 1, "at": 1000.0}])))

    def faults(*frames: bytes, killed_at: float = 1100) -> list[str]:
        letters: list[Row] = [{"dataset": "trades", "frame": frame, "reason": "", **ORIGIN} for frame in frames]
        _write(letters, DEAD_LETTER, tmp_path / DEAD_LETTERS.folder / "date=2026-11-22" / "run-1.parquet")
        return judge_dead_letters(tmp_path, garbage, [killed_at]).faults

    assert faults(b"first", b"second") == faults(b"first") == []
    assert "1 messages are not among the dead letters" in faults(b"second")[0]
    assert "1 dead letters more than were sent" in faults(b"first", b"first")[0]
    assert "1 dead letters more than were sent" in faults(b"first", b"third")[0]
    assert "no garbage was read" in faults(b"first", killed_at=1001)[0]
