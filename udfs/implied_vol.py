"""Implied volatility: the out-of-the-money side of the quote, one starting formula, two fixed steps, no loop.

With F the forward, K the strike, s = sigma sqrt(T) the deviation and c the undiscounted out-of-the-money price in
units of min(F, K), put-call parity and symmetry leave one equation in one unknown, c(s) at k = |ln(F / K)|:

    c = N(s/2 - k/s) - exp(k) N(-s/2 - k/s)

Two steps of Householder's method of order four reach the rounding of the input from any start that
`_start` gives. Sources: Jaeckel (2015), Let's be rational, for the normalisation and the
change of target between ln c and ln(1 - c); Householder (1970), The numerical treatment of a single nonlinear
equation.
"""

import math
import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

from udfs.black_scholes import INVERSE_SQRT_2PI, BoolArray, FloatArray

StatusArray = NDArray[np.int8]

STATUSES = (
    "ok",
    "null_input",  # a value is NaN or infinite (NULL never reaches us: DuckDB answers NULL by itself)
    "expired",  # no time left
    "bad_input",  # spot or strike is not positive, or rates and time overflow
    "below_intrinsic",  # price < discounted intrinsic value of the forward: arbitrage, or an American quote
    "no_time_value",  # price = intrinsic value to rounding: every small volatility fits
    "above_max",  # a call dearer than its underlying, a put dearer than its discounted strike
    "ill_conditioned",  # one unit in the last place of the price moves the answer by 1e-10 of itself, or more
)
OK, NULL_INPUT, EXPIRED, BAD_INPUT, BELOW_INTRINSIC, NO_TIME_VALUE, ABOVE_MAX, ILL_CONDITIONED = range(len(STATUSES))

MAX_CONDITION = 1e-10  # relative error of the answer for one unit in the last place of the price
MIN_PRICE = 1e-12  # in units of the spot: what lies below is rounding of whoever computed it
ROUNDING = 8 * sys.float_info.epsilon  # of the time value, in units of price and intrinsic value

SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
# |d| of the Bachelier model as a function of ln(1 + k/c): a rational fit, 0.2 % off at most over 300 decades of c.
BACHELIER_TOP = (1 / (2 * math.pi), 0.02792453, 0.00070003)
BACHELIER_BOTTOM = (1.0, 0.16512123, 0.01783404, 0.00070003 / 2)
WINITZKI = 0.147  # Winitzki (2008): the constant of his approximation of the inverse error function


class Normalised(NamedTuple):
    """A quote in the terms of the equation above, and what is needed to judge it."""

    undiscounted: FloatArray
    intrinsic: FloatArray  # of the forward, undiscounted
    unit: FloatArray  # min(F, K)
    moneyness: FloatArray  # |ln(F / K)|

    @property
    def time_value(self) -> FloatArray:
        """The undiscounted price of the out-of-the-money option at the same strike, by parity."""
        return self.undiscounted - self.intrinsic


def implied_vol(
    price: FloatArray,
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    dividend_yield: FloatArray,
) -> tuple[FloatArray, StatusArray]:
    """Black-Scholes-Merton volatility that reproduces `price` (annualised, 0.2 = 20 %), and an index into STATUSES.

    All arrays have shape (n,). The volatility is NaN wherever the status is not OK; no input raises.
    """
    with np.errstate(all="ignore"):
        quote = _normalise(price, is_call, spot, strike, years, rate, dividend_yield)
        finite = np.isfinite(price + spot + strike + years + rate + dividend_yield)
        status = _unsolvable(quote, finite, price, spot, strike, years)
        solvable = status == OK
        share = np.where(solvable, quote.time_value / quote.unit, 0.1)
        moneyness = np.where(solvable, quote.moneyness, 0.1)
        deviation = _solve(share, moneyness)
        root = np.sqrt(years)
        sigma = deviation / root
        density = INVERSE_SQRT_2PI * np.exp(-0.5 * (0.5 * deviation - moneyness / deviation) ** 2)
        vega = quote.unit * np.exp(-rate * years) * density * root
        carried = np.spacing(np.abs(price)) < MAX_CONDITION * sigma * vega
        status[solvable & ~carried] = ILL_CONDITIONED
        return np.where(status == OK, sigma, np.nan), status


