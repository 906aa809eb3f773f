"""Rows of REST answers. Payloads follow the exchange's documentation of its REST interface."""

import json
from decimal import Decimal

import pytest

from ingest.binance_parse import DeadLetter
from ingest.binance_record import Kline, Trade
from ingest.binance_rest_rows import parse_rest_kline, parse_rest_trade, split_rows

NOW = 1_795_354_559_594_071  # 2026-11-22, microseconds
REST_TRADE = {
    "id": 28457,
    "price": "4.00000100",
    "qty": "12.00000000",
    "quoteQty": "48.000012",
    "time": 1499865549590,
    "isBuyerMaker": True,
    "isBestMatch": True,
}
REST_KLINE = [
    1499040000000,
    "0.01634790",
    "0.80000000",
    "0.01575800",
    "0.01577100",
    "148976.11427815",
    1499126399999,
    "2434.19055334",
    308,
    "1756.87402397",
    "28.46694368",
    "0",
]


def test_rest_trade_is_marked_as_backfill() -> None:
    expected = Trade(
        symbol="BNBBTC",
        trade_id=28457,
        ts=1499865549590000,
        price=400_000_100,
        size=1_200_000_000,
        is_buyer_maker=True,
        origin="backfill",
        fetched_at=NOW,
    )
    assert parse_rest_trade(json.dumps(REST_TRADE).encode(), "BNBBTC", NOW) == expected


def test_trade_that_the_exchange_marked_invalid_is_a_dead_letter() -> None:
    # The exchange's archives have rows with price 0 and size 0 (their changelog of 2022-04-12).
    assert isinstance(parse_rest_trade(json.dumps(REST_TRADE | {"price": "0"}).encode(), "BNBBTC", NOW), DeadLetter)


def test_rest_bar_maps_field_by_field() -> None:
    kline = parse_rest_kline(json.dumps(REST_KLINE).encode(), "BNBBTC", "1d", NOW)
    assert kline == Kline(
        symbol="BNBBTC",
        interval="1d",
        ts=1499040000000000,
        end_ts=1499126400000000,
        open=Decimal("0.01634790"),
        high=Decimal("0.80000000"),
        low=Decimal("0.01575800"),
        close=Decimal("0.01577100"),
        volume=Decimal("148976.11427815"),
        quote_volume=Decimal("2434.19055334"),
        trade_count=308,
        taker_buy_volume=Decimal("1756.87402397"),
        first_trade_id=None,
        last_trade_id=None,
        is_final=True,
        fetched_at=NOW,
    )


@pytest.mark.parametrize(("asked_at", "is_final"), [(1499126399999999, False), (1499126400000000, True)])
def test_rest_bar_is_final_from_its_end_on(asked_at: int, is_final: bool) -> None:
    kline = parse_rest_kline(json.dumps(REST_KLINE).encode(), "BNBBTC", "1d", asked_at)
    assert isinstance(kline, Kline)
    assert kline.is_final is is_final


@pytest.mark.parametrize("row", [b"[]", b"{}", json.dumps(REST_KLINE[:6]).encode(), b"[1,2,3,4,5,6,7,8,9,10,11,12]"])
def test_unreadable_rest_bar_is_a_dead_letter(row: bytes) -> None:
    assert isinstance(parse_rest_kline(row, "BNBBTC", "1d", NOW), DeadLetter)


def test_page_that_is_no_list_is_refused() -> None:
    assert split_rows(b"[[1],[2]]") == [b"[1]", b"[2]"]
    with pytest.raises(ValueError, match="no list of rows"):
        split_rows(b'{"code":-1121,"msg":"Invalid symbol."}')
