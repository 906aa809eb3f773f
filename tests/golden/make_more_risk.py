"""Makes values/more_risk.parquet: what stands beside the usual ratios, as their papers have it, in SciPy and pandas."""

import math

import empyrical
import numpy as np
import pandas as pd
import scipy.integrate
import scipy.stats
import statsmodels.api as sm
from statsmodels.tsa.stattools import acf

from tests.golden.frozen import Array, Series, Values, late_start, read_series
from tests.golden.make_performance import PPY, RATE, TARGET, WINDOW, dated, per_bar
from tests.golden.make_risk import CONFIDENCE, DECAY, rolling_var

LAGS = {"early": 10, "late": 4}


def main() -> None:
    values = Values("more_risk")
    for case in LAGS:
        series = read_series(case)
        for family in (counts, rolling, intervals, luck, tails, trailing_tails, zones, residuals):
            family(values, series)
    values.write()


def counts(values: Values, s: Series) -> None:
    r, target, ppy = s.returns(), TARGET[s.case], PPY[s.case]
    values.whole(s.case, "total_return", {}, empyrical.cum_returns_final(r), "empyrical cum_returns_final")
    values.whole(s.case, "n_losses", {}, int((r < 0).sum()), "numpy sum")
    active = r - per_bar(target, ppy)
    potential = np.maximum(active, 0).mean() / math.sqrt(np.mean(np.minimum(active, 0) ** 2))
    known = {"ppy": ppy, "mar": target}
    values.whole(s.case, "upside_potential_ratio", known, potential, "numpy maximum, minimum")


def rolling(values: Values, s: Series) -> None:
    r, n, ppy = s.returns(), WINDOW[s.case], PPY[s.case]
    bar = per_bar(TARGET[s.case], ppy)
    known = {"n": n, "ppy": ppy, "mar": TARGET[s.case]}
    windows = np.lib.stride_tricks.sliding_window_view(r, n)
    downside = np.array([empyrical.downside_risk(window, bar, annualization=ppy) for window in windows])
    sortino = np.array([empyrical.sortino_ratio(window, bar, annualization=ppy) for window in windows])
    won = (windows > 0).sum(axis=1) / (windows != 0).sum(axis=1)
    values.trailing(s, "rolling_downside_deviation", known, settled(downside, n), "empyrical downside_risk")
    values.trailing(s, "rolling_sortino", known, settled(sortino, n), "empyrical sortino_ratio")
    values.trailing(s, "rolling_win_rate", {"n": n}, settled(won, n), "numpy sum")


def settled(values: Array, n: int) -> Array:
    """By bar: the first window of n returns ends with bar n."""
    return np.concatenate([np.full(n, np.nan), values])


def intervals(values: Values, s: Series) -> None:
    ppy, rate, confidence = PPY[s.case], RATE[s.case], CONFIDENCE[s.case]
    excess = s.returns() - per_bar(rate, ppy)
    ratio, n = float(excess.mean() / excess.std(ddof=1)), len(excess)
    margin = float(scipy.stats.norm.ppf((1 + confidence) / 2)) * math.sqrt((1 + ratio**2 / 2) / n)
    known = {"ppy": ppy, "rf": rate}
    both = known | {"confidence": confidence}
    values.whole(s.case, "sharpe_low", both, (ratio - margin) * math.sqrt(ppy), "scipy stats.norm")
    values.whole(s.case, "sharpe_high", both, (ratio + margin) * math.sqrt(ppy), "scipy stats.norm")
    lags = LAGS[s.case]
    rho = acf(excess, nlags=lags)[1:]
    spread = ppy + 2 * sum((ppy - k) * rho[k - 1] for k in range(1, lags + 1))
    adjusted = ratio * ppy / math.sqrt(spread)  # Lo (2002), eq. 20
    values.whole(s.case, "sharpe_lo_adjusted", known | {"lags": lags}, adjusted, "statsmodels acf")


def luck(values: Values, s: Series) -> None:
    """Bailey and Lopez de Prado (2012, 2014)."""
    ppy, rate, confidence = PPY[s.case], RATE[s.case], CONFIDENCE[s.case]
    excess = s.returns() - per_bar(rate, ppy)
    ratio, n = float(excess.mean() / excess.std(ddof=1)), len(excess)
    skew, kurtosis = scipy.stats.skew(excess), scipy.stats.kurtosis(excess, fisher=False)
    variance = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2
    normal = scipy.stats.norm
    trials, spread = {"early": 20, "late": 7}[s.case], {"early": 4e-4, "late": 1e-3}[s.case]
    best = math.sqrt(spread) * (
        (1 - np.euler_gamma) * normal.ppf(1 - 1 / trials) + np.euler_gamma * normal.ppf(1 - 1 / (trials * math.e))
    )
    deflated = float(normal.cdf((ratio - best) * math.sqrt((n - 1) / variance)))
    known = {"ppy": ppy, "rf": rate}
    tried = known | {"trials": trials, "trial_variance": spread}
    values.whole(s.case, "deflated_sharpe", tried, deflated, "scipy stats.norm, skew, kurtosis")
    target = 0.01
    length = float(1 + variance * (normal.ppf(confidence) / (ratio - target)) ** 2)
    wanted = known | {"confidence": confidence, "sr_star": target}
    values.whole(s.case, "min_track_record_length", wanted, length, "scipy stats.norm, skew, kurtosis")


