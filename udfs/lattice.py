"""A Leisen-Reimer lattice for many options at once: arrays of shape (nodes, options), worked on in place.

The lattice begins a few steps before today, so that values at spots beside today's are there for the derivatives.
Sources: Leisen, Reimer (1996), Applied Mathematical Finance 3(4), with the second inversion of Peizer and Pratt;
the nodes beside the root: Pelsser, Vorst (1994), J. of Derivatives 1(3).

With cash dividends each stretch between ex-dates has a lattice of its own whose middle follows the forward; at an
ex-date at t the values before it are read, by cubic interpolation, from those after it at the spot less the dividend
(Vellekoop, Nieuwenhuis (2006), Applied Mathematical Finance 13(3)). The last stretch is placed by the strike.
An ex-date falls between two steps: what exercise is worth just before it (calls) and just after it (puts) enters at
the earlier of them, carried back over the rest of the time.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from udfs.black_scholes import BoolArray, FloatArray
from udfs.contracts import Contracts

MAX_PLACEMENT = 8.0  # standard deviations: a strike farther off than that need not be amid the nodes
MAX_WIDTH = 40  # nodes beside the root, at most
MIN_RATIO = 1e-12  # of a spot and what a dividend leaves of it


class Roots(NamedTuple):
    """Values today at spots around today's, shape (nodes, options); the middle row is today's spot."""

    spot: FloatArray
    american: FloatArray
    european: FloatArray


@dataclass(frozen=True)
class Steps:
    """One step of each option: factors up and down, discounted probabilities, all of shape (options,)."""

    years: FloatArray
    up: FloatArray
    down: FloatArray
    probability: FloatArray
    discount: FloatArray


def lattice_roots(contracts: Contracts, sigma: FloatArray, steps: int) -> Roots:
    """American and European values of a lattice with an odd number of steps."""
    step = _steps_of(contracts, sigma, steps)
    width = _width(contracts)
    level = np.arange(-width, steps + width + 1)[:, None]
    growth = np.exp(level * np.log(step.up) + (steps - level) * np.log(step.down))
    spots = contracts.side * contracts.bare_spot * growth
    strike = contracts.side * contracts.strike
    values = np.maximum(spots - strike, 0.0)
    if contracts.pays_cash.any():
        european = values.copy()
        _roll_back(european, spots.copy(), np.full_like(strike, np.inf), contracts, step, steps)
    else:
        european = _european_sum(values, step, steps)
    _roll_back(values, spots, strike, contracts, step, steps)
    today = slice(0, 2 * width + 1)
    return Roots(contracts.side * spots[today], values[today], european[today])


def _steps_of(contracts: Contracts, sigma: FloatArray, steps: int) -> Steps:
    deviation = sigma * np.sqrt(contracts.years)
    moneyness = np.log(contracts.bare_spot / contracts.strike) + contracts.drift * contracts.years
    d2 = np.clip(moneyness / deviation - 0.5 * deviation, -MAX_PLACEMENT, MAX_PLACEMENT)
    probability, growing = _peizer_pratt(d2, steps), _peizer_pratt(d2 + deviation, steps)
    years = contracts.years / steps
    drift = np.exp(contracts.drift * years)
    return Steps(
        years=years,
        up=drift * growing / probability,
        down=drift * (1 - growing) / (1 - probability),
        probability=probability,
        discount=np.exp(-contracts.rate * years),
    )


def _peizer_pratt(z: FloatArray, steps: int) -> FloatArray:
    """The probability of a step up for which more than half of the steps go up with probability N(z)."""
    scaled = z / (steps + 1 / 3 + 0.1 / (steps + 1))
    return 0.5 + 0.5 * np.sign(z) * np.sqrt(-np.expm1(-scaled * scaled * (steps + 1 / 6)))


def _width(contracts: Contracts) -> int:
    """Nodes beside the root: two for the derivatives, more where a dividend stretches the spots after it."""
    if not contracts.pays_cash.any():
        return 2
    stretch = float((contracts.spot / contracts.bare_spot).max())
    return int(min(np.ceil(5 * stretch * stretch), MAX_WIDTH))


def _european_sum(payoff: FloatArray, step: Steps, steps: int) -> FloatArray:
    """The expectation over all steps at once, for each node of today; every row beyond those is left as it was."""
    ups = np.arange(steps + 1.0)[:, None]
    ways = gammaln(steps + 1) - gammaln(ups + 1) - gammaln(steps - ups + 1)
    chance = np.exp(ways + ups * np.log(step.probability) + (steps - ups) * np.log1p(-step.probability))
    nodes = len(payoff) - steps
    sums = [(chance * payoff[node : node + steps + 1]).sum(axis=0) for node in range(nodes)]
    discounted: FloatArray = np.array(sums) * step.discount**steps
    return discounted


def _roll_back(
    values: FloatArray, spots: FloatArray, strike: FloatArray, contracts: Contracts, step: Steps, steps: int
) -> None:
    """Values at expiry become values today, in place. `spots` and `strike` carry the sign of the side.

    An infinite strike is never worth exercising: a European option.
    """
    up, down = step.discount * step.probability, step.discount * (1 - step.probability)
    shrink = 1 / step.down
    scratch = np.empty_like(values)
    ex_levels = np.minimum((contracts.ex_years / step.years).astype(np.int64), steps - 1)
    ex_levels[contracts.ex_amounts == 0] = -1
    eventful = set(ex_levels.flat)
    for level in range(steps - 1, -1, -1):
        count = len(values) - steps + level
        held, exercised = values[:count], scratch[:count]
        np.multiply(values[1 : count + 1], up, out=exercised)
        held *= down
        held += exercised
        spots[:count] *= shrink
        if level in eventful:
            for number in reversed(range(len(ex_levels))):
                paying = ex_levels[number] == level
                if paying.any():
                    _cross_ex_date(held, spots[:count], strike, paying, contracts, step, level, number)
        np.subtract(spots[:count], strike, out=exercised)
        np.maximum(held, exercised, out=held)


def _cross_ex_date(
    values: FloatArray,
    spots: FloatArray,
    strike: FloatArray,
    paying: BoolArray,
    contracts: Contracts,
    step: Steps,
    level: int,
    number: int,
) -> None:
    """Values and spots of the paying options after their ex-date become those before it, in place."""
    some = contracts.at(paying)
    wait = some.ex_years[number] - level * step.years[paying]
    kept = np.exp(-some.dividend_yield * wait)
    price = strike[paying] * np.exp(-some.rate * wait)
    after = spots[:, paying]
    left = some.spot - some.ex_spots[: number + 1].sum(axis=0)  # of today's spot, beyond this ex-date
    before = after * (1 + some.ex_spots[number] / left)
    paid = some.side * some.ex_amounts[number] * np.exp(-some.drift * wait)
    ratio = np.maximum((before - paid) / after, MIN_RATIO)
    shift = np.log(ratio) / np.log(step.up / step.down)[paying]
    held = np.maximum(values[:, paying], after * kept - price)
    values[:, paying] = np.maximum(_interpolated(held, shift), before * kept - price)
    spots[:, paying] = before


def _interpolated(values: FloatArray, shift: FloatArray) -> FloatArray:
    """Values at `shift` nodes beside each node, by the cubic through the four around; at most one node outside."""
    count = len(values)
    place = np.clip(np.arange(count)[:, None] + shift, -1.0, float(count))
    first = np.clip(place.astype(np.int64) - 1, 0, count - 4)
    x = place - first
    a, b, c = x * (x - 1), (x - 2) * (x - 3), (x - 1) * (x - 2)
    weights = (-c * (x - 3) / 6, x * b / 2, -a * (x - 3) / 2, x * c / 6)
    nodes = [weight * np.take_along_axis(values, first + i, axis=0) for i, weight in enumerate(weights)]
    total: FloatArray = nodes[0] + nodes[1] + nodes[2] + nodes[3]
    return total
