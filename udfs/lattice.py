"""A Leisen-Reimer lattice for many options at once: arrays of shape (nodes, options), worked on in place.

The lattice begins a few steps before today, so that values at spots beside today's are there for the derivatives.
Sources: Leisen, Reimer (1996), Applied Mathematical Finance 3(4), with the second inversion of Peizer and Pratt;
the nodes beside the root: Pelsser, Vorst (1994), J. of Derivatives 1(3). With cash dividends each stretch between
ex-dates has steps and nodes of its own (see ex_dates), and the last is placed by the strike.
"""

from typing import NamedTuple

import numpy as np
import scipy

from udfs.black_scholes import FloatArray
from udfs.contracts import Contracts, added
from udfs.ex_dates import Calendar, calendar_of, cross_ex_date

MAX_PLACEMENT = 8.0  # standard deviations: a strike farther off than that need not be amid the nodes
MAX_WIDTH = 40  # nodes beside the root, at most


class Roots(NamedTuple):
    """Values today at spots around today's, shape (nodes, options); the middle row is today's spot."""

    spot: FloatArray
    american: FloatArray
    european: FloatArray


def lattice_roots(contracts: Contracts, sigma: FloatArray, steps: int, with_european: bool = True) -> Roots:
    """American and European values of a lattice with an odd number of steps.

    With cash dividends the European ones take as long again: without them the American ones stand in their place.
    """
    probability, spacing = _placed(contracts, sigma, steps)
    calendar = calendar_of(contracts, probability, spacing, steps)
    width = _width(contracts)
    level = np.arange(-width, steps + width + 1)[:, None]
    spots = contracts.side * calendar.last_middle * np.exp((level - steps / 2) * calendar.spacing[-1])
    strike = contracts.side * contracts.strike
    values = np.maximum(spots - strike, 0.0)
    european = values
    if not contracts.pays_cash.any():
        european = _european_sum(values, probability, steps) * np.exp(-contracts.rate * contracts.years)
    elif with_european:
        european = values.copy()
        _roll_back(european, spots.copy(), np.full_like(strike, np.inf), contracts, calendar, steps)
    _roll_back(values, spots, strike, contracts, calendar, steps)
    today = slice(0, 2 * width + 1)
    return Roots(contracts.side * spots[today], values[today], european[today])


def _placed(contracts: Contracts, sigma: FloatArray, steps: int) -> tuple[FloatArray, FloatArray]:
    """The probability of a step up, and the logarithm of the ratio of a step up to a step down."""
    deviation = sigma * np.sqrt(contracts.years)
    moneyness = np.log(contracts.bare_spot / contracts.strike) + contracts.drift * contracts.years
    d2 = np.clip(moneyness / deviation - 0.5 * deviation, -MAX_PLACEMENT, MAX_PLACEMENT)
    probability, growing = _peizer_pratt(d2, steps), _peizer_pratt(d2 + deviation, steps)
    return probability, np.log(growing / probability) - np.log((1 - growing) / (1 - probability))


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


def _european_sum(payoff: FloatArray, probability: FloatArray, steps: int) -> FloatArray:
    """The expectation over all steps at once, for each node of today."""
    ups = np.arange(steps + 1.0)[:, None]
    ways = scipy.special.gammaln(steps + 1) - scipy.special.gammaln(ups + 1) - scipy.special.gammaln(steps - ups + 1)
    chance = np.exp(ways + ups * np.log(probability) + (steps - ups) * np.log1p(-probability))
    return np.array([added(chance * payoff[node : node + steps + 1]) for node in range(len(payoff) - steps)])


def _roll_back(
    values: FloatArray, spots: FloatArray, strike: FloatArray, contracts: Contracts, calendar: Calendar, steps: int
) -> None:
    """Values and spots at expiry become those today, in place. `spots` and `strike` carry the sign of the side.

    All is in units of an amount that is paid if every step from here goes down: then a step is one product and one sum.
    An infinite strike is never worth exercising: a European option.
    """
    odds, down, shrink = (stretch[-1].copy() for stretch in (calendar.odds, calendar.down, calendar.shrink))
    scratch, unit = np.empty_like(values), np.ones(len(strike))
    eventful = set(calendar.ex_levels.flat)
    for level in range(steps, -1, -1):
        count = len(values) - steps + level
        held, exercised = values[:count], scratch[:count]
        if level < steps:
            held += np.multiply(values[1 : count + 1], odds, out=exercised)
            spots[:count] *= shrink
            unit /= down
        if level in eventful:
            for number in reversed(range(len(calendar.ex_levels))):
                paying = np.flatnonzero(calendar.ex_levels[number] == level)
                if len(paying):
                    cross_ex_date(held, spots[:count], strike, unit, paying, contracts, calendar, number)
                    odds[paying], down[paying] = calendar.odds[number, paying], calendar.down[number, paying]
                    shrink[paying] = calendar.shrink[number, paying]
        np.maximum(held, np.subtract(spots[:count], strike * unit, out=exercised), out=held)
    values /= unit
    spots /= unit
