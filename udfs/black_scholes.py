"""Black-Scholes-Merton price and greeks of European options; NumPy arrays in, arrays out.

Units: `years` ACT/365; `rate`, `dividend_yield` continuous; `sigma` 1.00 = 100 %. Derivatives are raw: vega, volga,
zomma, ultima and rho per 1.00; theta, charm, color and veta per year of calendar time, as expiry comes nearer
(theta = -dV/dT; other sheets give color and veta with the opposite sign).
Sources: Merton (1973), Bell Journal 4(1); formulas as in Haug (2007), chapter 2.
"""

import math
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

INVERSE_SQRT_2PI = 1 / math.sqrt(2 * math.pi)


class Greeks(NamedTuple):
    """One array per field, all of the same shape; NaN where the number is not defined."""

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray
    dividend_rho: FloatArray
    itm_prob: FloatArray
    vanna: FloatArray
    volga: FloatArray
    charm: FloatArray
    speed: FloatArray
    zomma: FloatArray
    color: FloatArray
    veta: FloatArray
    ultima: FloatArray


class Terms(NamedTuple):
    """What price and derivatives have in common."""

    deviation: FloatArray  # of the log price at expiry
    carry: FloatArray  # (r - q) T
    d1: FloatArray
    d2: FloatArray
    density: FloatArray  # exp(-qT) times the normal density at d1


def greeks(
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    sigma: FloatArray,
    dividend_yield: FloatArray,
    out: FloatArray | None = None,
) -> Greeks:
    """Price and derivatives of each option; all arrays have shape (n,), and the results are the rows of `out`.

    Without time or volatility the price is the discounted intrinsic value of the forward (undiscounted once expired)
    and the derivatives are NaN; so it is when spot / strike has no double. All is NaN for a spot or strike <= 0, a
    negative sigma, NaN or infinity.
    """
    matrix = np.empty((len(Greeks._fields), len(spot))) if out is None else out
    rows = Greeks(*matrix)
    with np.errstate(all="ignore"):
        terms = fill_first_order(rows, is_call, spot, strike, years, rate, sigma, dividend_yield)
        _fill_higher_order(rows, terms, spot, years, sigma, dividend_yield)
        finite = np.isfinite(spot + strike + years + rate + sigma + dividend_yield)
        moneyness = spot / strike
        alive = finite & (strike > 0) & (sigma > 0) & (terms.deviation > 0) & (moneyness > 0) & np.isfinite(moneyness)
        if not alive.all():
            sensible = finite & (spot > 0) & (strike > 0) & (sigma >= 0)
            settled = _settled_price(is_call, spot, strike, np.maximum(years, 0), rate, dividend_yield)
            matrix[:, ~alive] = np.nan
            np.copyto(rows.price, settled, where=sensible & ~alive)
    return rows


def fill_first_order(
    rows: Greeks,
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    sigma: FloatArray,
    dividend_yield: FloatArray,
) -> Terms:
    """Writes the closed forms from price to itm_prob into `rows`, for options with time and volatility left."""
    side = np.where(is_call, 1.0, -1.0)
    root = np.sqrt(years)
    growth = np.exp(-dividend_yield * years)
    terms = _terms(spot, strike, sigma * root, (rate - dividend_yield) * years, growth)
    deviation, _, d1, d2, density = terms
    scipy.special.ndtr(side * d2, out=rows.itm_prob)  # a put by N(-d), not 1 - N(d), which would cancel
    np.multiply(side * growth, scipy.special.ndtr(side * d1), out=rows.delta)
    spot_leg = spot * rows.delta
    strike_leg = side * strike * np.exp(-rate * years) * rows.itm_prob
    np.maximum(spot_leg - strike_leg, 0.0, out=rows.price)  # rounding must not make a worthless option negative
    np.divide(density, spot * deviation, out=rows.gamma)
    np.multiply(spot * density, root, out=rows.vega)
    interest = dividend_yield * spot_leg - rate * strike_leg
    np.subtract(interest, 0.5 * (rows.vega * sigma / years), out=rows.theta)
    np.multiply(years, strike_leg, out=rows.rho)
    np.multiply(-years, spot_leg, out=rows.dividend_rho)
    return terms


def _terms(spot: FloatArray, strike: FloatArray, deviation: FloatArray, carry: FloatArray, growth: FloatArray) -> Terms:
    drift, half = (log_ratio(spot, strike) + carry) / deviation, 0.5 * deviation
    d1 = drift + half
    density = growth * np.exp(-0.5 * d1 * d1)
    density *= INVERSE_SQRT_2PI
    return Terms(deviation, carry, d1, drift - half, density)


def _fill_higher_order(
    rows: Greeks, terms: Terms, spot: FloatArray, years: FloatArray, sigma: FloatArray, dividend_yield: FloatArray
) -> None:
    """The closed forms from vanna to ultima; d1 moves by ((r - q) T - d2 deviation / 2) / (T deviation) per year T."""
    deviation, carry, d1, d2, density = terms
    product = d1 * d2
    d1_per_year = (carry - 0.5 * d2 * deviation) / (years * deviation)
    rise = dividend_yield + d1 * d1_per_year
    half = 0.5 / years
    np.divide(-density * d2, sigma, out=rows.vanna)
    np.divide(rows.vega * product, sigma, out=rows.volga)
    np.subtract(dividend_yield * rows.delta, density * d1_per_year, out=rows.charm)
    np.divide(rows.gamma * (-1.0 - d1 / deviation), spot, out=rows.speed)
    np.divide(rows.gamma * (product - 1.0), sigma, out=rows.zomma)
    np.multiply(rows.gamma, rise + half, out=rows.color)
    np.multiply(rows.vega, rise - half, out=rows.veta)
    bend = product * (product - 1.0) - d1 * d1 - d2 * d2
    np.divide(rows.vega * bend, sigma * sigma, out=rows.ultima)


def log_ratio(spot: FloatArray, strike: FloatArray) -> FloatArray:
    """ln(spot / strike) to its last digits, also where the two are nearly equal and their quotient would round."""
    difference = spot - strike
    size = np.log1p(np.abs(difference) / np.minimum(spot, strike))
    return np.copysign(size, difference, out=size)


def _settled_price(
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    dividend_yield: FloatArray,
) -> FloatArray:
    """What the option is worth if the spot moves along its forward from now on."""
    excess = spot * np.exp(-dividend_yield * years) - strike * np.exp(-rate * years)
    return np.maximum(np.where(is_call, excess, -excess), 0.0)
