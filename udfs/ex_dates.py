"""How a lattice meets cash dividends.

Each stretch between ex-dates, so also from today to the first and from the last to expiry, has whole steps, about as
many as its share of the option's life, and nodes of its own, whose middle follows the forward. At an ex-date values
before it are read, by cubic interpolation, from those after it at the spot less the dividend; exercise is offered
just after it (which is when a put is exercised) and just before it (a call).
Source: Vellekoop, Nieuwenhuis (2006), Applied Mathematical Finance 13(3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udfs.black_scholes import FloatArray
from udfs.contracts import Contracts, IndexArray, added

MIN_RATIO = 1e-12  # of what a dividend leaves of a spot


@dataclass(frozen=True)
class Calendar:
    """Stretches and ex-dates of each option; arrays of shape (stretches, options), the one up to expiry last."""

    spacing: FloatArray  # logarithm of the ratio of neighbouring nodes
    odds: FloatArray  # of a step up against one down
    down: FloatArray  # discounted probability of a step down
    shrink: FloatArray  # the spot of a node over that of the node one step later and down, over that probability
    fall: FloatArray  # the spot of a node over its forward: a step down, without the drift
    wait: FloatArray  # years of a stretch that is too short for a step
    ex_levels: NDArray[np.int64]  # after how many steps; -1 where a row of dividends has none
    probability: FloatArray  # of a step up, shape (options,)
    last_middle: FloatArray  # the spot amid the nodes at expiry, shape (options,)


def calendar_of(contracts: Contracts, probability: FloatArray, spacing: FloatArray, steps: int) -> Calendar:
    """`spacing` is that of equal steps, which each stretch changes by the root of its own step's length.

    The variance of what is too short for a step goes to the others.
    """
    borders = np.concatenate([contracts.ex_years, contracts.years[None, :]])
    levels = np.rint(borders / contracts.years * steps).astype(np.int64)
    lengths, counts = np.diff(borders, axis=0, prepend=0.0), np.diff(levels, axis=0, prepend=0)
    equal = contracts.years / steps
    years = np.where(counts > 0, lengths / np.maximum(counts, 1), equal)
    wait = np.where(counts > 0, 0.0, lengths)
    spacings = spacing * np.sqrt(years / equal * contracts.years / (contracts.years - added(wait)))
    fall = 1 / (1 + probability * np.expm1(spacings))
    discount = np.exp(-contracts.rate * years)
    middle = contracts.bare_spot * np.exp(contracts.drift * contracts.years)
    return Calendar(
        spacing=spacings,
        odds=np.broadcast_to(probability / (1 - probability), years.shape),
        down=discount * (1 - probability),
        shrink=np.exp(-contracts.drift * years) / (fall * discount * (1 - probability)),
        fall=fall,
        wait=wait,
        ex_levels=np.where(contracts.ex_amounts > 0, levels[:-1], -1),
        probability=probability,
        last_middle=middle * np.exp(steps * (0.5 * spacing - np.log1p(probability * np.expm1(spacing)))),
    )


def cross_ex_date(
    values: FloatArray,
    spots: FloatArray,
    strike: FloatArray,
    unit: FloatArray,
    paying: IndexArray,
    contracts: Contracts,
    calendar: Calendar,
    number: int,
) -> None:
    """Values and spots, in units, of the paying options after their ex-date become those before it, in place."""
    some, after, one = contracts.at(paying), spots[:, paying], unit[paying]
    before = some.side * one * _nodes_before(some, calendar, paying, number, len(spots) - 1)
    left, price = (before - some.side * one * some.ex_amounts[number]) / after[0], one * strike[paying]
    place = np.log(np.maximum(left, MIN_RATIO)) / calendar.spacing[number + 1, paying]
    held = _interpolated(np.maximum(values[:, paying], after - price), place)
    wait = calendar.wait[number, paying]
    values[:, paying] = smooth_maximum(held, before - price) * np.exp(-some.rate * wait)
    spots[:, paying] = before * np.exp(-some.drift * wait)


def _nodes_before(contracts: Contracts, calendar: Calendar, paying: IndexArray, number: int, top: int) -> FloatArray:
    """Spots just before an ex-date, around the forward: shape (nodes, options)."""
    level = calendar.ex_levels[number, paying]
    width = (top - level) // 2
    spacing, fall = calendar.spacing[number, paying], calendar.fall[number, paying]
    forward = (contracts.bare_spot + added(contracts.ex_spots[number:])) * np.exp(
        contracts.drift * contracts.ex_years[number]
    )
    node = np.arange(top + 1)[:, None] - width
    nodes: FloatArray = forward * fall**level * np.exp(node * spacing)
    return nodes


def _interpolated(values: FloatArray, place: FloatArray) -> FloatArray:
    """Values at the places between nodes, by the cubic through the four around; at most one node outside."""
    count = len(values)
    place = np.clip(place, -1.0, float(count))
    first = np.clip(np.floor(place).astype(np.int64) - 1, 0, count - 4)
    x = place - first
    a, b, c = x * (x - 1), (x - 2) * (x - 3), (x - 1) * (x - 2)
    weights = (-c * (x - 3) / 6, x * b / 2, -a * (x - 3) / 2, x * c / 6)
    nodes = [weight * np.take_along_axis(values, first + i, axis=0) for i, weight in enumerate(weights)]
    total: FloatArray = nodes[0] + nodes[1] + nodes[2] + nodes[3]
    return total


def smooth_maximum(held: FloatArray, exercised: FloatArray) -> FloatArray:
    """The greater of the two; where they cross within half a node of a node, the mean of that over the node's cell.

    So the error by the kink's place between two nodes, which jumps from one number of steps to the next, goes.
    """
    gain = exercised - held
    ends = 0.5 * (gain[1:] + gain[:-1])
    left, right = np.concatenate([gain[:1], ends]), np.concatenate([ends, gain[-1:]])
    crossed = (np.minimum(left, right) < 0) & (np.maximum(left, right) > 0)
    mean = 0.5 * (_mean_gain(left, gain) + _mean_gain(gain, right))
    return held + np.where(crossed, mean, np.maximum(gain, 0.0))


def _mean_gain(start: FloatArray, end: FloatArray) -> FloatArray:
    """The mean of the positive part of what goes straight from start to end."""
    rise = np.maximum(end, 0.0) ** 2 - np.maximum(start, 0.0) ** 2
    return np.where(start == end, np.maximum(start, 0.0), 0.5 * rise / (end - start))
