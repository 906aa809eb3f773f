"""Implied volatility: of the out-of-the-money side of a quote, by normalised_vol; a reason where there is none."""

import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from udfs.black_scholes import INVERSE_SQRT_2PI, BoolArray, FloatArray, log_ratio
from udfs.normalised_vol import deviation_of

StatusArray = NDArray[np.int8]

STATUSES = (
    "ok",
    "null_input",  # a value is NaN or infinite (or NULL: see arrow_udfs)
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


class Normalised(NamedTuple):
    """A quote in the terms of normalised_vol, and what is needed to judge it."""

    undiscounted: FloatArray
    intrinsic: FloatArray  # of the forward, undiscounted
    unit: FloatArray  # min(F, K)
    moneyness: FloatArray  # |ln(F / K)|
    capital: FloatArray  # exp(rT)

    @property
    def time_value(self) -> FloatArray:
        """The undiscounted price of the out-of-the-money option at the same strike, by parity."""
        return self.undiscounted - self.intrinsic

    @property
    def rounding(self) -> FloatArray:
        """What of the time value may be nothing but rounding."""
        return ROUNDING * (np.abs(self.undiscounted) + self.intrinsic)


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
    status = np.full(len(price), OK, np.int8)
    with np.errstate(all="ignore"):
        quote = _normalise(price, is_call, spot, strike, years, rate, dividend_yield)
        share, moneyness = quote.time_value / quote.unit, quote.moneyness
        solvable = (years > 0) & (quote.unit > 0) & (quote.time_value > quote.rounding) & (share < 1)
        solvable &= (price > MIN_PRICE * spot) & np.isfinite(moneyness)
        if not solvable.all():
            share[~solvable], moneyness[~solvable] = 0.1, 0.1  # any quote that can be solved
        deviation = deviation_of(share, moneyness)
        carried = solvable & _carried(deviation, quote, price)
        sigma = deviation / np.sqrt(years)
        if not carried.all():
            sigma[~carried], status[~carried] = np.nan, ILL_CONDITIONED
            rest = np.flatnonzero(~solvable)
            numbers = (spot[rest], strike[rest], years[rest], rate[rest], dividend_yield[rest])
            status[rest] = _unsolvable(price[rest], is_call[rest], *numbers)
    return sigma, status


def _carried(deviation: FloatArray, quote: Normalised, price: FloatArray) -> BoolArray:
    """Does a unit in the last place of the price leave the volatility alone?"""
    density = np.exp(-0.5 * (0.5 * deviation - quote.moneyness / deviation) ** 2)
    vega = INVERSE_SQRT_2PI * quote.unit * density / quote.capital  # per unit of deviation
    carried: BoolArray = np.spacing(np.abs(price)) < MAX_CONDITION * deviation * vega
    return carried


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
    capital = np.exp(rate * years)
    excess = spot * np.expm1(drift) + (spot - strike)  # F - K, exact also for a strike next to the spot
    return Normalised(
        undiscounted=price * capital,
        intrinsic=np.maximum(np.where(is_call, excess, -excess), 0.0),
        unit=np.minimum(spot * np.exp(drift), strike),
        moneyness=np.abs(log_ratio(spot, strike) + drift),
        capital=capital,
    )


def _unsolvable(
    price: FloatArray,
    is_call: BoolArray,
    spot: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    dividend_yield: FloatArray,
) -> StatusArray:
    """Why there is no volatility, of quotes that cannot be solved. The first reason counts."""
    quote = _normalise(price, is_call, spot, strike, years, rate, dividend_yield)
    finite = np.isfinite(price + spot + strike + years + rate + dividend_yield)
    usable = (spot > 0) & (strike > 0) & (quote.unit > 0) & np.isfinite(quote.time_value) & np.isfinite(quote.moneyness)
    reasons = {
        NULL_INPUT: ~finite,
        EXPIRED: years <= 0,
        BAD_INPUT: ~usable,
        BELOW_INTRINSIC: quote.time_value < -quote.rounding,
        NO_TIME_VALUE: quote.time_value <= quote.rounding,
        ABOVE_MAX: quote.time_value >= quote.unit,
    }
    return np.select(list(reasons.values()), list(reasons), ILL_CONDITIONED).astype(np.int8)
