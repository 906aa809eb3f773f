"""Correlations of many series at once; NumPy arrays in, arrays out. NaN is what is not knowable.

`prices` has shape (series, days), NaN where a series has no price. Of a pair only those days count on which both have
one: prices are joined first, returns come after. Series of the same days are computed together, as one product of
matrices; of a pair of different days the returns are made anew.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IndexArray: TypeAlias = npt.NDArray[np.int64]

ROUNDING = 4e-15  # of returns: those that differ by less do not move, see has_moved in 05_numbers.sql
CHUNK_CELLS = 150_000  # of doubles in hand: what a processor's cache holds


class Correlations(NamedTuple):
    """Symmetric matrices, a row and a column per series; `first` and `last` are places of days, -1 for none."""

    pearson: FloatArray
    spearman: FloatArray
    count_common: IndexArray
    first: IndexArray
    last: IndexArray


class Rolling(NamedTuple):
    """Pairs of one calendar (a < b, places of series), a row of values for each, and its days: from the n-th return."""

    a: IndexArray
    b: IndexArray
    days: IndexArray
    values: FloatArray


class Block(NamedTuple):
    """Series of one calendar beside those of another, or of the same: places, returns over the common days."""

    left: IndexArray
    right: IndexArray
    days: IndexArray
    left_returns: FloatArray
    right_returns: FloatArray


def correlations(prices: FloatArray) -> Correlations:
    """Pearson's and Spearman's correlation of simple returns of every pair, and over how many returns.

    NaN where either does not move. Sources: Pearson (1895), Proc. Royal Society 58; Spearman (1904), American J.
    Psychology 15(1).
    """
    shape = (len(prices), len(prices))
    found = Correlations(
        np.full(shape, np.nan), np.full(shape, np.nan), *(np.full(shape, fill, np.int64) for fill in (0, -1, -1))
    )
    for block in _blocks(prices):
        for part, values in zip(found, _of_block(block), strict=True):
            part[np.ix_(block.left, block.right)] = values
            part[np.ix_(block.right, block.left)] = np.transpose(values)
    return found


def rolling_correlations(prices: FloatArray, n: int) -> list[Rolling]:
    """Pearson's correlation of every pair over its last n common returns; NaN where either does not move in them.

    Each window is centred by its own mean, so that nothing cancels.
    """
    blocks = (block for block in _blocks(prices) if n > 1 and len(block.days) > n)
    return [found for found in (_rolled(block, n) for block in blocks) if len(found.a)]


def mid_ranks(values: FloatArray) -> FloatArray:
    """Places within each row, 1 the least; equal values share the mean of their places. Shape (series, n)."""
    rows, n = values.shape
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    is_first = np.ones((rows, n), dtype=np.bool_)
    is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(is_first)
    lengths = np.diff(starts, append=rows * n)
    places = np.repeat(starts % max(n, 1) + (lengths + 1) / 2, lengths).reshape(rows, n)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks


def _blocks(prices: FloatArray) -> Iterator[Block]:
    """Every pair of calendars, each with itself too; a series that was worth nothing is alone in its calendar."""
    calendars: dict[bytes, list[int]] = {}
    present = ~np.isnan(prices)
    for place, days in enumerate(present):
        alone = str(place) if np.any(prices[place] <= 0) else ""
        calendars.setdefault(days.tobytes() + alone.encode(), []).append(place)
    groups = [np.array(places) for places in calendars.values()]
    for number, left in enumerate(groups):
        for right in groups[number:]:
            days = np.flatnonzero(present[left[0]] & present[right[0]])
            left_returns = _returns(prices[left][:, days])
            yield Block(
                left, right, days, left_returns, left_returns if right is left else _returns(prices[right][:, days])
            )


def _returns(prices: FloatArray) -> FloatArray:
    """Simple returns, NaN after a price of 0: as simple_return_of in 20_returns.sql."""
    before, after = prices[:, :-1], prices[:, 1:]
    steps: FloatArray = np.divide(after, before, out=np.full(after.shape, np.nan), where=before > 0)
    steps[~np.isfinite(steps)] = np.nan
    steps -= 1
    return steps


def _of_block(block: Block) -> tuple[FloatArray | int, ...]:
    known = np.isfinite(block.left_returns).all(axis=0) & np.isfinite(block.right_returns).all(axis=0)
    count, days = int(known.sum()), block.days
    ends = (int(days[0]), int(days[-1])) if len(days) else (-1, -1)
    shape = (len(block.left), len(block.right))
    if count < 2:
        unknown = np.full(shape, np.nan)
        return unknown, unknown, *(np.full(shape, each) for each in (count, *ends))
    left, right = (each if known.all() else each[:, known] for each in (block.left_returns, block.right_returns))
    pearson = _product(left, right, left is right)
    pearson[~np.outer(_has_moved(left), _has_moved(right))] = np.nan
    left_ranks = mid_ranks(left)
    spearman = _product(left_ranks, left_ranks if left is right else mid_ranks(right), left is right)
    spearman[np.isnan(pearson)] = np.nan
    return pearson, spearman, *(np.full(shape, each) for each in (count, *ends))


def _product(left: FloatArray, right: FloatArray, is_same: bool) -> FloatArray:
    """Correlations of rows: the product of what is standardised; 1 of a series with itself."""
    one = _standardised(left)
    product: FloatArray = np.clip(one @ (one if is_same else _standardised(right)).T, -1, 1)
    if is_same:
        np.fill_diagonal(product, 1)
    return product


def _standardised(values: FloatArray) -> FloatArray:
    """Less their mean, of length 1; shape (..., n). NaN where all are equal."""
    centred: FloatArray = values - values.mean(axis=-1, keepdims=True)
    lengths = np.sqrt(np.einsum("...i,...i->...", centred, centred))[..., None]
    centred /= np.where(lengths > 0, lengths, np.nan)
    return centred


def _has_moved(values: FloatArray) -> npt.NDArray[np.bool_]:
    return np.asarray(values.max(axis=-1) - values.min(axis=-1) > ROUNDING)


def _rolled(block: Block, n: int) -> Rolling:
    """The windows of some days at a time, whose pairs are one product for each day."""
    is_same = block.right is block.left
    one, other = np.triu_indices(len(block.left), 1) if is_same else np.indices((len(block.left), len(block.right)))
    one, other = one.ravel(), other.ravel()
    count = block.left_returns.shape[1] - n + 1
    values = np.empty((len(one), count))
    flat = one * len(block.right) + other
    step = max(1, CHUNK_CELLS // (n * max(len(block.left), len(block.right))))
    for begin in range(0, count, step):
        windows = slice(begin, min(begin + step, count))
        left = _windows(block.left_returns, n, windows)
        right = left if is_same else _windows(block.right_returns, n, windows)
        product = np.matmul(left, right.transpose(0, 2, 1))
        values[:, windows] = product.reshape(len(product), -1).T[flat]
    a, b = block.left[one], block.right[other]
    return Rolling(np.minimum(a, b), np.maximum(a, b), block.days[n:], np.clip(values, -1, 1, out=values))


def _windows(returns: FloatArray, n: int, windows: slice) -> FloatArray:
    """Standardised windows of n returns, shape (windows, series, n); NaN where they do not move."""
    some = np.lib.stride_tricks.sliding_window_view(returns, n, axis=1)[:, windows]
    standardised = _standardised(np.ascontiguousarray(some.transpose(1, 0, 2)))
    standardised[~_has_moved(some).T] = np.nan
    return standardised
