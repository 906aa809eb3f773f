"""What an American option is before a volatility is chosen: its terms, and the dividends that it will live through.

Cash dividends follow the spot model: the underlying is lognormal between ex-dates and falls by the amount at each.
"""

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from udfs.black_scholes import BoolArray, FloatArray
from udfs.implied_vol import BAD_INPUT, EXPIRED, NULL_INPUT, OK, StatusArray

IndexArray: TypeAlias = NDArray[np.intp]


def added(rows: FloatArray) -> FloatArray:
    """The sum of the rows of shape (m, n), one after the other, shape (n,).

    NumPy adds what lies side by side in memory, as a single column does, in another order: a contract alone would then
    differ, in its last digits, from the same one in a chain.
    """
    rows = np.ascontiguousarray(rows)
    is_one_column = rows.shape[1] == 1 and len(rows) > 0
    total: FloatArray = np.cumsum(rows, axis=0)[-1] if is_one_column else rows.sum(axis=0)
    return total


@dataclass(frozen=True)
class Contracts:
    """Options by column; every array has shape (n,), those of dividends (m, n), sorted by time, padded with amount 0.

    Years ACT/365, rates continuous, amounts in the currency of the spot. A dividend counts if 0 < its years < years.
    """

    is_call: BoolArray
    spot: FloatArray
    strike: FloatArray
    years: FloatArray
    rate: FloatArray
    dividend_yield: FloatArray
    ex_years: FloatArray
    ex_amounts: FloatArray

    def __len__(self) -> int:
        return len(self.spot)

    def at(self, rows: BoolArray | IndexArray) -> "Contracts":
        """Some of them, by mask or index."""
        return Contracts(*(getattr(self, field.name)[..., rows] for field in fields(self)))

    @property
    def side(self) -> FloatArray:
        """1 for a call, -1 for a put."""
        return np.where(self.is_call, 1.0, -1.0)

    @property
    def drift(self) -> FloatArray:
        """Rate less dividend yield, per year."""
        return self.rate - self.dividend_yield

    @property
    def pays_cash(self) -> BoolArray:
        """Whether a cash dividend falls into the option's life."""
        paying: BoolArray = np.any(self.ex_amounts > 0, axis=0)
        return paying

    @property
    def ex_spots(self) -> FloatArray:
        """The dividends in today's money of the underlying: D exp(-(r - q) t); their sum leaves the bare spot."""
        return self.ex_amounts * np.exp(-self.drift * self.ex_years)

    @property
    def bare_spot(self) -> FloatArray:
        """The spot without the dividends that the option lives through."""
        bare: FloatArray = self.spot - added(self.ex_spots)
        return bare

    @property
    def never_early(self) -> BoolArray:
        """Whether waiting always beats exercising: the interest saved outweighs all that is forgone.

        Call: q <= 0, q <= r, no cash dividend. Put: r <= 0, r <= q. Source: Battauz, De Donno, Sbuelz (2015), Mgmt
        Science 61(5), for the signs of both rates.
        """
        call = (self.dividend_yield <= 0) & (self.dividend_yield <= self.rate) & ~self.pays_cash
        put = (self.rate <= 0) & (self.rate <= self.dividend_yield)
        return np.where(self.is_call, call, put).astype(np.bool_)

    @property
    def exercise_value(self) -> FloatArray:
        """What exercising at once pays."""
        return np.maximum(self.side * (self.spot - self.strike), 0.0)

    @property
    def largest(self) -> FloatArray:
        """The value that no volatility exceeds: a call's underlying, a put's strike, at the best time to have it."""
        growth = np.where(self.is_call, self.dividend_yield, self.rate) * self.years
        return np.where(self.is_call, self.spot, self.strike) * np.exp(np.maximum(-growth, 0.0))


def clean_dividends(years: FloatArray, amounts: FloatArray, lives: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Dividends of shape (m, n) sorted by time; what an option does not live through has amount 0 and time 0."""
    counts = (years > 0) & (years < lives) & (amounts != 0)
    amounts, years = np.where(counts, amounts, 0.0), np.where(counts, years, 0.0)
    order = np.argsort(years, axis=0, kind="stable")
    return np.take_along_axis(years, order, axis=0), np.take_along_axis(amounts, order, axis=0)


def contract_status(contracts: Contracts, sigma: FloatArray) -> StatusArray:
    """Why an option cannot be priced, as far as its terms tell; an index into implied_vol.STATUSES."""
    plain = contracts.spot + contracts.strike + contracts.years + contracts.rate + contracts.dividend_yield
    cash = contracts.ex_years.sum(axis=0) + contracts.ex_amounts.sum(axis=0)
    growth = np.abs(contracts.rate * contracts.years) + np.abs(contracts.dividend_yield * contracts.years)
    positive = (contracts.spot > 0) & (contracts.strike > 0) & (sigma >= 0) & (contracts.ex_amounts >= 0).all(axis=0)
    reasons = [
        (NULL_INPUT, ~np.isfinite(plain + sigma + cash)),
        (BAD_INPUT, ~positive),
        (EXPIRED, contracts.years <= 0),
        (BAD_INPUT, ~(contracts.bare_spot > 0) | (growth > MAX_GROWTH) | ~ordinary(contracts)),
    ]
    status = np.full(len(contracts), OK, np.int8)
    for code, applies in reversed(reasons):
        status[applies] = code
    return status


MAX_GROWTH = 100.0  # of the logarithm of a price over the life, by rate and yield: beyond it doubles overflow
MAX_RATIO = 1e100  # of spot and strike, either way


def ordinary(contracts: Contracts) -> BoolArray:
    """Whether spot and strike are of sizes whose ratio and differences are numbers."""
    ratio = contracts.spot / contracts.strike
    return (ratio < MAX_RATIO) & (ratio > 1 / MAX_RATIO) & (np.maximum(contracts.spot, contracts.strike) < MAX_RATIO)


def settled_value(contracts: Contracts) -> FloatArray:
    """What the option is worth without volatility: exercise at the best moment of the spot's one path.

    Between ex-dates side (A exp(-q t) - K exp(-r t)) has its extreme where q A exp(-q t) = r K exp(-r t).
    """
    start = np.zeros((1, len(contracts)))
    begins = np.concatenate([start, contracts.ex_years])
    ends = np.concatenate([contracts.ex_years, contracts.years[None, :]])
    levels = contracts.spot - np.concatenate([start, np.cumsum(contracts.ex_spots, axis=0)])
    ratio = contracts.dividend_yield * levels / (contracts.rate * contracts.strike)
    turning = np.nan_to_num(np.log(ratio) / -contracts.drift, nan=0.0, posinf=0.0, neginf=0.0)
    moments = np.stack([begins, ends, np.clip(turning, begins, ends)])
    kept = levels * np.exp(-contracts.dividend_yield * moments)
    paid = contracts.strike * np.exp(-contracts.rate * moments)
    best: FloatArray = (contracts.side * (kept - paid)).max(axis=(0, 1))
    return np.maximum(best, 0.0)
