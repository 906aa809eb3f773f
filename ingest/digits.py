"""Prices and sizes as integers: one unit is 1e-8, the last digit that is stored. Exact, and ten times faster."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa

from ingest.record import DIGITS

PLACES = 8
LARGEST = {18: Decimal(10) ** 10, 28: Decimal(10) ** 20}  # what decimal(p, 8) can hold
LONGEST = 64  # characters of a number that we try to read


def positive(text: str) -> int:
    """A price or size above 0 that is exact in decimal(18, 8), in units of 1e-8. Raises ValueError."""
    digits = text[:-9] + text[-8:]
    if text[-9:-8] == "." and len(digits) <= 18 and digits.isdecimal() and digits.isascii():
        number = int(digits)  # the exchange's usual form, 27123.45000000
    else:
        number = int(amount(text, precision=18).scaleb(PLACES))
    if number <= 0:
        raise ValueError(f"{text!r} is not above 0")
    return number


def amount(text: str, precision: int = 28) -> Decimal:
    """A number that is not negative and exact in decimal(precision, 8). Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError(f"{text[:LONGEST]!r}... has {len(text)} characters: no number is that long")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{text!r} is not finite")
    if not 0 <= number < LARGEST[precision] or round(number, PLACES) != number:
        raise ValueError(f"{text!r} does not fit decimal({precision}, {PLACES})")
    return number


def decimals(units: Sequence[int]) -> pa.Array:
    """Integers in units of 1e-8 as decimal(18, 8)."""
    words = np.zeros((len(units), 2), np.int64)  # the low and the high half of 128 bits; ours are never negative
    words[:, 0] = units
    return pa.Array.from_buffers(DIGITS, len(units), [None, pa.py_buffer(words)])
