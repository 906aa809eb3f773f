"""Makes values/risk.parquet: empyrical, quantstats, statsmodels, SciPy and pandas."""

import math

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as quantstats
import scipy.stats
import statsmodels.api as sm

from tests.golden.frozen import Array, Series, Values, late_start, read_series
from tests.golden.make_performance import PPY, RATE, dated, per_bar

CONFIDENCE = {"early": 0.95, "late": 0.975}
DECAY = {"early": 0.94, "late": 0.9}
WINDOW = {"early": 100, "late": 150}  # of value at risk
PAIR_WINDOW = {"early": 63, "late": 40}


def main() -> None:
    values = Values("risk")
    for case in CONFIDENCE:
        series = read_series(case)
        for family in (tails, trailing_tails, backtests, regression, relative, pairs):
            family(values, series)
    values.write()


def tails(values: Values, s: Series) -> None:
    r, days, confidence = s.returns(), dated(s), CONFIDENCE[s.case]
    parameters = {"confidence": confidence}
    normal = float(scipy.stats.norm.ppf(1 - confidence))
    mean, deviation = float(r.mean()), float(r.std(ddof=1))
    shortfall = mean - deviation * float(scipy.stats.norm.pdf(normal)) / (1 - confidence)
    found = {
        "var_historical": (empyrical.value_at_risk(r, cutoff=1 - confidence), "empyrical value_at_risk"),
        "es_historical": (
            empyrical.conditional_value_at_risk(r, cutoff=1 - confidence), "empyrical conditional_value_at_risk",
        ),
        "var_parametric": (quantstats.value_at_risk(days, 1, confidence), "quantstats value_at_risk"),
        "es_parametric": (shortfall, "scipy stats.norm"),
    }  # fmt: skip
    for metric, (value, program) in found.items():
        values.whole(s.case, metric, parameters, value, program)
    for level in (0.95, 0.8):  # the second is monotone for less normal samples
        quantile = cornish_fisher(r, level)
        values.whole(s.case, "var_cornish_fisher", {"confidence": level}, quantile, "scipy stats.norm, skew, kurtosis")


def cornish_fisher(r: Array, confidence: float) -> float:
    """NaN outside the domain in which the expansion is monotone: Maillard (2012)."""
    z = scipy.stats.norm.ppf(1 - confidence)
    skew, kurtosis = scipy.stats.skew(r), scipy.stats.kurtosis(r)
    curvature = kurtosis / 8 - skew**2 / 6
    if not (curvature > 0 and skew**2 / 9 <= 4 * curvature * (1 - kurtosis / 8 + 5 * skew**2 / 36)):
        return math.nan
    bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * kurtosis / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    return float(r.mean() + r.std(ddof=1) * bent)


def trailing_tails(values: Values, s: Series) -> None:
    r, confidence, decay = pd.Series(late_start(s.returns())), CONFIDENCE[s.case], DECAY[s.case]
    normal = scipy.stats.norm.ppf(1 - confidence)
    variance = (r**2).ewm(alpha=1 - decay, adjust=False).mean().shift(1)
    parameters = {"confidence": confidence, "lam": decay}
    values.trailing(s, "var_ewma", parameters, (normal * np.sqrt(variance)).to_numpy(), "pandas ewm(adjust=False)")
    n = WINDOW[s.case]
    historical = rolling_var(r, n, confidence).to_numpy()
    windowed = {"confidence": confidence, "n": n}
    values.trailing(s, "var_historical_rolling", windowed, historical, "pandas rolling.quantile")


def rolling_var(r: "pd.Series[float]", n: int, confidence: float) -> "pd.Series[float]":
    """Quantile of the n returns before each."""
    return r.shift(1).rolling(n).quantile(1 - confidence)


