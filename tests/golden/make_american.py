"""Writes american.csv: American prices, their derivatives and the European price of the same option, by QuantLib 1.44.

Without cash dividends the price is QdFpAmericanEngine's at high precision and the derivatives are differences of it.
With them it is the finite-difference engine's under the spot model (the underlying is lognormal and falls by the amount
at each ex-date), on grids of 1,000 and 2,000 steps extrapolated; it tells delta and gamma, and vega is a difference.
"""

import csv
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import QuantLib as ql

SPOT = 100.0
Dividends: TypeAlias = tuple[tuple[int, float], ...]

TODAY = ql.Date(24, 1, 2025)
SIDES = (True, False)
RATES = ((0.05, 0.0), (0.03, 0.06), (0.04, 0.02), (0.0, 0.04))  # (rate, dividend yield)
PLAIN = (SIDES, (75.0, 95.0, 100.0, 110.0, 135.0), (14, 182, 730), RATES, (0.12, 0.3, 0.8))  # strike, days, sigma
QUARTERLY = tuple((30 + 91 * quarter, 0.8) for quarter in range(4))
DIVIDENDS: tuple[tuple[int, Dividends], ...] = (  # days to expiry, (days, amount) of each dividend before
    (60, ((7, 2.0),)),
    (60, ((45, 1.5),)),
    (365, ((180, 5.0),)),
    (365, QUARTERLY),
)
CASH = (SIDES, (80.0, 95.0, 100.0, 105.0, 120.0), DIVIDENDS, ((0.05, 0.0), (0.03, 0.01)), (0.15, 0.4))
FIELDS = ["is_call", "s", "k", "t", "r", "sigma", "q", "ex_years", "ex_amounts", "price", "european_price"]
DERIVATIVES = ["delta", "gamma", "vega"]


@dataclass(frozen=True)
class Case:
    """An option on the spot of 100."""

    is_call: bool
    k: float
    days: int
    r: float
    q: float
    sigma: float
    dividends: Dividends = ()

    def option(self, is_american: bool) -> ql.VanillaOption:
        expiry = TODAY + self.days
        exercise = ql.AmericanExercise(TODAY, expiry) if is_american else ql.EuropeanExercise(expiry)
        return ql.VanillaOption(
            ql.PlainVanillaPayoff(ql.Option.Call if self.is_call else ql.Option.Put, self.k), exercise
        )

    def process(self, spot: float, sigma: float) -> ql.BlackScholesMertonProcess:
        def flat(rate: float) -> ql.YieldTermStructureHandle:
            return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, ql.Actual365Fixed()))

        vol = ql.BlackConstantVol(TODAY, ql.NullCalendar(), sigma, ql.Actual365Fixed())
        quote = ql.QuoteHandle(ql.SimpleQuote(spot))
        return ql.BlackScholesMertonProcess(quote, flat(self.q), flat(self.r), ql.BlackVolTermStructureHandle(vol))

    def schedule(self) -> ql.DividendVector:
        return ql.DividendVector([TODAY + day for day, _ in self.dividends], [amount for _, amount in self.dividends])


def plain_price(case: Case, spot: float, sigma: float) -> float:
    option = case.option(is_american=True)
    option.setPricingEngine(
        ql.QdFpAmericanEngine(case.process(spot, sigma), ql.QdFpAmericanEngine.highPrecisionScheme())
    )
    return float(option.NPV())


def grid_values(case: Case, is_american: bool, sigma: float) -> tuple[float, float, float]:
    """Price, delta and gamma by finite differences, extrapolated from two grids."""
    values = []
    for size in (1000, 2000):
        option = case.option(is_american)
        engine = ql.FdBlackScholesVanillaEngine(case.process(SPOT, sigma), case.schedule(), size, size)
        option.setPricingEngine(engine)
        values.append((option.NPV(), option.delta(), option.gamma()))
    price, delta, gamma = (2 * fine - coarse for coarse, fine in zip(*values, strict=True))
    return price, delta, gamma


def european_price(case: Case) -> float:
    if case.dividends:
        return grid_values(case, is_american=False, sigma=case.sigma)[0]
    option = case.option(is_american=False)
    option.setPricingEngine(ql.AnalyticEuropeanEngine(case.process(SPOT, case.sigma)))
    return float(option.NPV())


def central(function: Callable[[float], float], at: float, step: float) -> float:
    return (function(at + step) - function(at - step)) / (2 * step)


def plain_values(case: Case) -> list[float]:
    def price(spot: float) -> float:
        return plain_price(case, spot, case.sigma)

    middle, step = price(SPOT), 0.02
    bend = (price(SPOT + step) - 2 * middle + price(SPOT - step)) / step**2
    vega = central(lambda sigma: plain_price(case, SPOT, sigma), case.sigma, 1e-4)
    return [middle, european_price(case), central(price, SPOT, step), bend, vega]


def cash_values(case: Case) -> list[float]:
    price, delta, gamma = grid_values(case, is_american=True, sigma=case.sigma)
    vega = central(lambda sigma: grid_values(case, is_american=True, sigma=sigma)[0], case.sigma, 0.002)
    return [price, european_price(case), delta, gamma, vega]


def cases() -> Iterator[Case]:
    for is_call, k, days, (r, q), sigma in itertools.product(*PLAIN):
        yield Case(is_call, k, days, r, q, sigma)
    for is_call, k, (days, dividends), (r, q), sigma in itertools.product(*CASH):
        yield Case(is_call, k, days, r, q, sigma, dividends)


def row(case: Case) -> list[object]:
    values = cash_values(case) if case.dividends else plain_values(case)
    ex_years = ";".join(repr(day / 365) for day, _ in case.dividends)
    ex_amounts = ";".join(repr(amount) for _, amount in case.dividends)
    terms = [case.is_call, SPOT, case.k, case.days / 365, case.r, case.sigma, case.q, ex_years, ex_amounts]
    return [*terms, *(f"{value:.8g}" for value in values)]


if __name__ == "__main__":
    ql.Settings.instance().evaluationDate = TODAY
    with Path(__file__).with_name("american.csv").open("w", newline="") as file:
        file.write("# QuantLib 1.44: QdFpAmericanEngine; with cash dividends FdBlackScholesVanillaEngine, spot model\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS + DERIVATIVES)
        writer.writerows(row(case) for case in cases())
