"""Bars as rows of whole numbers: prices in ticks, sizes in lots, so that sums are exact."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

START, OPEN, HIGH, LOW, CLOSE, VOLUME, QUOTE, COUNT, BOUGHT, BOUGHT_QUOTE, FIRST = range(WIDTH := 11)
SUMMED = (VOLUME, QUOTE, COUNT, BOUGHT, BOUGHT_QUOTE)


def aggregate(bars: IntArray, keys: IntArray) -> IntArray:
    """One row per run of equal keys; START becomes the first row's. Rows without trades must not be there."""
    if not len(bars):
        return bars
    starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    ends = np.append(starts[1:], len(bars)) - 1
    out = bars[starts].copy()
    out[:, HIGH] = np.maximum.reduceat(bars[:, HIGH], starts)
    out[:, LOW] = np.minimum.reduceat(bars[:, LOW], starts)
    out[:, CLOSE] = bars[ends, CLOSE]
    for column in SUMMED:
        out[:, column] = np.add.reduceat(bars[:, column], starts)
    return out


def of_trades(
    start_ms: int, price: IntArray, size: IntArray, is_buyer_maker: IntArray, first_id: int, previous_close: int
) -> IntArray:
    """The bar of these trades; without any it is flat at the previous close, and FIRST is -1."""
    if not len(price):
        flat = [previous_close] * 4
        return np.array([start_ms, *flat, 0, 0, 0, 0, 0, -1], dtype=np.int64)
    quote, bought = price * size, 1 - is_buyer_maker
    prices = [price[0], price.max(), price.min(), price[-1]]
    sums = [size.sum(), quote.sum(), len(price), (size * bought).sum(), (quote * bought).sum()]
    return np.array([start_ms, *prices, *sums, first_id], dtype=np.int64)
