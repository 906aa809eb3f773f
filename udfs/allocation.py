"""Weights that theory would choose for a portfolio, of its members' covariance; NumPy arrays in, arrays out.

`returns` has shape (members, bars), `kind` is one of covariances.KINDS; NaN where the covariance matrix S is not
knowable or cannot be inverted.
"""

import numpy as np

from udfs.covariances import covariance_of
from udfs.linear_algebra import FloatArray

ROUNDS = 500  # of Newton's method; ten or twenty are what it takes
NEAR, EXACT = 0.25, 1e-11  # Newton decrements: full steps are safe; the next one is beyond all digits


def min_variance_weights(returns: FloatArray, kind: str) -> FloatArray:
    """Weights of least variance that sum to 1, short sales allowed: inv(S) 1 / (1' inv(S) 1).

    Source: Merton (1972), JFQA 7(4).
    """
    solved = _solved(covariance_of(returns, kind), np.ones(len(returns)))
    weights: FloatArray = solved / solved.sum()
    return weights


def growth_weights(returns: FloatArray, rate: float) -> FloatArray:
    """Kelly's leverages of several members, small-return form: inv(S) (mean - rate), all per bar.

    Source: Thorp (2006), sec. 7.
    """
    return _solved(covariance_of(returns, "sample"), returns.mean(axis=1) - rate)


def max_sharpe_weights(returns: FloatArray, rate: float, kind: str) -> FloatArray:
    """Weights of the greatest Sharpe ratio that sum to 1, short sales allowed: inv(S) (mean - rate), over its sum.

    NaN unless that sum is positive: where the portfolio of least variance earns no more than `rate`, no portfolio has a
    greatest ratio, and the weights that the formula gives have the least.
    Source: Tobin (1958), Review of Economic Studies 25(2).
    """
    solved = _solved(covariance_of(returns, kind), returns.mean(axis=1) - rate)
    total, size = float(solved.sum()), float(np.abs(solved).sum())
    if not total > 1e-12 * size:
        return np.full(len(returns), np.nan)
    weights: FloatArray = solved / total
    return weights


def risk_parity_weights(returns: FloatArray, kind: str) -> FloatArray:
    """Positive weights that sum to 1 and add the same to the portfolio's deviation, each.

    The least of x' C x / 2 - sum of ln x, C the correlation matrix, by Newton's method with the damping of
    self-concordant functions, which converges from anywhere; then x over the deviations.
    Sources: Maillard, Roncalli and Teiletche (2010), J. Portfolio Management 36(4); Spinu (2013), SSRN 2297383.
    """
    covariance = covariance_of(returns, kind)
    if not np.isfinite(covariance).all():
        return np.full(len(returns), np.nan)
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviations, deviations)
    x = np.full(len(returns), 1 / np.sqrt(correlation.sum() / len(returns)))
    for _ in range(ROUNDS):
        slope = correlation @ x - 1 / x
        step = np.linalg.solve(correlation + np.diag(1 / x**2), slope)
        decrement = float(np.sqrt(max(slope @ step, 0)))
        x = x - (step if decrement < NEAR else step / (1 + decrement))
        if decrement < EXACT:
            weights: FloatArray = x / deviations / np.sum(x / deviations)
            return weights
    return np.full(len(returns), np.nan)


def _solved(covariance: FloatArray, right: FloatArray) -> FloatArray:
    if not np.isfinite(covariance).all():
        return np.full(len(right), np.nan)
    solved: FloatArray = np.linalg.solve(covariance, right).astype(np.float64)
    return solved
