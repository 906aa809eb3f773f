"""Makes values/volatility.parquet: returns and trailing volatility by pandas and NumPy, GARCH(1,1) by arch."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import empyrical
import numpy as np
import numpy.typing as npt
import pandas as pd
from arch import arch_model
from arch.univariate import EWMAVariance

from tests.golden.frozen import Array, Parameters, Series, Values, late_start, read_series


class Value(NamedTuple):
    """One trailing metric of a case."""

    metric: str
    parameters: Parameters
    values: npt.ArrayLike
    program: str


class Settings(NamedTuple):
    """The parameters of a case."""

    n: int
    ppy: int
    lam: float
    lookback: int


CASES = {"early": Settings(21, 252, 0.94, 252), "late": Settings(34, 250, 0.9, 100)}


def main() -> None:
    values = Values("volatility")
    for case, settings in CASES.items():
        series = read_series(case)
        for family in (returns, deviations, ranges, exponential, regimes, costs):
            for value in family(series, settings):
                values.trailing(series, *value)
        garch(values, series, settings.ppy)
    values.write()


def returns(s: Series, p: Settings) -> Iterator[Value]:
    price = pd.Series(s.column("adj_close"))
    yield Value("simple_return", {}, price.pct_change().to_numpy(), "pandas pct_change")
    yield Value("log_return", {}, pd.Series(np.log(price)).diff().to_numpy(), "pandas diff")
    yield Value("cumulative_return", {}, late_start(empyrical.cum_returns(s.returns())), "empyrical cum_returns")


def deviations(s: Series, p: Settings) -> Iterator[Value]:
    yield Value("realized_vol", {"n": p.n, "ppy": p.ppy}, realized(s, p).to_numpy(), "pandas rolling.std")


def realized(s: Series, p: Settings) -> "pd.Series[float]":
    return pd.Series(late_start(s.log_returns())).rolling(p.n).std(ddof=1) * math.sqrt(p.ppy)


def ranges(s: Series, p: Settings) -> Iterator[Value]:
    o, h, lo, c = (np.log(s.column(name)) for name in ("open", "high", "low", "close"))
    parkinson = (h - lo) ** 2 / (4 * math.log(2))
    garman_klass = (h - lo) ** 2 / 2 - (2 * math.log(2) - 1) * (c - o) ** 2
    rogers_satchell = (h - c) * (h - o) + (lo - c) * (lo - o)
    parameters = {"n": p.n, "ppy": p.ppy}

    def annual(variance: "pd.Series[float]") -> Array:
        return np.asarray(np.sqrt(variance * p.ppy), dtype=np.float64)

    for name, bars in {
        "parkinson": parkinson,
        "garman_klass": garman_klass,
        "rogers_satchell": rogers_satchell,
    }.items():
        yield Value(f"{name}_vol", parameters, annual(pd.Series(bars).rolling(p.n).mean()), "pandas rolling.mean")
    overnight, session = pd.Series(o).sub(pd.Series(c).shift(1)), pd.Series(c - o)
    weight = 0.34 / (1.34 + (p.n + 1) / (p.n - 1))
    yang_zhang = (
        overnight.rolling(p.n).var() + weight * session.rolling(p.n).var()
        + (1 - weight) * pd.Series(rogers_satchell).rolling(p.n).mean()
    )  # fmt: skip
    yield Value("yang_zhang_vol", parameters, annual(yang_zhang), "pandas rolling.var")


def exponential(s: Series, p: Settings) -> Iterator[Value]:
    squares = pd.Series(late_start(s.log_returns())) ** 2
    parameters = {"lam": p.lam, "ppy": p.ppy}
    smoothed = squares.ewm(alpha=1 - p.lam, adjust=False).mean()
    yield Value("ewma_vol", parameters, np.sqrt(smoothed * p.ppy).to_numpy(), "pandas ewm(adjust=False)")
    log_returns = s.log_returns()
    forecast = np.zeros(len(log_returns))
    bounds = np.ones((len(log_returns), 2)) * [0.0, np.inf]
    process = EWMAVariance(p.lam)
    process.compute_variance(np.array([]), log_returns, forecast, log_returns[0] ** 2, bounds)
    known = np.sqrt(forecast * p.ppy)
    known[0] = np.nan  # the seed is that return itself: no forecast
    yield Value("ewma_vol_forecast", parameters, late_start(known), "arch EWMAVariance")


def regimes(s: Series, p: Settings) -> Iterator[Value]:
    places = realized(s, p).rolling(p.lookback).rank(pct=True)
    parameters: dict[str, object] = {"lookback": p.lookback, "n": p.n}
    yield Value("vol_percentile", parameters | {"ppy": p.ppy}, places.to_numpy(), "pandas rolling.rank")
    levels = {"enter_high": 0.8, "exit_high": 0.6, "enter_low": 0.2, "exit_low": 0.4}
    if p.lookback != 252:
        levels = {"enter_high": 0.9, "exit_high": 0.5, "enter_low": 0.15, "exit_low": 0.45}
    yield Value("vol_regime", parameters | levels, regime(places.to_numpy(), **levels), "numpy loop")


def regime(places: Array, enter_high: float, exit_high: float, enter_low: float, exit_low: float) -> Array:
    """+1 from where the place rises to enter_high until it falls below exit_high, -1 likewise, else 0."""
    result, state = np.full(len(places), np.nan), 0
    for i, place in enumerate(places):
        if np.isnan(place):
            continue
        if (state == 1 and place < exit_high) or (state == -1 and place > exit_low):
            state = 0
        if place >= enter_high or place <= enter_low:
            state = 1 if place >= enter_high else -1
        result[i] = state
    return result


def costs(s: Series, p: Settings) -> Iterator[Value]:
    """What trading costs, from bars: Amihud (2002), Roll (1984), Corwin and Schultz (2012)."""
    close, traded = pd.Series(s.column("close")), pd.Series(s.column("volume"))
    impact = pd.Series(late_start(np.abs(s.returns()))) / (close * traded)
    impact[traded == 0] = np.nan
    known = {"n": p.n}
    yield Value("amihud_illiquidity", known, impact.rolling(p.n).mean().to_numpy(), "pandas rolling.mean")
    r = pd.Series(late_start(s.log_returns()))
    covariance = r.rolling(p.n).cov(r.shift(1))
    covariance[r.shift(1).rolling(p.n).count() < p.n] = np.nan
    roll = 2 * np.sqrt(-covariance.where(covariance <= 0))
    yield Value("roll_spread", known, roll.to_numpy(), "pandas rolling.cov")
    high, low, before = pd.Series(s.column("high")), pd.Series(s.column("low")), close.shift(1)
    gap = (before - low).clip(upper=0) + (before - high).clip(lower=0)
    top, bottom = high + gap, low + gap
    beta = np.log(top / bottom) ** 2 + pd.Series(np.log(high / low)).shift(1) ** 2
    both = np.maximum(top, high.shift(1)) / np.minimum(bottom, low.shift(1))
    weight = 3 - 2 * math.sqrt(2)
    alpha = (np.sqrt(2 * beta) - np.sqrt(beta)) / weight - np.sqrt(np.log(both) ** 2 / weight)
    spread = (2 * (np.exp(alpha) - 1) / (1 + np.exp(alpha))).clip(lower=0)
    yield Value("corwin_schultz_spread", known, spread.rolling(p.n).mean().to_numpy(), "pandas rolling.mean")


def garch(values: Values, s: Series, ppy: int) -> None:
    """Constant mean, normal errors, fitted on log returns in per cent."""
    fit = arch_model(100 * s.log_returns(), mean="Constant", vol="GARCH", p=1, q=1, dist="normal").fit(
        disp="off", tol=1e-12, options={"maxiter": 2000}
    )
    program = "arch arch_model"
    for name, parameter in {"mu": "mu", "omega": "omega", "alpha": "alpha[1]", "beta": "beta[1]"}.items():
        values.whole(s.case, f"garch11_{name}", {}, float(fit.params[parameter]), program)
    values.whole(s.case, "garch11_loglik", {}, float(fit.loglikelihood), program)
    persistence = float(fit.params["alpha[1]"] + fit.params["beta[1]"])
    values.whole(s.case, "garch11_persistence", {}, persistence, program)
    settled = math.sqrt(float(fit.params["omega"]) / (1 - persistence) * ppy) / 100
    values.whole(s.case, "garch11_long_run_vol", {"ppy": ppy}, settled, program)
    vol = late_start(np.asarray(fit.conditional_volatility, dtype=np.float64) / 100 * math.sqrt(ppy))
    values.trailing(s, "garch11_vol", {"ppy": ppy}, vol, program)


if __name__ == "__main__":
    main()
