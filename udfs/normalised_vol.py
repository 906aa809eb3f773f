"""The one equation of implied volatility, solved: one starting formula, two fixed steps, no loop.

With F the forward, K the strike, s = sigma sqrt(T) the deviation and c the undiscounted out-of-the-money price in
units of min(F, K), put-call parity and symmetry leave one equation in one unknown, c(s) at k = |ln(F / K)|:

    c = N(s/2 - k/s) - exp(k) N(-s/2 - k/s)

Two steps of Householder's method of order four reach the rounding of the input from any start that `_start` gives; the
first of them does with erfcx to three digits. Sources: Jaeckel (2015), Let's be rational, for the normalisation and the
change of target between ln c and ln(1 - c); Householder (1970), The numerical treatment of a single nonlinear equation.
"""

import math
from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
# |d| of the Bachelier model as a function of ln(1 + k/c): a rational fit, 0.2 % off at most over 300 decades of c.
BACHELIER_TOP = (1 / (2 * math.pi), 0.02792453, 0.00070003)
BACHELIER_BOTTOM = (1.0, 0.16512123, 0.01783404, 0.00070003 / 2)
WINITZKI = 0.147  # Winitzki (2008): the constant of his approximation of the inverse error function
# erfcx(a) as a polynomial in y = 1 / (a + shift), the constant 0 first, for a >= -0.95: value and slope to 3.3e-4,
# fitted by tests/golden/make_erfcx.py. Steps start at a >= -0.9.
ROUGH_SHIFT = 2.8
ROUGH = (0.0, 0.56437449, 1.57132882, 4.07593809, 13.85589414, -16.4767211, 193.9345691, -161.53339521)


def deviation_of(share: FloatArray, moneyness: FloatArray) -> FloatArray:
    """The deviation sigma sqrt(T) whose normalised price is `share`, for 0 < share < 1 and moneyness >= 0."""
    low = share < 0.5
    side = np.where(low, 1.0, -1.0)  # aim at ln c below one half, at ln(1 - c) above: both are nearly parabolas
    target = np.log(np.where(low, share, 1 - share))
    target += math.log(2)
    first = _improved(_start(share, moneyness), moneyness, target, side, _rough_erfcx)
    return _improved(first, moneyness, target, side, scipy.special.erfcx)


def _start(share: FloatArray, moneyness: FloatArray) -> FloatArray:
    """Right to 17 % for every share and moneyness, exact in both limits: at the money, and far from it.

    d1 is the sum of what it would be at the money (Winitzki) and of Bachelier's d; s follows from d1 = s/2 - k/s.
    """
    v = np.log1p(moneyness / share)
    bachelier = _polynomial(BACHELIER_TOP, v)
    bachelier /= _polynomial(BACHELIER_BOTTOM, v)
    np.sqrt(bachelier, out=bachelier)
    bachelier *= v
    c = np.log1p(-share * share)
    b = 0.5 * c
    b += 2 / (math.pi * WINITZKI)
    c *= -1 / WINITZKI
    d1 = np.sqrt(2 * c / (np.sqrt(b * b + c) + b))  # sqrt(b^2 + c) - b without its cancellation
    d1 -= bachelier
    twice = 2 * moneyness
    root = np.sqrt(d1 * d1 + twice)
    root += np.abs(d1)
    return np.where(d1 > 0, root, twice / root)


def _improved(
    deviation: FloatArray,
    moneyness: FloatArray,
    target: FloatArray,
    side: FloatArray,
    erfcx_of: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """One step of Householder's method of order four on g(s) = ln 2c(s) - target, or ln 2(1 - c(s)) - target.

    c = exp(-d1^2 / 2) D / 2 with D = erfcx(-d1 / sqrt 2) - erfcx(d2 / sqrt 2), d2 = s/2 + k/s; 1 - c likewise, with
    both signs turned. So g needs no cancelling difference of two normal probabilities, however small c is.
    """
    h, t = moneyness / deviation, 0.5 * deviation
    d1 = t - h
    arguments = np.empty((2, len(h)))
    np.multiply(side, d1, out=arguments[0])
    np.add(t, h, out=arguments[1])
    arguments[0] *= -SQRT_HALF
    arguments[1] *= SQRT_HALF
    near, far = erfcx_of(arguments)
    far *= side
    near -= far  # D
    d1 *= d1
    newton = np.log(near)
    newton -= 0.5 * d1
    newton -= target
    slope = side * SQRT_2_OVER_PI
    slope /= near  # g'
    newton /= slope
    return deviation - _longer(newton, slope, h, deviation)


def _longer(newton: FloatArray, slope: FloatArray, h: FloatArray, deviation: FloatArray) -> FloatArray:
    """What Householder makes of Newton's step."""
    curve = h / deviation
    h *= curve
    second = 0.25 * deviation
    second -= h  # d1 d2 / s = -c''/c'
    second += slope  # -g''/g'
    third = slope
    third += second
    third *= second
    curve *= curve
    curve *= 3.0
    third -= curve
    third -= 0.25  # g'''/g'
    third *= newton
    third /= 6.0
    third += second
    third *= newton
    third += 1.0
    second *= newton
    second *= 0.5
    second += 1.0
    second *= newton
    second /= third
    return second


def _rough_erfcx(a: FloatArray) -> FloatArray:
    return _polynomial(ROUGH, 1 / (a + ROUGH_SHIFT))


def _polynomial(coefficients: tuple[float, ...], x: FloatArray) -> FloatArray:
    """The constant comes first; Horner's scheme without copies."""
    total = x * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= x
    total += coefficients[0]
    return total
