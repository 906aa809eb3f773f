"""American options: price, derivatives and the premium for early exercise; NumPy arrays in, arrays out.

The premium is what the lattice says that exercise before expiry adds, extrapolated from two lattices to infinitely many
steps; the European price under it is the closed form wherever there is one. So a premium that is nothing is exactly
that, and the lattice's own error is that of the premium alone. With cash dividends the spot model holds (see
contracts), and the European price is the lattice's too.

Units as in black_scholes: theta per year of calendar time, vega per 1.00.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from udfs.black_scholes import BoolArray, FloatArray, Greeks, greeks
from udfs.contracts import Contracts, IndexArray, contract_status, settled_value
from udfs.implied_vol import BAD_INPUT, EXPIRED, OK, StatusArray
from udfs.lattice import Roots, lattice_roots

STEPS = (51, 301)  # of the two lattices
BLOCK = 256  # options worked on at a time: their lattice stays in the second-level cache
MIN_DEVIATION, MAX_DEVIATION = 1e-6, 20.0  # of the log price at expiry: less moves nothing, more adds nothing
VEGA_STEPS, BUMP = 151, 0.03  # of sigma: as much as a lattice needs to show more than its own error
ROUNDING = 1e-12  # of the strike: what a lattice's root may lie beside what exercise pays


class American(NamedTuple):
    """One array per field, all of shape (n,); NaN where the number is not defined."""

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    theta: FloatArray
    vega: FloatArray
    european_price: FloatArray
    early_exercise_premium: FloatArray
    status: StatusArray


class Valued(NamedTuple):
    """American price, slope and bend by the spot, shape (3, n); the European price; whether to exercise at once."""

    american: FloatArray
    european: FloatArray
    at_once: BoolArray


def american(contracts: Contracts, sigma: FloatArray) -> American:
    """Price, derivatives and premium of each contract at its volatility, shape (n,). No input raises.

    Without volatility the price is that of the best moment on the spot's one path; once expired, what exercise pays.
    Then the derivatives are NaN; all is NaN, and the status says why, where the terms make no contract.
    """
    with np.errstate(all="ignore"):
        status = contract_status(contracts, sigma)
        moves = (status == OK) & (sigma * np.sqrt(contracts.years) >= MIN_DEVIATION)
        fixed = (status == EXPIRED) | ((status == OK) & ~moves)
        values = np.full((7, len(contracts)), np.nan)
        values[:, fixed] = _settled(contracts.at(fixed))
        for rows in blocks(contracts, moves):
            values[:, rows] = _moving(contracts.at(rows), sigma[rows])
        status[(status == OK) & ~np.isfinite(values[0])] = BAD_INPUT
        values[:, status == BAD_INPUT] = np.nan
        price, delta, gamma, theta, vega, european, premium = values
        return American(price, delta, gamma, theta, vega, european, premium, status)


def blocks(contracts: Contracts, wanted: BoolArray) -> Iterator[IndexArray]:
    """The wanted rows, as many at a time as a lattice in the cache has room for; those with cash dividends apart."""
    for pays in (False, True):
        rows = np.flatnonzero(wanted & (contracts.pays_cash == pays))
        yield from (rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK))


def lattice_price(contracts: Contracts, sigma: FloatArray, steps: tuple[int, ...]) -> FloatArray:
    """The price by one lattice, or extrapolated from two, of a block of options with time and volatility left."""
    price: FloatArray = _valued(contracts, sigma, steps, with_european=False).american[0]
    return price


def european_price(contracts: Contracts, sigma: FloatArray) -> FloatArray:
    """What such a block would be worth if exercised at expiry only."""
    if contracts.pays_cash.any():
        return _valued(contracts, sigma, STEPS).european
    price: FloatArray = _closed_form(contracts, _capped(sigma, contracts)).price
    return price


def _capped(sigma: FloatArray, contracts: Contracts) -> FloatArray:
    return np.minimum(sigma, MAX_DEVIATION / np.sqrt(contracts.years))


def _closed_form(contracts: Contracts, sigma: FloatArray) -> Greeks:
    """What the option would be worth without cash dividends if exercised at expiry only."""
    terms = (contracts.spot, contracts.strike, contracts.years, contracts.rate, sigma, contracts.dividend_yield)
    return greeks(contracts.is_call, *terms)


def _settled(contracts: Contracts) -> FloatArray:
    """The fields of options that nothing moves."""
    now = replace(contracts, years=np.maximum(contracts.years, 0.0))
    kept = now.bare_spot * np.exp(-now.dividend_yield * now.years)
    paid = now.strike * np.exp(-now.rate * now.years)
    price, european = settled_value(now), np.maximum(now.side * (kept - paid), 0.0)
    unknown = np.full(len(contracts), np.nan)
    return np.array([price, *[unknown] * 4, european, price - european])


def _moving(contracts: Contracts, sigma: FloatArray) -> FloatArray:
    """The fields of a block of options with time and volatility left."""
    value = _valued(contracts, sigma, STEPS)
    price, delta, gamma = value.american
    diffusion = 0.5 * (_capped(sigma, contracts) * contracts.spot) ** 2 * gamma
    theta = contracts.rate * price - contracts.drift * contracts.spot * delta - diffusion
    theta, vega = np.where(value.at_once, 0.0, [theta, lattice_vega(contracts, sigma, VEGA_STEPS)])
    return np.array([price, delta, gamma, theta, vega, value.european, price - value.european])


def _valued(contracts: Contracts, sigma: FloatArray, steps: tuple[int, ...], with_european: bool = True) -> Valued:
    sigma = _capped(sigma, contracts)
    closed = _closed_form(contracts, sigma)
    lattices = [lattice_roots(contracts, sigma, count, with_european) for count in steps]
    premium, european = _extrapolated([_at_root(roots) for roots in lattices], steps)
    european = np.where(contracts.pays_cash, european, [closed.price, closed.delta, closed.gamma])
    premium = np.where(~contracts.pays_cash & (contracts.never_early | (premium[0] < 0)), 0.0, premium)
    due, root = contracts.exercise_value, lattices[-1].american[len(lattices[-1].american) // 2]
    at_once = (due > 0) & ~contracts.never_early & (root <= due + ROUNDING * contracts.strike)
    value = np.where(at_once, [due, contracts.side, np.zeros(len(contracts))], european + premium)
    value[0] = np.clip(value[0], settled_value(contracts), contracts.largest)
    return Valued(value, np.minimum(european[0], value[0]), at_once)


def _extrapolated(parts: list[FloatArray], steps: tuple[int, ...]) -> FloatArray:
    """The limit of many steps, where the error is in proportion to 1 / steps."""
    if len(steps) == 1:
        return parts[0]
    (coarse, fine), (few, many) = parts, steps
    return (many * fine - few * coarse) / (many - few)


def _at_root(roots: Roots) -> FloatArray:
    """Value, slope and bend by the spot at its middle, of the premium and of the European value: shape (2, 3, n)."""
    middle = len(roots.spot) // 2
    below, at, above = roots.spot[middle - 1 : middle + 2]
    values = np.stack([roots.american - roots.european, roots.european])[:, middle - 1 : middle + 2]
    left, right = (values[:, 1] - values[:, 0]) / (at - below), (values[:, 2] - values[:, 1]) / (above - at)
    slope = (left * (above - at) + right * (at - below)) / (above - below)
    return np.stack([values[:, 1], slope, 2 * (right - left) / (above - below)], axis=1)


def lattice_vega(contracts: Contracts, sigma: FloatArray, steps: int) -> FloatArray:
    """By a bump either way, of the premium alone where the European price has a closed form."""
    bump = BUMP * sigma
    higher, lower = (_valued(contracts, sigma + change, (steps,), False) for change in (bump, -bump))
    cash = contracts.pays_cash
    change = higher.american[0] - lower.american[0] - np.where(cash, 0.0, higher.european - lower.european)
    closed = np.where(cash, 0.0, _closed_form(contracts, _capped(sigma, contracts)).vega)
    vega: FloatArray = closed + change / (2 * bump)
    return vega
