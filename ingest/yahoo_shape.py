"""Whether Yahoo's JSON still has the shape that we read.

yfinance fills what is missing with something else (closes for adjusted closes, NaN for a column), so we look ourselves.
"""

import json
from collections.abc import Iterable
from typing import Any

PRICES = ("open", "high", "low", "close", "volume")
QUOTES = ("bid", "ask", "lastPrice", "impliedVolatility", "volume", "openInterest", "lastTradeDate")


def chart_fault(body: bytes) -> str | None:
    """What is wrong with a chart answer that has bars, in a few words; None if nothing is."""
    result = _at(_decoded(body), "chart", "result", 0)
    stamps = _at(result, "timestamp")
    if stamps is None:
        return None if _at(result, "meta") is not None else "no chart.result[0].meta"
    if not _all_numbers(stamps):
        return "timestamp is no list of numbers"
    quote, adjusted = _at(result, "indicators", "quote", 0), _at(result, "indicators", "adjclose", 0, "adjclose")
    columns = {f"quote.{name}": _at(quote, name) for name in PRICES}
    if adjusted is not None:
        columns["adjclose"] = adjusted
    for name, values in columns.items():
        if not _all_numbers(values, nullable=True):
            return f"indicators.{name} is no list of numbers"
        if len(values) != len(stamps):
            return f"indicators.{name} has {len(values)} values for {len(stamps)} timestamps"
    if not isinstance(_at(result, "meta", "currency"), str):
        return "meta.currency is missing"
    return _event_fault(_at(result, "events") or {})


def has_adjusted_close(body: bytes) -> bool:
    """Whether the vendor sent an adjusted close at all."""
    values = _at(_decoded(body), "chart", "result", 0, "indicators", "adjclose", 0, "adjclose")
    return values is not None and any(value is not None for value in values)


def chain_fault(body: bytes) -> str | None:
    """As `chart_fault`, of an answer with an option chain."""
    result = _at(_decoded(body), "optionChain", "result", 0)
    if not isinstance(result, dict) or not isinstance(result.get("expirationDates"), list):
        return "no optionChain.result[0].expirationDates"
    chain = _at(result, "options", 0)
    if chain is None:
        return None
    sides = _at(chain, "calls"), _at(chain, "puts")
    if not all(isinstance(side, list) for side in sides):
        return "no lists of calls and puts"
    contracts = [contract for side in sides for contract in side or ()]
    if contracts and not isinstance(_at(result, "quote", "regularMarketTime"), int):
        return "quote.regularMarketTime is missing, so nobody can tell how old the chain is"
    return next((fault for fault in map(_contract_fault, contracts) if fault), None)


def _contract_fault(contract: Any) -> str | None:
    if not isinstance(_at(contract, "contractSymbol"), str):
        return "a contract has no contractSymbol"
    if not _is_number(contract.get("strike")):
        return f"strike of {contract['contractSymbol']} is {contract.get('strike')!r}"
    wrong = (name for name in QUOTES if contract.get(name) is not None and not _is_number(contract[name]))
    return next((f"{name} of {contract['contractSymbol']} is {contract[name]!r}" for name in wrong), None)


def _event_fault(events: Any) -> str | None:
    named = {"dividends": ("amount", "date"), "splits": ("numerator", "denominator", "date")}
    for kind, fields in named.items():
        found = _at(events, kind) or {}
        if not isinstance(found, dict) or not all(_is_number(_at(e, name)) for e in found.values() for name in fields):
            return f"events.{kind} are not what they were"
    return None


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _at(value: Any, *path: str | int) -> Any:
    """The value below `path`; None where there is no such place."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _all_numbers(values: Any, nullable: bool = False) -> bool:
    wanted: Iterable[Any] = values if isinstance(values, list) else [values]
    return isinstance(values, list) and all(_is_number(value) or (nullable and value is None) for value in wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
