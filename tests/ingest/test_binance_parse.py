"""Frames and REST rows. Payloads follow the exchange's documentation of web socket streams and REST."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.binance_parse import (
    DeadLetter,
    Ignored,
    Shutdown,
    parse,
)
from ingest.binance_record import Kline, Trade
from quant.settings import PROJECT_PATH

SYMBOLS = frozenset({"BNBBTC", "NKNUSDT"})
NOW = 1_795_354_559_594_071  # 2026-11-22, microseconds
TRADE = {
    "e": "trade",
    "E": 1672515782136,
    "s": "BNBBTC",
    "t": 12345,
    "p": "0.001",
    "q": "100",
    "T": 1672515782136,
    "m": True,
    "M": True,
}
BAR = {
    "t": 1633998480000,
    "T": 1633998539999,
    "s": "NKNUSDT",
    "i": "1m",
    "f": 19862761,
    "L": 19862790,
    "o": "0.35270000",
    "c": "0.35280000",
    "h": "0.35280000",
    "l": "0.35220000",
    "v": "25877.00000000",
    "n": 30,
    "x": False,
    "q": "9116.04600000",
    "V": "58.00000000",
    "Q": "20.46240000",
    "B": "0",
}
CAPTURE = PROJECT_PATH.parent / "shared" / "data" / "binance_ws_capture_2021-10-12.txt"


def combined(data: object, stream: str = "bnbbtc@trade") -> bytes:
    return json.dumps({"stream": stream, "data": data}).encode()


def bar(**changes: object) -> bytes:
    return combined({"e": "kline", "E": 1, "s": "NKNUSDT", "k": BAR | changes}, "nknusdt@kline_1m")


def test_trade_keeps_the_exchanges_digits_and_both_clocks() -> None:
    expected = Trade(
        symbol="BNBBTC",
        trade_id=12345,
        ts=1672515782136000,
        price=100_000,
        size=10_000_000_000,
        is_buyer_maker=True,
        origin="stream",
        fetched_at=NOW,
    )
    assert parse(combined(TRADE), SYMBOLS, NOW) == expected


def test_bare_event_reads_as_the_combined_one() -> None:
    assert parse(json.dumps(TRADE).encode(), SYMBOLS, NOW) == parse(combined(TRADE), SYMBOLS, NOW)


def test_microseconds_are_recognised() -> None:
    trade = parse(combined(TRADE | {"T": 1672515782136789}), SYMBOLS, NOW)
    assert isinstance(trade, Trade)
    assert trade.ts == 1672515782136789


def test_bar_ends_where_the_next_one_begins() -> None:
    kline = parse(bar(), SYMBOLS, NOW)
    assert isinstance(kline, Kline)
    assert (kline.ts, kline.end_ts) == (1633998480000000, 1633998540000000)
    assert (kline.open, kline.high, kline.low, kline.close) == tuple(
        Decimal(text) for text in ("0.3527", "0.3528", "0.3522", "0.3528")
    )
    assert (kline.volume, kline.quote_volume, kline.taker_buy_volume) == (
        Decimal(25877),
        Decimal("9116.046"),
        Decimal(58),
    )
    assert (kline.trade_count, kline.first_trade_id, kline.last_trade_id) == (30, 19862761, 19862790)
    assert not kline.is_final


def test_bar_in_microseconds_ends_at_the_same_instant() -> None:
    kline = parse(bar(t=1633998480000000, T=1633998539999999, x=True), SYMBOLS, NOW)
    assert isinstance(kline, Kline)
    assert (kline.ts, kline.end_ts, kline.is_final) == (1633998480000000, 1633998540000000, True)


def test_empty_bar_has_no_trade_ids() -> None:
    kline = parse(bar(f=-1, L=-1, n=0, v="0.0", q="0.0", V="0.0"), SYMBOLS, NOW)
    assert isinstance(kline, Kline)
    assert (kline.first_trade_id, kline.last_trade_id, kline.trade_count) == (None, None, 0)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (combined({"e": "aggTrade", "s": "BNBBTC"}, "bnbbtc@aggTrade"), "aggTrade"),
        (combined({"u": 400900217, "s": "BNBUSDT", "b": "25.3", "B": "31"}, "bnbusdt@bookTicker"), "bookTicker"),
        (b'{"result":null,"id":1}', "answer"),
        (b'{"code":2,"msg":"Invalid request"}', "error"),
    ],
)
def test_other_kinds_are_named(frame: bytes, kind: str) -> None:
    assert parse(frame, SYMBOLS, NOW) == Ignored(kind)


@pytest.mark.parametrize("envelope", [True, False])
def test_announced_shutdown_is_seen(envelope: bool) -> None:
    event = {"e": "serverShutdown", "E": 1770123456789}
    frame = combined(event, "!serverShutdown") if envelope else json.dumps(event).encode()
    assert parse(frame, SYMBOLS, NOW) == Shutdown()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"p": "0.00000000"}, "not above 0"),
        ({"q": "-1"}, "does not fit"),
        ({"p": "NaN"}, "not finite"),
        ({"p": "Infinity"}, "not finite"),
        ({"p": "ten"}, "not a number"),
        ({"p": 0.001}, "Expected `str`"),
        ({"p": "0.000000001"}, "does not fit"),
        ({"q": "10000000000"}, "does not fit"),
        ({"p": "1e999999999"}, "does not fit"),
        ({"s": "ETHUSDT"}, "was not asked for"),
        ({"T": 1167609600000}, "between 2009 and tomorrow"),  # 2007
        ({"T": 1795527359595}, "between 2009 and tomorrow"),  # the day after tomorrow
        ({"T": 0}, "between 2009 and tomorrow"),
        ({"t": -1}, ">= 0"),
        ({"t": 2**63}, "9223372036854775807"),
        ({"t": "12345"}, "Expected `int`"),
        ({"m": None}, "Expected `bool`"),
    ],
)
def test_unbelievable_trade_is_a_dead_letter_with_its_reason(changes: dict[str, object], reason: str) -> None:
    letter = parse(combined(TRADE | changes), SYMBOLS, NOW)
    assert isinstance(letter, DeadLetter)
    assert reason in letter.reason


@pytest.mark.parametrize("missing", ["s", "t", "p", "q", "T", "m"])
def test_trade_without_a_field_is_a_dead_letter(missing: str) -> None:
    letter = parse(combined({key: value for key, value in TRADE.items() if key != missing}), SYMBOLS, NOW)
    assert letter == DeadLetter(f"Object missing required field `{missing}`")


@pytest.mark.parametrize(
    "changes", [{"h": "0.1"}, {"l": "0.9"}, {"T": 1633998599999}, {"i": "1d"}, {"o": "0"}, {"n": -1}]
)
def test_impossible_bar_is_a_dead_letter(changes: dict[str, object]) -> None:
    assert isinstance(parse(bar(**changes), SYMBOLS, NOW), DeadLetter)


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xff\xfe", b"[]", b"7", b"null", b"{}", b"[" * 100_000, b'{"data":' * 100_000, combined(TRADE)[:-3]],
)
def test_nonsense_is_a_dead_letter(frame: bytes) -> None:
    assert isinstance(parse(frame, SYMBOLS, NOW), DeadLetter)


@given(st.binary(max_size=200))
def test_no_bytes_end_the_stream(frame: bytes) -> None:
    assert isinstance(parse(frame, SYMBOLS, NOW), DeadLetter | Ignored)


@given(st.sampled_from(sorted(TRADE)), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))
def test_no_value_of_any_field_ends_the_stream(name: str, value: object) -> None:
    assert isinstance(parse(combined(TRADE | {name: value}), SYMBOLS, NOW), Trade | DeadLetter | Ignored)


@pytest.mark.skipif(not CAPTURE.is_file(), reason=f"the recorded stream {CAPTURE.name} is not beside the project")
def test_recorded_stream_gives_its_bars_and_counts_the_rest() -> None:
    # Counted in the file itself: 265 frames, of which 177 depthUpdate, 84 bookTicker, 2 aggTrade, 2 kline.
    frames = [line.split(": ", 1)[1].encode() for line in CAPTURE.read_text().splitlines()[1:] if line]
    at = int(datetime(2021, 10, 12, 1, tzinfo=UTC).timestamp() * 1e6)
    records = [parse(frame, {"NKNUSDT", "RUNEEUR", "BLZETH", "LRCBTC"}, at) for frame in frames]
    kinds = [record.kind for record in records if isinstance(record, Ignored)]
    bars = [record for record in records if isinstance(record, Kline)]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"depthUpdate": 177, "bookTicker": 84, "aggTrade": 2}
    assert len(bars) == 2
    assert len(records) == len(kinds) + len(bars)
    assert all(bar.trade_count == (bar.last_trade_id or 0) - (bar.first_trade_id or 1) + 1 for bar in bars)
