"""What an exchange should never send, and what it may send without our having asked."""

import json
from random import Random

from tests.chaos.market import MadeTrade, as_decimal
from tests.chaos.wire import BINARY, TEXT

Message = tuple[bytes, int]  # payload, opcode


def trade_fields(trade: MadeTrade) -> dict[str, object]:
    """The event of the stream."""
    at = trade.milliseconds
    price, size = as_decimal(trade.price), as_decimal(trade.size)
    names = {"e": "trade", "E": at, "s": trade.symbol, "t": trade.trade_id, "p": price, "q": size}
    return {**names, "T": at, "m": trade.is_buyer_maker, "M": True}


def trade_row(trade: MadeTrade) -> dict[str, object]:
    """The same trade as REST gives it."""
    price, size = as_decimal(trade.price), as_decimal(trade.size)
    row = {"id": trade.trade_id, "price": price, "qty": size, "quoteQty": "1", "time": trade.milliseconds}
    return {**row, "isBuyerMaker": trade.is_buyer_maker, "isBestMatch": True}


def wrapped(event: object, symbol: str, kind: str) -> bytes:
    return json.dumps({"stream": f"{symbol.lower()}@{kind}", "data": event}).encode()


def trade_message(trade: MadeTrade) -> bytes:
    return wrapped(trade_fields(trade), trade.symbol, "trade")


def microsecond_message(trade: MadeTrade) -> bytes:
    """The same trade by a server that counts microseconds."""
    micros = trade.milliseconds * 1000
    return wrapped({**trade_fields(trade), "E": micros, "T": micros}, trade.symbol, "trade")


WRONG_FIELDS: tuple[dict[str, object], ...] = (
    {"s": "DOGEUSDT"},
    {"s": "btcusdt"},
    {"s": 7},
    {"p": "0"},
    {"p": "0.00000000"},
    {"p": "-1"},
    {"p": "NaN"},
    {"p": "Infinity"},
    {"p": "1e400"},
    {"p": "1.000000001"},
    {"p": "9" * 200_000},
    {"p": ""},
    {"p": 1.5},
    {"p": None},
    {"q": "0.00000000"},
    {"q": "-0.5"},
    {"q": "nan"},
    {"q": "x" * 200_000},
    {"q": "99999999999.00000000"},
    {"t": -5},
    {"t": "12"},
    {"t": 1.25},
    {"t": 2**70},
    {"T": 0},
    {"T": 10**19},
    {"T": 4_102_444_800_000},
    {"T": "now"},
    {"m": "true"},
)


def dead_letters(trade: MadeTrade, serial: int, chance: Random) -> list[Message]:
    """One message of each kind that must end as a dead letter; `serial` makes each the only one with its bytes."""
    whole = trade_message(trade)
    mark = f"#{serial}".encode()
    changed = [wrapped({**trade_fields(trade), "E": serial, **wrong}, trade.symbol, "trade") for wrong in WRONG_FIELDS]
    texts = [
        *changed,
        whole[: len(whole) // 2] + mark,
        whole + mark,
        b"{" * 50_000 + mark,
        b"[" * 100_000 + mark,
        b"\xff\xfe" + mark + whole,
        json.dumps([serial]).encode(),
        json.dumps(f"hello {serial}").encode(),
        json.dumps({"e": None, "serial": serial}).encode(),
        json.dumps({"stream": "btcusdt@trade", "data": [serial]}).encode(),
        json.dumps({"stream": "btcusdt@trade", "data": {"serial": serial}}).encode(),
        b"<html>502 bad gateway" + mark + b"</html>",
        b" " + mark,
    ]
    return [*((text, TEXT) for text in texts), (chance.randbytes(200) + mark, BINARY)]


def unasked(trade: MadeTrade, serial: int) -> list[Message]:
    """Kinds that we did not subscribe to: counted and left, never dead letters."""
    symbol = trade.symbol
    book = {"u": serial, "s": symbol, "b": "1.0", "B": "1.0", "a": "2.0", "A": "1.0"}
    aggregate = {"e": "aggTrade", "s": symbol, "a": serial, "p": "1", "q": "1", "f": 1, "l": 2, "T": 1, "m": True}
    return [
        (wrapped(book, symbol, "bookTicker"), TEXT),
        (wrapped(aggregate, symbol, "aggTrade"), TEXT),
        (wrapped({"e": "depthUpdate", "s": symbol, "U": serial, "b": [], "a": []}, symbol, "depth"), TEXT),
        (wrapped({"e": f"news{serial % 5}", "s": symbol}, symbol, "news"), TEXT),
        (json.dumps({"result": None, "id": serial}).encode(), TEXT),
        (json.dumps({"code": 2, "msg": f"Invalid request {serial}"}).encode(), TEXT),
    ]