def tails(values: Values, s: Series) -> None:
    r, confidence = s.returns(), CONFIDENCE[s.case]
    for level in (confidence, 0.8):
        shortfall = cornish_fisher_shortfall(r, level)
        values.whole(s.case, "es_cornish_fisher", {"confidence": level}, shortfall, "scipy integrate.quad")
    wealth = np.concatenate([[1.0], np.cumprod(1 + r)])
    depth = (wealth / np.maximum.accumulate(wealth) - 1)[1:]
    edges = np.unique(depth)  # Rockafellar and Uryasev (2002): the best of these, whatever the edge
    worst = max(edge + float(np.minimum(depth - edge, 0).mean()) / (1 - confidence) for edge in edges)
    values.whole(s.case, "cdar", {"confidence": confidence}, worst, "numpy minimum")


def cornish_fisher_shortfall(r: Array, confidence: float) -> float:
    """Mean of the expansion's quantiles beyond the value at risk; NaN where it is not monotone."""
    skew, kurtosis = scipy.stats.skew(r), scipy.stats.kurtosis(r)
    curvature = kurtosis / 8 - skew**2 / 6
    if not (curvature > 0 and skew**2 / 9 <= 4 * curvature * (1 - kurtosis / 8 + 5 * skew**2 / 36)):
        return math.nan

    def weighted(z: float) -> float:
        bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * kurtosis / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
        return float(bent * scipy.stats.norm.pdf(z))

    edge = scipy.stats.norm.ppf(1 - confidence)
    mean, _ = scipy.integrate.quad(weighted, -40, edge, epsabs=1e-13, epsrel=1e-13, limit=400, points=[-8, -4])
    return float(r.mean() + r.std(ddof=1) * mean / (1 - confidence))


def trailing_tails(values: Values, s: Series) -> None:
    r, n = pd.Series(late_start(s.returns())), WINDOW[s.case]
    confidence, decay = CONFIDENCE[s.case], DECAY[s.case]
    limit = rolling_var(r, n, confidence)
    shortfall = expected_shortfall(r, limit, n)
    known = {"confidence": confidence, "n": n}
    values.trailing(s, "es_historical_rolling", known, shortfall.to_numpy(), "pandas rolling.quantile")
    vol = np.sqrt((r**2).ewm(alpha=1 - decay, adjust=False).mean().shift(1))
    filtered = (r / vol).shift(1).rolling(n).quantile(1 - confidence) * vol
    values.trailing(s, "var_filtered_historical", known | {"lam": decay}, filtered.to_numpy(), "pandas ewm, rolling")
    forecasts = limit.notna()
    hits = forecasts & (r < limit)
    shares = float((r[hits] / shortfall[hits]).sum())
    z2 = 1 - shares / (int(forecasts.sum()) * (1 - confidence))
    values.whole(s.case, "es_backtest_z2", known, z2, "pandas rolling.quantile")


def expected_shortfall(r: "pd.Series[float]", limit: "pd.Series[float]", n: int) -> "pd.Series[float]":
    """Mean of those of the n returns before each that are not above the limit."""
    found = [
        float(before[before <= edge].mean()) if edge == edge else math.nan
        for edge, before in ((limit.iloc[i], r.iloc[max(i - n, 0) : i]) for i in range(len(r)))
    ]
    return pd.Series(found)


def zones(values: Values, s: Series) -> None:
    r, n = pd.Series(late_start(s.returns())), 100
    for lookback in (250, 120):
        limit = rolling_var(r, n, 0.99)
        hits = (r < limit).astype(float).where(limit.notna()).rolling(lookback).sum()
        zone = np.select([hits.isna(), hits <= 4, hits <= 9], [np.nan, 0, 1], 2)
        known = {"confidence": 0.99, "n": n, "lookback": lookback}
        values.whole(s.case, "basel_zone", known, float(zone[-1]), "pandas rolling.sum")


def residuals(values: Values, s: Series) -> None:
    ppy, rate = PPY[s.case], RATE[s.case]
    riskless = per_bar(rate, ppy)
    own, other = s.returns() - riskless, s.benchmark_returns() - riskless
    model, known = sm.OLS(own, sm.add_constant(other)), {"ppy": ppy, "rf": rate}
    plain = model.fit()
    appraisal = plain.params[0] * ppy / math.sqrt(plain.mse_resid * ppy)
    values.whole(s.case, "appraisal_ratio", known, appraisal, "statsmodels OLS")
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS[s.case], "use_correction": False})
    lagged = known | {"lags": LAGS[s.case]}
    values.whole(s.case, "alpha_t_hac", lagged, robust.tvalues[0], "statsmodels OLS(cov_type=HAC)")
    ratio = empyrical.sharpe_ratio(dated(s), risk_free=riskless, annualization=ppy)
    earned = ratio * float(np.std(other, ddof=1)) * math.sqrt(ppy) - float(other.mean()) * ppy
    values.whole(s.case, "m2_alpha", known, earned, "empyrical sharpe_ratio")


if __name__ == "__main__":
    main()
