"""Tests that are regressions on a series' own past: augmented Dickey-Fuller, ARCH-LM. NumPy arrays in, numbers out."""

import math
from typing import NamedTuple

import numpy as np

from udfs.black_scholes import FloatArray

TRENDS = {"n": 0, "c": 1, "ct": 2, "ctt": 3}  # columns: constant, time, time squared
BLOCK_ROWS = 128
SAME_RETURNS = 4e-15  # what rounding of prices alone makes of equal returns
RANK_TOLERANCE = 1e-12  # a column with less than this share of its length left is a combination of those before it


class UnitRoot(NamedTuple):
    """t statistic of the level (NaN where there is none) and the lags that it was found with."""

    statistic: float
    lags: float


NO_UNIT_ROOT = UnitRoot(math.nan, math.nan)


def dickey_fuller(x: FloatArray, lags: int, trend: str, search: bool) -> UnitRoot:
    """Augmented Dickey-Fuller t statistic of x, shape (n,), with `lags` lagged differences.

    With `search` the number of lags, at most `lags`, has the least AIC; all are compared on the same rows. NaN unless
    n > 2 lags + 10, for an unknown trend, and where the regressors depend on each other (a straight line).
    Source: Said and Dickey (1984), Biometrika 71(3).
    """
    if trend not in TRENDS or lags < 0 or len(x) <= 2 * lags + 10 or not np.isfinite(x).all():
        return NO_UNIT_ROOT
    if search:
        lags = _best_lags(x, lags, trend)
    matrix = _regression(x, lags, trend)
    rows, count = matrix.shape[0], matrix.shape[1] - 1
    triangle = _triangle(matrix)
    error = abs(triangle[count, count]) / math.sqrt(max(rows - count, 1))
    along_level = triangle[count - 1, count] * math.copysign(1.0, triangle[count - 1, count - 1])
    if rows <= count or _is_deficient(matrix, triangle) or not error > RANK_TOLERANCE * abs(along_level):
        return NO_UNIT_ROOT
    return UnitRoot(along_level / error, float(lags))


def arch_lm(x: FloatArray, lags: int) -> float:
    """Rows times R squared of the squared deviations of x on a constant and their own `lags` last values.

    Chi-squared with `lags` degrees of freedom if volatility does not cluster. NaN when constant or for n <= 2 lags + 1.
    Source: Engle (1982), Econometrica 50(4).
    """
    if lags < 1 or len(x) <= 2 * lags + 1 or not np.isfinite(x).all() or np.ptp(x) <= SAME_RETURNS:
        return math.nan
    squares = (x - x.mean()) ** 2
    squares /= squares.max()
    rows = len(x) - lags
    matrix = np.column_stack(
        [np.ones(rows), *(squares[lags - k : len(x) - k] for k in range(1, lags + 1)), squares[lags:]]
    )
    along = _triangle(matrix)[:, -1] ** 2  # of the squares: along the constant, along each lag, and what is left
    total = float(along[1:].sum())
    return rows * (1 - float(along[-1]) / total) if total > rows * RANK_TOLERANCE**2 else math.nan


def _regression(x: FloatArray, lags: int, trend: str) -> FloatArray:
    """What explains the differences of x, column by column: trend, lagged differences, the level before; then they."""
    steps = np.diff(x)
    time = np.linspace(-1.0, 1.0, len(steps) - lags)
    level = x[lags:-1] - (x[0] if trend != "n" else 0.0)  # a constant takes up any shift; small levels round less
    lagged = [steps[lags - k : len(steps) - k] for k in range(1, lags + 1)]
    return np.column_stack([*(time**power for power in range(TRENDS[trend])), *lagged, level, steps[lags:]])


def _best_lags(x: FloatArray, most: int, trend: str) -> int:
    """Lags, 0 to `most`, of least AIC, from one triangle: the level first, then a column for each lag."""
    matrix = _regression(x, most, trend)
    rows, fixed = matrix.shape[0], TRENDS[trend]
    order = [*range(fixed), fixed + most, *range(fixed, fixed + most), fixed + most + 1]
    along = _triangle(matrix[:, order])[:, -1] ** 2
    left = np.cumsum(along[::-1])[::-1][fixed + 1 :]  # residual squares with 0, 1, ... lags
    if not (left > 0).all():
        return most
    return int(np.argmin(rows * np.log(left) + 2.0 * np.arange(most + 1)))


def _triangle(matrix: FloatArray) -> FloatArray:
    """R of the QR decomposition, block of rows by block of rows.

    The blocks are small so that the linear algebra library starts no threads: they would wait for each other for longer
    than the work takes.
    """
    columns = matrix.shape[1]
    block = max(BLOCK_ROWS, 2 * columns)
    while len(matrix) > block:
        padded = np.zeros((-(-len(matrix) // block) * block, columns))
        padded[: len(matrix)] = matrix
        matrix = np.asarray(np.linalg.qr(padded.reshape(-1, block, columns), mode="r")).reshape(-1, columns)
    return np.asarray(np.linalg.qr(matrix, mode="r"))


def _is_deficient(matrix: FloatArray, triangle: FloatArray) -> bool:
    lengths = np.sqrt((matrix[:, :-1] ** 2).sum(axis=0))
    return bool((np.abs(np.diag(triangle)[:-1]) <= RANK_TOLERANCE * lengths).any())