def backtests(values: Values, s: Series) -> None:
    confidence, n = CONFIDENCE[s.case], WINDOW[s.case]
    r = pd.Series(late_start(s.returns()))
    limit = rolling_var(r, n, confidence)
    hits = (r < limit)[limit.notna()].to_numpy().astype(int)
    count, total = int(hits.sum()), len(hits)
    seen, promised = (float(scipy.stats.binom.logpmf(count, total, p)) for p in (count / total, 1 - confidence))
    kupiec = 2 * (seen - promised)
    table = np.zeros((2, 2))
    np.add.at(table, (hits[:-1], hits[1:]), 1)
    independence = scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    found = {
        "var_exceptions": (count, "pandas rolling.quantile"),
        "kupiec_lr": (kupiec, "scipy stats.binom"),
        "kupiec_pvalue": (scipy.stats.chi2.sf(kupiec, 1), "scipy stats.chi2"),
        "christoffersen_ind_lr": (independence, "scipy stats.chi2_contingency"),
        "christoffersen_ind_pvalue": (scipy.stats.chi2.sf(independence, 1), "scipy stats.chi2"),
        "christoffersen_cc_lr": (kupiec + independence, "scipy stats.chi2_contingency"),
        "christoffersen_cc_pvalue": (scipy.stats.chi2.sf(kupiec + independence, 2), "scipy stats.chi2"),
    }
    for metric, (value, program) in found.items():
        values.whole(s.case, metric, {"confidence": confidence, "n": n}, value, program)


def regression(values: Values, s: Series) -> None:
    ppy, rate = PPY[s.case], RATE[s.case]
    riskless = per_bar(rate, ppy)
    r, b = s.returns(), s.benchmark_returns()
    fit = sm.OLS(r - riskless, sm.add_constant(b - riskless)).fit()
    beta = empyrical.beta(r, b, risk_free=riskless)
    excess = float(np.mean(r - riskless)) * ppy
    ratio = empyrical.sharpe_ratio(r, risk_free=riskless, annualization=ppy)
    found = {
        "beta": (beta, "empyrical beta"),
        "jensen_alpha": (fit.params[0] * ppy, "statsmodels OLS"),
        "alpha_geometric": (empyrical.alpha(r, b, risk_free=riskless, annualization=ppy), "empyrical alpha"),
        "r_squared": (fit.rsquared, "statsmodels OLS"),
        "idiosyncratic_vol": (math.sqrt(fit.mse_resid * ppy), "statsmodels OLS"),
        "treynor": (excess / beta, "empyrical beta"),
        "m2": (riskless * ppy + ratio * float(np.std(b, ddof=1)) * math.sqrt(ppy), "empyrical sharpe_ratio"),
    }
    for metric, (value, program) in found.items():
        values.whole(s.case, metric, {"ppy": ppy, "rf": rate}, value, program)


def relative(values: Values, s: Series) -> None:
    ppy, r, b = PPY[s.case], s.returns(), s.benchmark_returns()
    tracking = float(np.std(r - b, ddof=1)) * math.sqrt(ppy)
    information = empyrical.excess_sharpe(r, b) * math.sqrt(ppy)
    values.whole(s.case, "tracking_error", {"ppy": ppy}, tracking, "numpy std")
    values.whole(s.case, "information_ratio", {"ppy": ppy}, information, "empyrical excess_sharpe")
    values.whole(s.case, "correlation", {}, scipy.stats.pearsonr(r, b).statistic, "scipy stats.pearsonr")
    values.whole(
        s.case, "batting_average", {}, empyrical.batting_average(r, b)["batting average"], "empyrical batting_average"
    )
    for metric, chosen in {"up_capture": b > 0, "down_capture": b < 0}.items():
        own, other = (float(scipy.stats.gmean(1 + earned[chosen])) - 1 for earned in (r, b))
        values.whole(s.case, metric, {}, own / other, "scipy stats.gmean")


def pairs(values: Values, s: Series) -> None:
    n = PAIR_WINDOW[s.case]
    own, other = pd.Series(late_start(s.returns())), pd.Series(late_start(s.benchmark_returns()))
    correlation = own.rolling(n).corr(other).to_numpy()
    slope = (own.rolling(n).cov(other) / other.rolling(n).var()).to_numpy()
    values.trailing(s, "rolling_correlation", {"n": n}, correlation, "pandas rolling.corr")
    values.trailing(s, "rolling_beta", {"n": n}, slope, "pandas rolling.cov")


if __name__ == "__main__":
    main()
