"""Makes values/dependence.parquet: autocorrelation, stationarity and shape by statsmodels, arch and SciPy."""

import math
import warnings

import numpy as np
import scipy.stats
import statsmodels.api as sm
from arch.unitroot import PhillipsPerron, VarianceRatio
from scipy.special import gammaln
from statsmodels.stats.diagnostic import acorr_ljungbox, het_arch
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.stattools import acf, adfuller, kpss, pacf

from tests.golden.frozen import Array, Series, Values, read_series

LAGS = {"early": 10, "late": 15}
UNIT_ROOT_LAGS = {"early": 7, "late": 3}
STEPS = {"early": 4, "late": 12}
WINDOWS = (16, 32, 64, 128, 256)


def main() -> None:
    warnings.simplefilter("ignore", FutureWarning)  # statsmodels' tuples will become named tuples
    values = Values("dependence")
    for case in LAGS:
        series = read_series(case)
        for family in (correlations, unit_roots, random_walk, memory, shape):
            family(values, series)
    values.write()


def correlations(values: Values, s: Series) -> None:
    lags, r = LAGS[s.case], s.log_returns()
    parameters = {"lags": lags}
    values.vector(s.case, "autocorrelation", parameters, acf(r, nlags=lags)[1:], "statsmodels acf")
    partial = pacf(r, nlags=lags, method="ywm")[1:]
    values.vector(s.case, "partial_autocorrelation", parameters, partial, "statsmodels pacf(ywm)")
    box = acorr_ljungbox(r, lags=[lags])
    values.whole(s.case, "ljung_box_stat", parameters, box["lb_stat"].iloc[0], "statsmodels acorr_ljungbox")
    values.whole(s.case, "ljung_box_pvalue", parameters, box["lb_pvalue"].iloc[0], "statsmodels acorr_ljungbox")
    statistic, p_value, *_ = het_arch(r - r.mean(), nlags=lags)
    values.whole(s.case, "arch_lm_stat", parameters, statistic, "statsmodels het_arch")
    values.whole(s.case, "arch_lm_pvalue", parameters, p_value, "statsmodels het_arch")


def unit_roots(values: Values, s: Series) -> None:
    price, lags = np.log(s.column("adj_close")), UNIT_ROOT_LAGS[s.case]
    parameters = {"lags": lags}
    statistic, p_value, *_ = adfuller(price, maxlag=lags, regression="c", autolag=None)
    values.whole(s.case, "adf_stat", parameters, statistic, "statsmodels adfuller")
    values.whole(s.case, "adf_pvalue", parameters, p_value, "statsmodels adfuller")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # p values outside 0.01 to 0.1 are cut to it
        statistic, p_value, *_ = kpss(price, regression="c", nlags=lags)
    values.whole(s.case, "kpss_stat", parameters, statistic, "statsmodels kpss")
    values.whole(s.case, "kpss_pvalue", parameters, p_value, "statsmodels kpss")
    test = PhillipsPerron(price, lags=lags, trend="c")
    values.whole(s.case, "phillips_perron_stat", parameters, test.stat, "arch PhillipsPerron")
    values.whole(s.case, "phillips_perron_pvalue", parameters, test.pvalue, "arch PhillipsPerron")


def random_walk(values: Values, s: Series) -> None:
    price, k = np.log(s.column("adj_close")), STEPS[s.case]
    test = VarianceRatio(price, lags=k, trend="c", debiased=True, robust=True, overlap=True)
    values.whole(s.case, "variance_ratio", {"k": k}, test.vr, "arch VarianceRatio")
    values.whole(s.case, "variance_ratio_z", {"k": k}, test.stat, "arch VarianceRatio")
    values.whole(s.case, "variance_ratio_pvalue", {"k": k}, test.pvalue, "arch VarianceRatio")
    slope = sm.OLS(np.diff(price), sm.add_constant(price[:-1])).fit().params[1]
    half_life = -math.log(2) / math.log(1 + slope) if -1 < slope < 0 else math.nan
    values.whole(s.case, "half_life", {}, half_life, "statsmodels OLS")


def memory(values: Values, s: Series) -> None:
    """Hurst exponents, as plain NumPy formulas: no package has these definitions."""
    lengths = np.log(WINDOWS)
    measured = np.log([rescaled_range(s.log_returns(), window) for window in WINDOWS])
    expected = np.log([anis_lloyd(window) for window in WINDOWS])
    exponent, noise = np.polyfit(lengths, measured, 1)[0], np.polyfit(lengths, expected, 1)[0]
    values.whole(s.case, "hurst_rs", {}, exponent, "numpy polyfit")
    values.whole(s.case, "hurst_rs_corrected", {}, exponent - noise + 0.5, "numpy polyfit")
    price = np.log(s.column("adj_close"))
    lags = np.arange(2, 21)
    spreads = [np.std(price[lag:] - price[:-lag]) for lag in lags]
    slope = np.polyfit(np.log(lags), np.log(spreads), 1)[0]
    values.whole(s.case, "hurst_lagged_std", {}, slope, "numpy polyfit")


def rescaled_range(r: Array, window: int) -> float:
    """Mean of range over deviation of the cumulated deviations, windows side by side from the first return."""
    blocks = r[: len(r) // window * window].reshape(-1, window)
    walks = np.cumsum(blocks - blocks.mean(axis=1, keepdims=True), axis=1)
    return float(np.mean((walks.max(axis=1) - walks.min(axis=1)) / blocks.std(axis=1)))


def anis_lloyd(window: int) -> float:
    """Expected rescaled range of independent normal numbers; Anis and Lloyd (1976), Biometrika 63(1)."""
    i = np.arange(1, window)
    ratio = math.exp(gammaln((window - 1) / 2) - gammaln(window / 2)) / math.sqrt(math.pi)
    return ratio * float(np.sum(np.sqrt((window - i) / i)))


def shape(values: Values, s: Series) -> None:
    r = s.returns()
    moments = {
        "skewness": (scipy.stats.skew(r), "scipy stats.skew"),
        "skewness_sample": (scipy.stats.skew(r, bias=False), "scipy stats.skew(bias=False)"),
        "excess_kurtosis": (scipy.stats.kurtosis(r), "scipy stats.kurtosis"),
        "excess_kurtosis_sample": (scipy.stats.kurtosis(r, bias=False), "scipy stats.kurtosis(bias=False)"),
        "jarque_bera": (scipy.stats.jarque_bera(r).statistic, "scipy stats.jarque_bera"),
        "durbin_watson": (durbin_watson(r - r.mean()), "statsmodels durbin_watson"),
    }
    for metric, (value, program) in moments.items():
        values.whole(s.case, metric, {}, value, program)


if __name__ == "__main__":
    main()
