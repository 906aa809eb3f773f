"""Tests that are regressions on a series' own past: augmented Dickey-Fuller, ARCH-LM. NumPy arrays in, numbers out."""

import math
from typing import NamedTuple

import numpy as np

from udfs.black_scholes import FloatArray

TRENDS = {"n": 0, "c": 1, "ct": 2, "ctt": 3}  # columns: constant, time, time squared
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
    y, columns = _regression(x, lags, trend)
    rows, count = columns.shape
    q, r = np.linalg.qr(columns)
    if rows <= count or _is_deficient(columns, r):
        return NO_UNIT_ROOT
    coefficients = np.linalg.solve(r, q.T @ y)
    residuals = y - columns @ coefficients
    # The level is the last column, so that its variance is the last element of the inverse, 1 / r^2.
    error = math.sqrt(float(residuals @ residuals) / (rows - count)) / abs(r[-1, -1])
    if not error > RANK_TOLERANCE * abs(coefficients[-1]):
        return NO_UNIT_ROOT
    return UnitRoot(float(coefficients[-1]) / error, float(lags))


def arch_lm(x: FloatArray, lags: int) -> float:
    """Rows times R squared of the squared deviations of x on a constant and their own `lags` last values.

    Chi-squared with `lags` degrees of freedom if volatility does not cluster. NaN when constant or for n <= 2 lags + 1.
    Source: Engle (1982), Econometrica 50(4).
    """
    if lags < 1 or len(x) <= 2 * lags + 1 or not np.isfinite(x).all() or x.max() == x.min():
        return math.nan
    squares = (x - x.mean()) ** 2
    squares /= squares.max()
    y, rows = squares[lags:], len(x) - lags
    columns = np.column_stack([np.ones(rows), *(squares[lags - k : len(x) - k] for k in range(1, lags + 1))])
    total = float(((y - y.mean()) ** 2).sum())
    if total <= 0:
        return math.nan
    fitted = columns @ np.linalg.lstsq(columns, y)[0]
    return rows * (1 - float(((y - fitted) ** 2).sum()) / total)


def _regression(x: FloatArray, lags: int, trend: str) -> tuple[FloatArray, FloatArray]:
    """Differences of x, and what explains them: trend, lagged differences, the level before in the last column."""
    steps = np.diff(x)
    rows = len(steps) - lags
    time = np.linspace(-1.0, 1.0, rows)
    level = x[lags:-1] - (x[0] if trend != "n" else 0.0)  # a constant takes up any shift; small levels round less
    lagged = [steps[lags - k : len(steps) - k] for k in range(1, lags + 1)]
    return steps[lags:], np.column_stack([*(time**power for power in range(TRENDS[trend])), *lagged, level])


def _best_lags(x: FloatArray, most: int, trend: str) -> int:
    """Lags, 0 to `most`, of least AIC, from one QR decomposition: the level first, then a column for each lag."""
    y, columns = _regression(x, most, trend)
    fixed = TRENDS[trend]
    order = [*range(fixed), columns.shape[1] - 1, *range(fixed, columns.shape[1] - 1)]
    q, _ = np.linalg.qr(columns[:, order])
    explained = q.T @ y
    left = y - q @ explained
    later = np.concatenate([np.cumsum(explained[::-1] ** 2)[::-1], [0.0]])
    rows = len(y)
    squares = float(left @ left) + later[fixed + 1 :]  # residual squares with 0, 1, ... lags
    if not (squares > 0).all():
        return most
    return int(np.argmin(rows * np.log(squares) + 2.0 * np.arange(most + 1)))


def _is_deficient(columns: FloatArray, r: FloatArray) -> bool:
    lengths = np.linalg.norm(columns, axis=0)
    return bool((np.abs(np.diag(r)) <= RANK_TOLERANCE * lengths).any())
