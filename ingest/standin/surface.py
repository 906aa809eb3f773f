"""An implied-volatility surface without arbitrage, and the Black-Scholes prices on it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ingest.standin.climate import FloatArray

# SSVI (Gatheral and Jacquier, 2014): no butterfly arbitrage while ETA * (1 + |RHO|) <= 2 and GAMMA is in
# (0, 1/2]; no calendar arbitrage because the at-the-money variance grows with time.
RHO, ETA, GAMMA = -0.62, 1.2, 0.44
REVERSION = 3.0  # per year: how fast the market expects volatility to return to its mean


@dataclass(frozen=True)
class Surface:
    """`now` and `mean`: annual volatility today and in the long run; rate and yield continuous."""

    spot: float
    now: float
    mean: float
    rate: float
    dividend_yield: float

    def variance(self, log_moneyness: FloatArray, years: float) -> FloatArray:
        """Total variance at ln(strike / forward)."""
        at_the_money = self.mean**2 * years + (self.now**2 - self.mean**2) * -np.expm1(-REVERSION * years) / REVERSION
        slope = ETA / (at_the_money**GAMMA * (1 + at_the_money) ** (1 - GAMMA))
        root = np.sqrt((slope * log_moneyness + RHO) ** 2 + 1 - RHO**2)
        return np.asarray(at_the_money / 2 * (1 + RHO * slope * log_moneyness + root), dtype=np.float64)

    def volatility(self, strike: FloatArray, years: float) -> FloatArray:
        return np.sqrt(self.variance(np.log(strike / self.forward(years)), years) / years)

    def forward(self, years: float) -> float:
        return float(self.spot * np.exp((self.rate - self.dividend_yield) * years))

    def price(self, strike: FloatArray, years: float, is_call: bool) -> FloatArray:
        """European, discounted, in the spot's currency."""
        forward, sign = self.forward(years), (1 if is_call else -1)
        deviation = np.sqrt(self.variance(np.log(strike / forward), years))
        above = np.log(forward / strike) / deviation + deviation / 2
        undiscounted = sign * (forward * ndtr(sign * above) - strike * ndtr(sign * (above - deviation)))
        return np.asarray(np.exp(-self.rate * years) * np.maximum(undiscounted, 0), dtype=np.float64)
