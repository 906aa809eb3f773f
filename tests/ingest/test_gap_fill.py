"""Holes in the trade ids are filled from REST, and each id's fate is told."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

import ingest.gap_fill
from ingest.binance_record import Trade
from ingest.binance_rest import BinanceRest
from ingest.gap_fill import fill
from ingest.runs import Gap, now
from tests.ingest.exchange import Exchange, trade_row

START = int(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(autouse=True)
def _ask_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.gap_fill, "ASK_AGAIN_SECONDS", (0.0, 0.0, 0.0))


def filled(exchange: Exchange, hole: range, most: int = 50_000) -> tuple[list[int], list[tuple[int, int, str, int]]]:
    """The ids that were handed on, and the gaps as (first, last, status, count filled)."""
    taken: list[Trade] = []
    rejected: list[bytes] = []

    async def take(trades: Sequence[Trade]) -> None:
        taken.extend(trades)

    async def run() -> list[Gap]:
        rest = BinanceRest([exchange.url], lambda frame, reason, at: rejected.append(frame))
        try:
            return await fill(rest, hole, "BTCUSDT", take, most, now)
        finally:
            await rest.close()

    gaps = asyncio.run(run())
    fates: list[tuple[int, int, str, int]] = [
        (gap.first_trade_id, gap.last_trade_id, gap.status, gap.count_filled) for gap in gaps
    ]
    assert sum(last - first + 1 for first, last, *_ in fates) == len(hole)  # every id of the hole has a fate
    return [trade.trade_id for trade in taken], fates


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
        "2100&limit=501",
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


def test_end_that_never_comes_is_absent_after_some_patience(exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(5, 6)
    taken, fates = filled(exchange, range(5, 8))
    assert (taken, fates) == ([5, 6], [(5, 6, "filled", 2), (7, 7, "absent_upstream", 0)])


def test_hole_beyond_the_limit_stays_open_without_a_request(exchange: Exchange) -> None:
    taken, fates = filled(exchange, range(1, 102), most=100)
    assert (taken, fates) == ([], [(1, 101, "open", 0)])
    assert exchange.requests == []


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
