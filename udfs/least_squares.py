"""Levenberg and Marquardt's method on many small problems at once. Source: More (1978), in Numerical Analysis."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from udfs.black_scholes import FloatArray
from udfs.contracts import IndexArray

# Unknowns (some rows, size) and which rows -> residuals (rows, points), and their derivatives (rows, points, size)
Model: TypeAlias = Callable[[FloatArray, IndexArray], tuple[FloatArray, FloatArray]]

DAMPING, EASED, RAISED, STUCK = 1e-3, 0.3, 3.0, 1e12
SMALL_GAIN = 1e-9  # of the sum of squares: less ends a row's descent
EXACT = 1e-29  # sum of squares: nothing is left but rounding
TINY = 1e-300


def least_squares_many(model: Model, start: FloatArray, low: FloatArray, high: FloatArray, rounds: int) -> FloatArray:
    """Where the sum of squares of each row is least, near its start and within bounds."""
    unknowns, going = start.copy(), np.arange(len(start))
    residuals, jacobian = model(start, going)
    loss, damping = _loss(residuals), np.full(len(start), DAMPING)
    for _ in range(rounds):
        step = _step(residuals, jacobian, damping[going])
        trial = np.clip(unknowns[going] + step, low[going], high[going])
        residuals_there, jacobian_there = model(trial, going)
        gain = loss[going] - _loss(residuals_there)
        better = gain > 0
        small = better & (gain <= SMALL_GAIN * loss[going]) & (damping[going] <= DAMPING)
        unknowns[going[better]], loss[going[better]] = trial[better], _loss(residuals_there[better])
        residuals = np.where(better[:, None], residuals_there, residuals)
        jacobian = np.where(better[:, None, None], jacobian_there, jacobian)
        damping[going] *= np.where(better, EASED, RAISED)
        kept = (damping[going] < STUCK) & (loss[going] > EXACT) & ~small
        going, residuals, jacobian = going[kept], residuals[kept], jacobian[kept]
        if not len(going):
            break
    return unknowns


def _loss(residuals: FloatArray) -> FloatArray:
    loss = np.sum(residuals * residuals, axis=1)
    return np.where(np.isfinite(loss), loss, np.inf)


def _step(residuals: FloatArray, jacobian: FloatArray, damping: FloatArray) -> FloatArray:
    """The damped normal equations; a row that has no number stays where it is."""
    across = jacobian.transpose(0, 2, 1)
    normal, gradient = across @ jacobian, (across @ residuals[:, :, None])[:, :, 0]
    size = normal.shape[-1]
    diagonal = normal[:, range(size), range(size)]
    normal[:, range(size), range(size)] += damping[:, None] * diagonal + 1e-15 * diagonal.max(axis=1)[:, None] + TINY
    sound = np.isfinite(normal).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
    normal[~sound], gradient[~sound] = np.eye(size), 0.0
    return np.asarray(np.linalg.solve(normal, -gradient[:, :, None])[:, :, 0], dtype=np.float64)
