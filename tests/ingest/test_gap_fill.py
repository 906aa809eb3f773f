"""Holes in the trade ids are filled from REST, and each id's fate is told."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

import ingest.gap_fill
from ingest.binance_rest import BinanceRest
from ingest.gap_fill import Fates, fill
from ingest.runs import now
from tests.ingest.exchange import Exchange, trade_row

Fate = tuple[int, int, str, int]
START = int(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(autouse=True)
def _ask_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.gap_fill, "ASK_AGAIN_SECONDS", (0.0, 0.0, 0.0))


def filled(exchange: Exchange, hole: range, seconds: float | None = None) -> tuple[list[int], list[Fate]]:
    """The ids that were handed on, and the fates as (first, last, status, count filled)."""
    taken: list[int] = []
    fates = Fates("BTCUSDT", now())

    async def run() -> None:
        rest = BinanceRest([exchange.url], lambda frame, reason, at: None)
        async for part in fill(rest, hole, "BTCUSDT", seconds):
            if isinstance(part, list):
                ids = [trade.trade_id for trade in part]
                taken.extend(ids)
                fates.add(range(ids[0], ids[-1] + 1), "filled", "")
            else:
                fates.add(*part)
        await rest.close()

    asyncio.run(run())
    told: list[Fate] = [(gap.first_trade_id, gap.last_trade_id, gap.status, gap.count_filled) for gap in fates.gaps]
    assert [i for first, last, *_ in told for i in range(first, last + 1)] == list(hole)  # every id has one fate
    return taken, told


def rows(*ids: int) -> list[dict[str, object]]:
    return [trade_row(trade_id, START + trade_id) for trade_id in ids]


def test_whole_hole_is_filled_page_by_page(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 5000))
    taken, fates = filled(exchange, range(100, 2601))
    assert taken == list(range(100, 2601))
    assert fates == [(100, 2600, "filled", 2501)]
    assert [path.split("fromId=")[1] for path in exchange.requests] == [
        "100&limit=1000",
        "1100&limit=1000",
        "2100&limit=502",  # the one behind the hole proves its end
    ]


def test_what_the_exchange_no_longer_has_is_absent(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(150, 300))
    taken, fates = filled(exchange, range(100, 200))
    assert taken == list(range(150, 200))
    assert fates == [(100, 149, "absent_upstream", 0), (150, 199, "filled", 50)]


def test_hole_within_the_answer_is_absent(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(1, 2, 5, 6, 9, 10)
    taken, fates = filled(exchange, range(1, 10))
    assert taken == [1, 2, 5, 6, 9]
    assert fates == [
        (1, 2, "filled", 2),
        (3, 4, "absent_upstream", 0),
        (5, 6, "filled", 2),
        (7, 8, "absent_upstream", 0),
        (9, 9, "filled", 1),
    ]


def test_empty_answer_is_asked_again(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 20))
    exchange.short_pages = 2
    taken, fates = filled(exchange, range(5, 8))
    assert (taken, fates) == ([5, 6, 7], [(5, 7, "filled", 3)])
    assert len(exchange.requests) == 3


def test_end_that_does_not_come_is_open_because_rest_may_lag(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(5, 6)
    taken, fates = filled(exchange, range(5, 8))
    assert (taken, fates) == ([5, 6], [(5, 6, "filled", 2), (7, 7, "open", 0)])


def test_slow_answers_do_not_keep_live_trades_waiting(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.gap_fill, "ASK_AGAIN_SECONDS", (60.0,))
    exchange.trades["BTCUSDT"] = rows(5, 6, 8)
    taken, fates = filled(exchange, range(5, 8), seconds=0.3)
    assert (taken, fates) == ([5, 6], [(5, 6, "filled", 2), (7, 7, "open", 0)])


def test_refusal_leaves_the_rest_open(exchange: Exchange) -> None:
    exchange.refuse_requests = [(451, {})]
    taken, fates = filled(exchange, range(5, 8))
    assert (taken, fates) == ([], [(5, 7, "open", 0)])


def test_invalid_row_counts_as_absent(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = [*rows(5), trade_row(6, START, price="0"), *rows(7, 8)]
    taken, fates = filled(exchange, range(5, 8))
    assert taken == [5, 7]
    assert fates == [(5, 5, "filled", 1), (6, 6, "absent_upstream", 0), (7, 7, "filled", 1)]


def test_told_to_wait_it_waits_and_asks_again(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(5)
    exchange.refuse_requests = [(429, {"Retry-After": "0"})]
    assert filled(exchange, range(5, 6)) == ([5], [(5, 5, "filled", 1)])


def test_ban_is_obeyed_at_once(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(5)
    exchange.refuse_requests = [(418, {"Retry-After": "120"})]
    assert filled(exchange, range(5, 6)) == ([], [(5, 5, "open", 0)])
    assert len(exchange.requests) == 1


def test_answer_that_is_no_page_leaves_the_hole_open(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange.trades["BTCUSDT"] = rows(5)
    monkeypatch.setattr(json, "dumps", lambda value: '{"code":-1000}')
    assert filled(exchange, range(5, 6)) == ([], [(5, 5, "open", 0)])
