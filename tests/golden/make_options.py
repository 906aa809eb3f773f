"""Writes options.csv: prices and derivatives of European options to 17 digits, on a grid of what is quoted and on one
of extremes: a minute to ten years, volatility 0.5 % to 500 %, negative rates, strikes up to six deviations away.

The price is the closed form in 50 digits; every derivative is that price differentiated numerically in 50 digits, so
no formula of a greek is taken for granted. QuantLib's BlackCalculator is the second opinion on the first-order ones.
Made with mpmath 1.4.1 and QuantLib 1.44 in an environment of its own: python tests/golden/make_options.py
"""

import csv
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import mpmath
import QuantLib

SPOT = 100.0
STRIKES = (50.0, 80.0, 95.0, 100.0, 105.0, 120.0, 200.0)
YEARS = (1 / 365, 30 / 365, 0.5, 2.0)
RATES = ((-0.01, 0.0), (0.05, 0.03))  # (rate, dividend yield)
SIGMAS = (0.03, 0.2, 0.5, 1.2)

EXTREME_YEARS = (1 / (365 * 24 * 60), 1 / 365, 10.0)
EXTREME_RATES = ((-0.02, 0.01), (0.2, -0.03))
EXTREME_SIGMAS = (0.005, 0.06, 1.0, 5.0)
DEVIATIONS = (-6.0, -1.5, 0.3, 2.5)  # of the strike from the forward, in deviations of the log price

# name -> (derivative orders in spot, years, rate, sigma, dividend yield; sign): time passes as expiry comes nearer
DERIVATIVES = {
    "delta": ((1, 0, 0, 0, 0), 1),
    "gamma": ((2, 0, 0, 0, 0), 1),
    "vega": ((0, 0, 0, 1, 0), 1),
    "theta": ((0, 1, 0, 0, 0), -1),
    "rho": ((0, 0, 1, 0, 0), 1),
    "dividend_rho": ((0, 0, 0, 0, 1), 1),
    "vanna": ((1, 0, 0, 1, 0), 1),
    "volga": ((0, 0, 0, 2, 0), 1),
    "charm": ((1, 1, 0, 0, 0), -1),
    "speed": ((3, 0, 0, 0, 0), 1),
    "zomma": ((2, 0, 0, 1, 0), 1),
    "color": ((2, 1, 0, 0, 0), -1),
    "veta": ((0, 1, 0, 1, 0), -1),
    "ultima": ((0, 0, 0, 3, 0), 1),
}
FIELDS = ["is_call", "s", "k", "t", "r", "sigma", "q", "price", *DERIVATIVES, "itm_prob"]


def d2(s: mpmath.mpf, k: float, t: mpmath.mpf, r: mpmath.mpf, sigma: mpmath.mpf, q: mpmath.mpf) -> mpmath.mpf:
    return (mpmath.log(s / k) + (r - q - sigma**2 / 2) * t) / (sigma * mpmath.sqrt(t))


def extremes() -> Iterator[tuple[bool, float, float, tuple[float, float], float]]:
    """As the product of the grid; call and put take turns, and a strike is a spot's tenth to tenfold at most."""
    sides = itertools.cycle((True, False, False, True, True))
    for t, (r, q), sigma, deviation in itertools.product(EXTREME_YEARS, EXTREME_RATES, EXTREME_SIGMAS, DEVIATIONS):
        strike = SPOT * math.exp((r - q) * t + deviation * sigma * math.sqrt(t))
        yield next(sides), min(max(strike, SPOT / 10), SPOT * 10), t, (r, q), sigma


def row(is_call: bool, k: float, t: float, r: float, q: float, sigma: float) -> dict[str, object]:
    side = 1 if is_call else -1

    def price(s: mpmath.mpf, t: mpmath.mpf, r: mpmath.mpf, sigma: mpmath.mpf, q: mpmath.mpf) -> mpmath.mpf:
        low = d2(s, k, t, r, sigma, q)
        high = low + sigma * mpmath.sqrt(t)
        spot_leg = s * mpmath.exp(-q * t) * mpmath.ncdf(side * high)
        return side * (spot_leg - k * mpmath.exp(-r * t) * mpmath.ncdf(side * low))

    point = [mpmath.mpf(value) for value in (SPOT, t, r, sigma, q)]
    values = {"price": price(*point), "itm_prob": mpmath.ncdf(side * d2(point[0], k, *point[1:]))}
    for name, (orders, sign) in DERIVATIVES.items():
        values[name] = sign * mpmath.diff(price, tuple(point), orders)
    agree_with_quantlib(values, is_call, k, t, r, q, sigma)
    inputs = {"is_call": is_call, "s": SPOT, "k": k, "t": t, "r": r, "sigma": sigma, "q": q}
    return inputs | {name: repr(float(value)) for name, value in values.items()}


def agree_with_quantlib(
    values: dict[str, mpmath.mpf], is_call: bool, k: float, t: float, r: float, q: float, sigma: float
) -> None:
    """Raises if the two disagree by more than QuantLib's own rounding."""
    kind = QuantLib.Option.Call if is_call else QuantLib.Option.Put
    forward = SPOT * math.exp((r - q) * t)
    black = QuantLib.BlackCalculator(
        QuantLib.PlainVanillaPayoff(kind, k), forward, sigma * math.sqrt(t), math.exp(-r * t)
    )
    theirs = {
        "price": black.value(),
        "delta": black.delta(SPOT),
        "gamma": black.gamma(SPOT),
        "vega": black.vega(t),
        "theta": black.theta(SPOT, t),
        "rho": black.rho(t),
        "dividend_rho": black.dividendRho(t),
    }
    if is_call:  # for a put QuantLib gives the call's
        theirs["itm_prob"] = black.itmCashProbability()
    for name, value in theirs.items():
        if abs(value - values[name]) > 1e-9 * (1 + abs(values[name])):
            raise ValueError(f"{name} of {(is_call, k, t, r, q, sigma)}: {values[name]} here, {value} by QuantLib")


if __name__ == "__main__":
    mpmath.mp.dps = 50
    grid = itertools.product((True, False), STRIKES, YEARS, RATES, SIGMAS)
    with Path(__file__).with_name("options.csv").open("w", newline="") as file:
        file.write("# mpmath 1.4.1, 50 digits, derivatives by numerical differentiation; checked by QuantLib 1.44\n")
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        options = itertools.chain(grid, extremes())
        writer.writerows(row(is_call, k, t, r, q, sigma) for is_call, k, t, (r, q), sigma in options)
