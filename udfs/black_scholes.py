"""Black-Scholes-Merton price and greeks of European options; NumPy arrays in, arrays out.

Units: `years` ACT/365; `rate`, `dividend_yield` continuous; `sigma` 1.00 = 100 %. Derivatives are raw:
theta and charm per year of calendar time (theta = dV/dt), vega, volga and rho per 1.00.
Source: Merton (1973), Bell Journal 4(1); formulas as in Haug (2007), chapter 2.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

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


def greeks(
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    sigma: FloatArray,
    dividend_yield: FloatArray,
) -> Greeks:
    """Price and derivatives of each option; all arrays have shape (n,).

    Without time or volatility the price is the discounted intrinsic value of the forward (undiscounted once expired)
    and the derivatives are NaN; so it is when spot / strike has no double. All is NaN for a spot or strike <= 0, a
    negative sigma, NaN or infinity.
    """
    with np.errstate(all="ignore"):
        finite = np.isfinite(spot + strike + years + rate + sigma + dividend_yield)
        sensible = finite & (spot > 0) & (strike > 0) & (sigma >= 0)
        moneyness = spot / strike
        alive = sensible & (sigma * np.sqrt(np.maximum(years, 0)) > 0) & (moneyness > 0) & np.isfinite(moneyness)
        result = _greeks_alive(is_call, spot, strike, years, rate, sigma, dividend_yield)
        if alive.all():
            return result
        settled = _settled_price(is_call, spot, strike, np.maximum(years, 0), rate, dividend_yield)
        return Greeks(
            np.where(alive, result.price, np.where(sensible, settled, np.nan)),
            *(np.where(alive, derivative, np.nan) for derivative in result[1:]),
        )


def _greeks_alive(is_call: BoolArray, *inputs: FloatArray) -> Greeks:
    """The closed forms, for options with time and volatility left. Both sides use N(-d), not 1 - N(d)."""
    spot, strike, years, rate, sigma, dividend_yield = inputs
    side = np.where(is_call, 1.0, -1.0)
    root = np.sqrt(years)
    deviation = sigma * root  # of the log price at expiry
    growth = np.exp(-dividend_yield * years)
    discount = np.exp(-rate * years)
    d1 = (np.log(spot / strike) + (rate - dividend_yield) * years) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    prob_spot, prob_strike = ndtr(side * d1), ndtr(side * d2)
    density = growth * INVERSE_SQRT_2PI * np.exp(-0.5 * d1 * d1)
    spot_leg = side * spot * growth * prob_spot
    strike_leg = side * strike * discount * prob_strike
    vega = spot * density * root
    drift = 2 * (rate - dividend_yield) * years - d2 * deviation
    return Greeks(
        price=np.maximum(spot_leg - strike_leg, 0.0),  # rounding must not make a worthless option negative
        delta=side * growth * prob_spot,
        gamma=density / (spot * deviation),
        vega=vega,
        theta=dividend_yield * spot_leg - rate * strike_leg - 0.5 * vega * sigma / years,
        rho=years * strike_leg,
        dividend_rho=-years * spot_leg,
        itm_prob=prob_strike,
        vanna=-density * d2 / sigma,
        volga=vega * d1 * d2 / sigma,
        charm=dividend_yield * side * growth * prob_spot - density * drift / (2 * years * deviation),
    )


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
