"""Implied volatility of American options: the sigma at which the lattice gives the quoted price.

A coarse lattice and a safe bracket find it nearly; secant steps on the price that `american` gives, kept inside the
bracket, end it. What is never exercised early is asked of the European formula.
"""

from typing import NamedTuple

import numpy as np

from udfs.american import (
    MAX_DEVIATION,
    MIN_DEVIATION,
    STEPS,
    blocks,
    european_price,
    lattice_price,
    lattice_vega,
)
from udfs.black_scholes import FloatArray
from udfs.contracts import Contracts, IndexArray, contract_status, settled_value
from udfs.implied_vol import (
    ABOVE_MAX,
    BELOW_INTRINSIC,
    ILL_CONDITIONED,
    NO_TIME_VALUE,
    NULL_INPUT,
    OK,
    StatusArray,
    implied_vol,
)

COARSE_ACCURACY = 1e-3  # of sigma
ACCURACY = 1e-8  # of the price less what it is worth without volatility
ROUNDING = 1e-11  # of the larger of strike and value: a price no farther from its bound is at it
MISS = 1e-6  # of the strike: a price so far above all that the lattice gives is not reached
CLOSE = 1e-13  # of sigma: no number is left between
MAX_ROUNDS = 40
LATTICE_ERROR = 1e-4  # of the early exercise premium
CASH_ERROR = 1e-6  # of the price: what reading between nodes adds where cash dividends are paid
MAX_CONDITION = 0.01  # relative error of the answer for the lattice's error


class AmericanVol(NamedTuple):
    """One array per field, shape (n,); NaN wherever the status, an index into implied_vol.STATUSES, is not OK."""

    iv: FloatArray
    european_price: FloatArray  # at the same volatility
    early_exercise_premium: FloatArray  # the quoted price less that
    status: StatusArray


def american_implied_vol(price: FloatArray, contracts: Contracts) -> AmericanVol:
    """Volatility that reproduces each price, shape (n,), annualised (0.2 = 20 %). No input raises.

    below_intrinsic: less than what exercise at the best moment pays without any volatility; no_time_value: just that;
    above_max: a call dearer than its underlying, a put dearer than its strike; ill_conditioned: the lattice's own error
    would move the answer by 1 % of itself or more, as of a put so deep in the money that only exercise is left.
    """
    with np.errstate(all="ignore"):
        status = _quote_status(price, contracts)
        iv, european = np.full((2, len(price)), np.nan)
        plain = (status == OK) & contracts.never_early & ~contracts.pays_cash
        terms = (contracts.spot, contracts.strike, contracts.years, contracts.rate, contracts.dividend_yield)
        closed, closed_status = implied_vol(price, contracts.is_call, *terms)
        iv[plain], status[plain], european[plain] = closed[plain], closed_status[plain], price[plain]
        for rows in blocks(contracts, (status == OK) & ~plain):
            some = contracts.at(rows)
            start = np.where(np.isfinite(closed[rows]), closed[rows], 0.5)
            iv[rows], european[rows], status[rows] = _solved(price[rows], some, start)
        known = status == OK
        iv, european = np.where(known, iv, np.nan), np.where(known, european, np.nan)
        return AmericanVol(iv, european, price - european, status)


def _quote_status(price: FloatArray, contracts: Contracts) -> StatusArray:
    """Why there is no volatility, as far as that is known before solving."""
    status = contract_status(contracts, np.zeros(len(contracts)))
    least = settled_value(contracts)
    rounding = ROUNDING * np.maximum(contracts.strike, least)
    reasons = [
        (BELOW_INTRINSIC, price < least - rounding),
        (NO_TIME_VALUE, price <= least + rounding),
        (ABOVE_MAX, price >= contracts.largest),
    ]
    for code, applies in reasons:
        status[(status == OK) & applies] = code
    return np.where(np.isfinite(price), status, NULL_INPUT).astype(np.int8)


def _solved(price: FloatArray, contracts: Contracts, start: FloatArray) -> tuple[FloatArray, FloatArray, StatusArray]:
    """Volatility, European price at it and status, of a block of quotes whose price some volatility has to explain."""
    sigma, american = _refined(price, contracts, _nearly(price, contracts, start))
    european = european_price(contracts, sigma)
    vega = lattice_vega(contracts, sigma, STEPS[0])
    error = LATTICE_ERROR * np.abs(price - european) + np.where(contracts.pays_cash, CASH_ERROR * price, 0.0)
    status = np.full(len(price), OK, np.int8)
    status[~(error + np.spacing(price) < MAX_CONDITION * vega * sigma)] = ILL_CONDITIONED
    status[american < price - MISS * contracts.strike] = ABOVE_MAX
    return sigma, european, status


def _nearly(price: FloatArray, contracts: Contracts, start: FloatArray) -> FloatArray:
    """The root of the coarse lattice; `start` is where to look for the upper end of its bracket."""
    from scipy.optimize import elementwise  # slow to import, and no attribute to its types

    def excess(sigma: FloatArray, rows: IndexArray) -> FloatArray:
        return lattice_price(contracts.at(rows), sigma, STEPS[:1]) - price[rows]

    rows = np.arange(len(price))
    low, most = (bound / np.sqrt(contracts.years) for bound in (2 * MIN_DEVIATION, MAX_DEVIATION))
    high = np.clip(1.01 * start, 2 * low, most)
    for _ in range(MAX_ROUNDS):
        short = (excess(high, rows) < 0) & (high < most)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, np.minimum(2 * high, most), high)
    found = elementwise.find_root(excess, (low, high), args=(rows,), tolerances={"xrtol": COARSE_ACCURACY})
    return np.where(np.isfinite(found.x), found.x, high)


def _refined(price: FloatArray, contracts: Contracts, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Secant steps of the extrapolated price from a volatility nearby, by bisection where they leave the bracket.

    Volatility, and the price at it.
    """
    sigma, low, high = sigma.copy(), np.zeros(len(sigma)), np.full(len(sigma), np.inf)
    slope = lattice_vega(contracts, sigma, STEPS[0])
    rows = np.arange(len(sigma))
    accuracy = ACCURACY * (price - settled_value(contracts)) + np.spacing(contracts.strike)
    before, american = np.full((2, len(sigma)), np.nan)
    for _ in range(MAX_ROUNDS):
        tried = sigma[rows]
        excess_before = american[rows] - price[rows]
        american[rows] = lattice_price(contracts.at(rows), tried, STEPS)
        excess = american[rows] - price[rows]
        low[rows], high[rows] = np.where(excess < 0, tried, low[rows]), np.where(excess < 0, high[rows], tried)
        secant = (excess - excess_before) / (tried - before[rows])
        slope[rows] = np.where(secant > 0, secant, slope[rows])
        before[rows] = tried
        middle = np.where(np.isfinite(high[rows]), 0.5 * (low[rows] + high[rows]), 2 * tried)
        step = tried - excess / slope[rows]
        going = (np.abs(excess) > accuracy[rows]) & (high[rows] - low[rows] > CLOSE * tried)
        sigma[rows] = np.where(going, np.where((step > low[rows]) & (step < high[rows]), step, middle), tried)
        rows = rows[going]
        if not len(rows):
            break
    return sigma, american
