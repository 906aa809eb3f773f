"""Shapes of a minute: a library of trade patterns from which every minute of the market is cut.

A shape is a random walk in whole steps from 0 to `end`, with times, sides and weights of its trades. A minute
takes one shape, stretches prices by a whole number of ticks and sizes by a whole number of lots. Open, high,
low, close and all sums of such a minute are exact integers that follow from the shape's own sums: bars need no
trades, and the trades add up to the bars to the last digit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.standin.seeds import generator

IntArray = NDArray[np.int64]

COUNTS = (40, 62, 95, 140, 200, 285, 400, 560)  # ordinary numbers of trades per minute
VARIANTS = 4  # shapes of the same count class and the same end
MINUTE_US = 60_000_000
BURST_SHARE = 0.3  # of the trades follow the one before within a millisecond


@dataclass(frozen=True)
class Shapes:
    """All shapes of one step size; shape i owns the trades [first[i], first[i] + count[i])."""

    deviation: int  # standard deviation of `end`, in steps
    reach: int  # the largest |end|
    first: IntArray
    count: IntArray
    step: NDArray[np.int16]  # per trade: price in steps above the minute's base
    is_buy: NDArray[np.bool_]  # per trade: the taker bought, one tick above the bid
    weight: NDArray[np.int32]  # per trade: multiplied by the minute's size scale ...
    extra: NDArray[np.int32]  # ... plus this many lots
    time_us: NDArray[np.int32]  # per trade: after the minute's start
    sums: dict[str, IntArray]  # per shape: what bars need

    def index(self, count_class: IntArray, end: IntArray, variant: IntArray) -> IntArray:
        return (count_class * (2 * self.reach + 1) + end + self.reach) * VARIANTS + variant


@lru_cache(maxsize=4)
def shapes(deviation: int) -> Shapes:
    reach = round(3.2 * deviation)
    ends = np.repeat(np.arange(-reach, reach + 1), VARIANTS)
    parts = [_part(generator("shapes", deviation, size), size, ends) for size in COUNTS]
    count = np.concatenate([part["count"] for part in parts])
    first = np.cumsum(count) - count
    trades = {
        key: np.concatenate([part[key] for part in parts]) for key in ("step", "is_buy", "weight", "extra", "time_us")
    }
    return Shapes(deviation, reach, first, count, **trades, sums=_sums(first, count, trades))


def _part(random: np.random.Generator, size: int, ends: IntArray) -> dict[str, NDArray[np.generic]]:
    """Shapes of about `size` trades, as flat arrays: rows of a matrix, cut to each row's own count."""
    rows, width = len(ends), round(1.2 * size)
    deviation = np.max(ends) / 3.2
    count = random.integers(round(0.8 * size), width, rows, endpoint=True)
    column = np.arange(width)
    inside = column < count[:, None]
    moves = random.standard_normal((rows, width), dtype=np.float32) * (random.random((rows, width)) < 0.4)
    moves *= np.exp(0.8 * random.standard_normal((rows, width), dtype=np.float32))
    walk = np.cumsum(moves, axis=1) - moves[:, :1]
    walk *= deviation / np.std(walk[:, size // 2]) * np.sqrt(0.5)
    last = walk[np.arange(rows), count - 1]
    walk += (column / (count[:, None] - 1)) * (ends - last)[:, None]
    step = np.rint(walk).astype(np.int16)
    rising = np.sign(np.diff(walk, axis=1, prepend=0.0))
    return {
        "count": count,
        "step": step[inside],
        "is_buy": (random.random((rows, width)) < 0.5 + 0.28 * rising)[inside],
        "weight": (1 + 40 * np.exp(1.3 * random.standard_normal((rows, width)))).astype(np.int32)[inside],
        "extra": random.integers(1, 60, (rows, width), dtype=np.int32)[inside],
        "time_us": _times(random, rows, width, count)[inside],
    }


def _times(random: np.random.Generator, rows: int, width: int, count: IntArray) -> NDArray[np.int32]:
    """Ascending times inside the minute: exponential waits, some trades right behind another."""
    waits = random.exponential(1.0, (rows, width + 1))
    waits[:, :-1][random.random((rows, width)) < BURST_SHARE] *= 0.001
    total = np.cumsum(waits, axis=1)
    end = total[np.arange(rows), count]
    return (total[:, :-1] / end[:, None] * (MINUTE_US - 1)).astype(np.int64).clip(0, MINUTE_US - 1).astype(np.int32)


def _sums(first: IntArray, count: IntArray, trades: dict[str, NDArray[np.generic]]) -> dict[str, IntArray]:
    step, is_buy, weight, extra = (trades[key].astype(np.int64) for key in ("step", "is_buy", "weight", "extra"))
    low, high = np.minimum.reduceat(step, first), np.maximum.reduceat(step, first)
    shape = np.repeat(np.arange(len(first)), count)
    added = {
        "weight": weight,
        "extra": extra,
        "buy_weight": weight * is_buy,
        "buy_extra": extra * is_buy,
        "step_weight": step * weight,
        "step_extra": step * extra,
        "buy_step_weight": step * weight * is_buy,
        "buy_step_extra": step * extra * is_buy,
    }
    last = first + count - 1
    return {
        **{name: np.add.reduceat(values, first) for name, values in added.items()},
        "low": low,
        "high": high,
        "end": step[last],
        "open_buy": is_buy[first],
        "close_buy": is_buy[last],
        # At the extremes the bid counts for the low, the ask for the high.
        "low_buy": np.minimum.reduceat(np.where(step == low[shape], is_buy, 1), first),
        "high_buy": np.maximum.reduceat(np.where(step == high[shape], is_buy, 0), first),
    }
