"""The background filler: every id of an open gap gets its fate, nothing is asked for or stored twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import ingest.fill
import ingest.gap_fill
import ingest.insertion
from ingest.binance_record import Trade, trades_table
from ingest.binance_rest import BinanceRest
from ingest.compaction import close_settled
from ingest.errors import RateLimitedError
from ingest.fill import fill_open_gaps
from ingest.gap_ledger import fates, open_gaps
from ingest.insertion import insert_now
from ingest.parquet import lay_down_empty_files
from ingest.runs import Gap, GapStatus, Run
from ingest.tail import Tail
from quant.boundary import EPOCH, read_boundary
from tests.ingest.exchange import Exchange, trade_row
from tests.ingest.market_time import SOURCE, at, trade
from tests.ingest.staging_view import shown_ids

SYMBOL = "BTCUSDT"
MET_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ask_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.gap_fill, "ASK_AGAIN_SECONDS", (0.0, 0.0))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_down_empty_files(tmp_path)
    return tmp_path


def time_of(trade_id: int) -> datetime:
    return at(9) + timedelta(seconds=trade_id)


def rows(*ids: int) -> list[dict[str, object]]:
    return [trade_row(trade_id, int(time_of(trade_id).timestamp() * 1000)) for trade_id in ids]


def record(root: Path, *ids: int) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(trade_id, time_of(trade_id)) for trade_id in ids])


def leave_open(root: Path, *holes: range, reason: str = "too many") -> None:
    run = Run(root, SOURCE, "trades")
    for number, hole in enumerate(holes):
        run.record_gaps([Gap(SYMBOL, hole[0], hole[-1], "open", reason, MET_AT + timedelta(minutes=number))])
    run.finish("partial")


def work(root: Path, exchange: Exchange, budget: int = 10**6) -> tuple[int, Run]:
    """How many ids stay open, and the run."""
    run = Run(root, SOURCE, "gaps")

    async def fill() -> int:
        rest = BinanceRest([exchange.url], run.reject)
        try:
            return await fill_open_gaps(root, SOURCE, [SYMBOL, "ETHUSDT"], rest, run, budget)
        finally:
            await rest.close()

    return asyncio.run(fill()), run


def told(root: Path) -> list[tuple[int, int, GapStatus]]:
    return [(gap.first_trade_id, gap.last_trade_id, gap.status) for gap in fates(root, SOURCE, SYMBOL)]


def count_batches(root: Path) -> int:
    return len([path for path in (root / "ledger" / "gaps").rglob("*.parquet") if path.name != "0.parquet"])


def asked_from(exchange: Exchange) -> list[int]:
    return [int(path.split("fromId=")[1].split("&")[0]) for path in exchange.requests]


def test_an_open_gap_is_filled_whole(root: Path, exchange: Exchange) -> None:
    record(root, 1, 2, 3000, 3001)
    leave_open(root, range(3, 3000))
    exchange.trades[SYMBOL] = rows(*range(1, 3100))
    left, run = work(root, exchange)
    assert (left, run.row_count) == (0, 2997)
    assert told(root) == [(3, 2999, "filled")]
    assert fates(root, SOURCE, SYMBOL)[0].detected_at == MET_AT
    assert shown_ids(root, EPOCH) == list(range(1, 3002))


def test_hours_before_the_boundary_are_seen_at_once(root: Path, exchange: Exchange) -> None:
    record(root, 1, 9000)
    leave_open(root, range(2, 9000))  # 9:00 to 11:30
    close_settled(root, at(10, 30))
    exchange.trades[SYMBOL] = rows(*range(1, 9001))
    assert work(root, exchange)[0] == 0
    assert read_boundary(root) == at(10)
    assert shown_ids(root, at(10)) == shown_ids(root, EPOCH) == list(range(1, 9001))


def test_what_is_stored_is_not_asked_for_again(root: Path, exchange: Exchange) -> None:
    record(root, 1, 50)
    leave_open(root, range(2, 50))
    insert_now(root, trades_table([trade(i, time_of(i)) for i in range(10, 41)], SOURCE, "an-archive"))
    exchange.trades[SYMBOL] = rows(*range(1, 51))
    left, run = work(root, exchange)
    assert (left, run.row_count, run.count_duplicates) == (0, 17, 0)
    assert asked_from(exchange) == [2, 41]
    assert told(root) == [(2, 49, "filled")]
    assert shown_ids(root, EPOCH) == list(range(1, 51))


def test_ids_that_the_exchange_does_not_have_are_absent_after_a_second_look(root: Path, exchange: Exchange) -> None:
    record(root, 1, 20)
    leave_open(root, range(2, 20))
    exchange.trades[SYMBOL] = rows(*range(8, 12), 15, *range(16, 21))
    assert work(root, exchange)[0] == 0
    assert told(root) == [(2, 7, "absent_upstream"), (8, 11, "filled"), (12, 14, "absent_upstream"), (15, 19, "filled")]
    assert asked_from(exchange).count(2) > 1 and asked_from(exchange).count(12) > 1


def test_an_empty_answer_proves_nothing(root: Path, exchange: Exchange) -> None:
    record(root, 1, 20)
    leave_open(root, range(2, 20))
    exchange.trades[SYMBOL] = rows(*range(1, 12))  # it lags behind the stream
    assert work(root, exchange)[0] == 8
    assert told(root) == [(2, 11, "filled"), (12, 19, "open")]
    batches = count_batches(root)
    assert work(root, exchange)[0] == 8
    assert count_batches(root) == batches  # what stays as it was is not told again
    exchange.trades[SYMBOL] = rows(*range(1, 21))
    assert work(root, exchange)[0] == 0
    assert shown_ids(root, EPOCH) == list(range(1, 21))


def test_the_newest_gap_comes_first_and_the_next_run_goes_on(root: Path, exchange: Exchange) -> None:
    record(root, 1, 2000, 9000)
    leave_open(root, range(2, 2000), range(2001, 9000))
    exchange.trades[SYMBOL] = rows(*range(1, 9001))
    left, run = work(root, exchange, budget=2500)
    assert run.row_count == 3000  # the page that exceeds the allowance is kept
    assert told(root) == [(2, 1999, "open"), (2001, 5000, "filled"), (5001, 8999, "open")]
    assert left == 1998 + 3999
    assert [work(root, exchange, budget=2500)[0] for _ in range(3)] == [1998 + 999, 0, 0]
    assert shown_ids(root, EPOCH) == list(range(1, 9001))


def test_a_gap_at_the_end_of_the_record_is_left_to_the_recorder(root: Path, exchange: Exchange) -> None:
    record(root, 1)
    leave_open(root, range(2, 20))  # it died before it stored what lies beyond
    exchange.trades[SYMBOL] = rows(*range(1, 21))
    assert work(root, exchange)[0] == 18
    assert exchange.requests == []


def test_a_limit_ends_the_run_and_what_came_before_it_counts(
    root: Path, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(root, 1, 5000)
    leave_open(root, range(2, 5000))
    exchange.trades[SYMBOL] = rows(*range(1, 5001))
    given = BinanceRest.trades_from

    async def limited(rest: BinanceRest, symbol: str, first_id: int, count: int) -> list[Trade]:
        if first_id > 2000:
            exchange.refuse_requests = [(418, {"Retry-After": "600"})]
        return await given(rest, symbol, first_id, count)

    monkeypatch.setattr(BinanceRest, "trades_from", limited)
    with pytest.raises(RateLimitedError):
        work(root, exchange)
    assert told(root) == [(2, 2001, "filled"), (2002, 4999, "open")]
    assert fates(root, SOURCE, SYMBOL)[1].reason == "too many"


def test_a_host_that_refuses_leaves_the_gap_open_with_its_reason(root: Path, exchange: Exchange) -> None:
    record(root, 1, 20, 40)
    leave_open(root, range(2, 20), range(21, 40))
    exchange.refuse_symbols[SYMBOL] = 451
    assert work(root, exchange)[0] == 18 + 19
    assert len(exchange.requests) == 1  # the older gap would meet the same
    older, newer = fates(root, SOURCE, SYMBOL)
    assert older.reason == "too many" and "451" in newer.reason
    batches = count_batches(root)
    work(root, exchange)
    assert count_batches(root) == batches


@pytest.mark.parametrize("deaths", range(6))
def test_killed_between_any_two_steps_it_goes_on_where_it_was(
    root: Path, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    record(root, 1, 6000)
    leave_open(root, range(2, 6000))
    exchange.trades[SYMBOL] = rows(*range(1, 6001))
    monkeypatch.setattr(ingest.fill, "TRADES_PER_STEP", 2000)
    given_record = Run.record_gaps
    count = 0

    async def insert(*arguments: object) -> int:
        live_on()
        return await ingest.insertion.insert(*arguments)  # type: ignore[arg-type]

    def record_gaps(run: Run, gaps: Sequence[Gap]) -> None:
        live_on()
        given_record(run, gaps)

    def live_on() -> None:
        nonlocal count
        count += 1
        if count > deaths:
            raise OSError("the power is gone")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="power"):
        patch.setattr(ingest.fill, "insert", insert)
        patch.setattr(Run, "record_gaps", record_gaps)
        work(root, exchange)
    assert work(root, exchange)[0] == 0
    assert (told(root)[0][0], told(root)[-1][1]) == (2, 5999)
    assert {status for _, _, status in told(root)} == {"filled"}
    assert shown_ids(root, EPOCH) == list(range(1, 6001))
    assert not open_gaps(root, SOURCE, [SYMBOL])
