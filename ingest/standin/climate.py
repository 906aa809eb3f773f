"""The weather of a market, one value per day: how turbulent it is, and where its common factor goes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.standin.seeds import generator

FloatArray = NDArray[np.float64]

CALM, TURBULENT = 0.80, 1.75  # multiples of an asset's volatility
TO_TURBULENT, TO_CALM = 1 / 110, 1 / 22  # per day: mean stays of five months and one month


@dataclass(frozen=True)
class Climate:
    """`level` multiplies an asset's volatility (mean about 1); `factor` is the day's common shock (unit variance)."""

    level: FloatArray
    factor: FloatArray


def climate(market: str, days: int) -> Climate:
    """Two regimes with persistent noise on top; bad days raise tomorrow's volatility (leverage effect)."""
    random = generator("climate", market)
    factor = _heavy(random, days)
    log_level = _persistent(-0.5 * factor + 0.9 * random.standard_normal(days), keep=0.965, scale=0.07)
    return Climate(_regimes(random.random(days)) * np.exp(log_level), factor)


def daily_returns(symbol: str, weather: Climate, volatility: float, loading: float, days_per_year: int) -> FloatArray:
    """Log returns before drift, one per day: common factor and own shock under the market's climate."""
    own = _heavy(generator("days", symbol), len(weather.level))
    scale = volatility / np.sqrt(days_per_year) * weather.level
    return np.asarray(scale * (loading * weather.factor + np.sqrt(1 - loading**2) * own), dtype=np.float64)


def wander(returns: FloatArray, half_life: float) -> FloatArray:
    """Cumulated returns that forget with the given half-life, so that levels stay plausible for decades."""
    keep = 0.5 ** (1 / half_life)
    path = np.empty(len(returns) + 1)
    path[0] = position = 0.0
    for day, move in enumerate(returns.tolist()):
        position = keep * position + move
        path[day + 1] = position
    return path


def _heavy(random: np.random.Generator, size: int) -> FloatArray:
    """Student t with five degrees of freedom, scaled to about unit variance; no day moves more than five deviations."""
    return np.asarray(np.clip(random.standard_t(5, size) * np.sqrt(3 / 5), -5, 5), dtype=np.float64)


def _persistent(shocks: FloatArray, keep: float, scale: float) -> FloatArray:
    return wander(shocks[:-1] * scale, half_life=np.log(0.5) / np.log(keep))


def _regimes(draws: FloatArray) -> FloatArray:
    """Volatility multiples of a two-state chain, eased so that a regime takes a few days to arrive."""
    levels = np.empty(len(draws))
    level, turbulent = CALM, False
    for day, draw in enumerate(draws.tolist()):
        if draw < (TO_CALM if turbulent else TO_TURBULENT):
            turbulent = not turbulent
        level += 0.35 * ((TURBULENT if turbulent else CALM) - level)
        levels[day] = level
    return levels