def _normalise(
    price: FloatArray,
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    dividend_yield: FloatArray,
) -> Normalised:
    drift = (rate - dividend_yield) * years
    excess = spot * np.expm1(drift) + (spot - strike)  # F - K, exact also for a strike next to the spot
    return Normalised(
        undiscounted=price * np.exp(rate * years),
        intrinsic=np.maximum(np.where(is_call, excess, -excess), 0.0),
        unit=np.minimum(spot * np.exp(drift), strike),
        moneyness=np.abs(np.log(spot / strike) + drift),
    )


def _unsolvable(
    quote: Normalised, finite: BoolArray, price: FloatArray, spot: FloatArray, strike: FloatArray, years: FloatArray
) -> StatusArray:
    """Why there is no volatility, as far as that is known before solving; OK for the rest. The first reason counts."""
    rounding = ROUNDING * (np.abs(quote.undiscounted) + quote.intrinsic)
    usable = (spot > 0) & (strike > 0) & (quote.unit > 0) & np.isfinite(quote.time_value) & np.isfinite(quote.moneyness)
    reasons = [
        (NULL_INPUT, ~finite),
        (EXPIRED, years <= 0),
        (BAD_INPUT, ~usable),
        (BELOW_INTRINSIC, quote.time_value < -rounding),
        (NO_TIME_VALUE, quote.time_value <= rounding),
        (ABOVE_MAX, quote.time_value >= quote.unit),
        (ILL_CONDITIONED, price <= MIN_PRICE * spot),
    ]
    status = np.full(len(price), OK, np.int8)
    for code, applies in reversed(reasons):
        status[applies] = code
    return status


def _solve(share: FloatArray, moneyness: FloatArray) -> FloatArray:
    """The deviation sigma sqrt(T) whose normalised price is `share`, for 0 < share < 1 and moneyness >= 0."""
    low = share < 0.5
    side = np.where(low, 1.0, -1.0)  # aim at ln c below one half, at ln(1 - c) above: both are nearly parabolas
    target = np.log(np.where(low, share, 1 - share))
    first = _improved(_start(share, moneyness), moneyness, target, side)
    return _improved(first, moneyness, target, side)


def _start(share: FloatArray, moneyness: FloatArray) -> FloatArray:
    """Right to 16 % for every share and moneyness, exact in both limits: at the money, and far from it.

    d1 is the sum of what it would be at the money (Winitzki) and of Bachelier's d; s follows from d1 = s/2 - k/s.
    """
    v = np.log1p(moneyness / share)
    top = BACHELIER_TOP[0] + v * (BACHELIER_TOP[1] + v * BACHELIER_TOP[2])
    bottom = BACHELIER_BOTTOM[0] + v * (BACHELIER_BOTTOM[1] + v * (BACHELIER_BOTTOM[2] + v * BACHELIER_BOTTOM[3]))
    bachelier = v * np.sqrt(top / bottom)
    log_rest = np.log1p(-share * share)
    b = 2 / (math.pi * WINITZKI) + 0.5 * log_rest
    c = -log_rest / WINITZKI
    at_the_money = np.sqrt(2 * c / (np.sqrt(b * b + c) + b))  # sqrt(b^2 + c) - b without its cancellation
    d1: FloatArray = at_the_money - bachelier
    root = np.sqrt(d1 * d1 + 2 * moneyness)
    return np.where(d1 > 0, d1 + root, 2 * moneyness / (root - d1))


def _improved(deviation: FloatArray, moneyness: FloatArray, target: FloatArray, side: FloatArray) -> FloatArray:
    """One step of Householder's method of order four on g(s) = ln c(s) - target, or ln(1 - c(s)) - target.

    c = exp(-d1^2 / 2) D / 2 with D = erfcx(-d1 / sqrt 2) - erfcx(d2 / sqrt 2), d2 = s/2 + k/s; 1 - c likewise, with
    both signs turned. So g needs no cancelling difference of two normal probabilities, however small c is.
    """
    h, t = moneyness / deviation, 0.5 * deviation
    d1, d2 = t - h, t + h
    scaled: FloatArray = erfcx(-side * d1 * SQRT_HALF) - side * erfcx(d2 * SQRT_HALF)
    slope = side * SQRT_2_OVER_PI / scaled  # g'
    newton = (np.log(0.5 * scaled) - 0.5 * d1 * d1 - target) / slope
    bend = d1 * d2 / deviation  # -c''/c'
    second = bend + slope  # -g''/g'
    third = bend * bend - 3 * (h / deviation) ** 2 - 0.25 + 3 * bend * slope + 2 * slope * slope  # g'''/g'
    return deviation - newton * (1 + 0.5 * second * newton) / (1 + newton * (second + newton * third / 6))
