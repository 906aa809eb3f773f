"""Least squares with standard errors of both kinds; NumPy arrays in, arrays out. NaN is what is not knowable."""

from typing import NamedTuple

import numpy as np

from udfs.linear_algebra import FloatArray, is_regular

ROUNDING = 1e-24  # of the sum of squares: residuals of less are only rounding


class Regression(NamedTuple):
    """Least squares of y on a constant and the columns of x: constant first, then a coefficient per column."""

    coefficients: FloatArray
    standard_errors: FloatArray  # for errors that are independent and equal
    t_values: FloatArray
    hac_standard_errors: FloatArray  # for errors that depend on each other and change, Newey and West
    hac_t_values: FloatArray
    r_squared: float
    adjusted_r_squared: float


def least_squares(y: FloatArray, x: FloatArray, lags: int) -> Regression:
    """Ordinary least squares with a constant. Shapes (n,) and (n, k); NaN unless n > k + 1 and x has full rank.

    Robust errors weigh `lags` autocovariances of the scores by Bartlett's kernel, without a small-sample correction.
    Sources: Greene, Econometric Analysis, ch. 4; Newey and West (1987), Econometrica 55(3).
    """
    count, width = len(y), x.shape[1] + 1
    unknown = np.full(width, np.nan)
    design = np.column_stack([np.ones(count), x])
    if count <= width or not is_regular(design):
        return Regression(unknown, unknown, unknown, unknown, unknown, np.nan, np.nan)
    q, r = np.linalg.qr(design)
    coefficients = np.linalg.solve(r, q.T @ y)
    if y.max() == y.min():
        return Regression(coefficients, unknown, unknown, unknown, unknown, np.nan, np.nan)
    residuals = y - design @ coefficients
    total = float(np.sum((y - y.mean()) ** 2))
    squares = float(residuals @ residuals)
    residuals, squares = (residuals, squares) if squares > ROUNDING * total else (0 * residuals, 0.0)
    inverse = np.linalg.inv(r)
    errors = np.sqrt(squares / (count - width) * np.sum(inverse**2, axis=1))
    robust = _robust_errors(q * residuals[:, None], inverse, lags)
    adjusted = 1 - squares / total * (count - 1) / (count - width)
    return Regression(
        coefficients, errors, _ratio(coefficients, errors), robust, _ratio(coefficients, robust),
        1 - squares / total, adjusted,
    )  # fmt: skip


def _robust_errors(scores: FloatArray, inverse: FloatArray, lags: int) -> FloatArray:
    """Roots of the diagonal of inv(X'X) S inv(X'X), of scores in the orthogonal coordinates of X."""
    middle = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        lagged = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (lagged + lagged.T)
    variances = np.einsum("ij,jk,ik->i", inverse, middle, inverse)
    roots: FloatArray = np.sqrt(np.clip(variances, 0, None))
    return roots


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """NaN where the denominator is 0."""
    ratio: FloatArray = np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > 0)
    return ratio
