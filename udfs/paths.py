"""Indicators that remember a path: what they are on a bar depends on which way they went before.

All arrays have shape (n,), oldest first, without a gap; NaN in a result: not known yet.
"""

from typing import NamedTuple

import numpy as np

from udfs.black_scholes import FloatArray


class Supertrend(NamedTuple):
    """The line, in units of the price, and its side: +1 below the price, -1 above it."""

    line: FloatArray
    direction: FloatArray


def adaptive_average(x: FloatArray, weight: FloatArray) -> FloatArray:
    """y = y + weight * (x - y), from the first known weight on, starting from the x before it. Unit: of x."""
    result = np.full(len(x), np.nan)
    known = np.flatnonzero(~np.isnan(weight))
    if not len(known) or not known[0]:
        return result
    first = int(known[0])
    average = float(x[first - 1])
    for i, (value, gain) in enumerate(zip(x[first:].tolist(), weight[first:].tolist(), strict=True), first):
        average += gain * (value - average)
        result[i] = average
    return result


def supertrend(lower: FloatArray, upper: FloatArray, close: FloatArray) -> Supertrend:
    """Supertrend of bands around the price, from the first known band on.

    A band only ever moves towards the price until a close beyond it sets it free; a close beyond the band that trails
    turns the trend. It is taken to start upwards, so its direction is known only from its first turn on: NaN before.
    Sources: Seban (2008), Tout le monde mérite d'être riche; start and order of the steps as TA-Lib.
    """
    line, direction = np.full(len(close), np.nan), np.full(len(close), np.nan)
    known = np.flatnonzero(~np.isnan(upper) & ~np.isnan(lower))
    if not len(known):
        return Supertrend(line, direction)
    first = int(known[0])
    floor, ceiling, before = -np.inf, np.inf, float(close[first])
    is_up, has_turned = True, False
    bars = zip(lower[first:].tolist(), upper[first:].tolist(), close[first:].tolist(), strict=True)
    for i, (low_band, high_band, price) in enumerate(bars, first):
        floor = low_band if low_band > floor or before < floor else floor
        ceiling = high_band if high_band < ceiling or before > ceiling else ceiling
        turns = price < floor if is_up else price > ceiling
        is_up, has_turned, before = is_up != turns, has_turned or turns, price
        line[i] = floor if is_up else ceiling
        if has_turned:
            direction[i] = 1.0 if is_up else -1.0
    return Supertrend(line, direction)


def parabolic_sar(high: FloatArray, low: FloatArray, step: float, limit: float) -> FloatArray:
    """Wilder's parabolic stop and reverse, in units of the price; NaN on the first bar.

    A falling market is a rising one upside down: `near` is the edge of a bar that the stop can touch, `far` the other,
    both counted in the trend's direction. It starts downwards if that was the greater first move.
    Sources: Wilder (1978), New Concepts in Technical Trading Systems, ch. 2; the start as TA-Lib.
    """
    result = np.full(len(high), np.nan)
    if len(high) < 2:
        return result
    edges = {1.0: (low.tolist(), high.tolist()), -1.0: ((-high).tolist(), (-low).tolist())}
    side = -1.0 if low[0] - low[1] > max(high[1] - high[0], 0.0) else 1.0
    near, far = edges[side]
    stop, extreme, acceleration = near[0], far[1], min(step, limit)
    for i in range(1, len(high)):
        before = max(i - 1, 1)
        if near[i] <= stop:  # the market turns
            side = -side
            near, far = edges[side]
            stop, extreme, acceleration = min(-extreme, near[before], near[i]), far[i], min(step, limit)
            result[i] = side * stop
        else:
            result[i] = side * stop
            if far[i] > extreme:
                extreme, acceleration = far[i], min(acceleration + step, limit)
        stop = min(stop + acceleration * (extreme - stop), near[before], near[i])
    return result
