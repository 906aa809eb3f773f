"""Least squares under inequalities, on many small problems at once: each step solves its linearised problem exactly.

The step is the one of least length in the metric of the damped normal equations that keeps the linearised inequalities
(Lawson, Hanson (1974), Solving Least Squares Problems, ch. 23: least distance programming by NNLS); what counts as
progress is the sum of squares and, at a price above the inequalities' multipliers, how far they are broken.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import scipy

from udfs.black_scholes import FloatArray
from udfs.contracts import IndexArray
from udfs.least_squares import DAMPING, EASED, RAISED, STUCK, TINY, Model

# Unknowns (some rows, size) and which rows -> what has to stay positive (rows, nodes), and its derivatives
Room: TypeAlias = Callable[[FloatArray, IndexArray], tuple[FloatArray, FloatArray]]

SMALL_GAIN = 1e-6  # of the merit: less ends a row's descent
NNLS_ROUNDS = 1000


def least_squares_within(
    model: Model, room: Room, start: FloatArray, low: FloatArray, high: FloatArray, rounds: int
) -> FloatArray:
    """Where the sum of squares of each row is least among unknowns that leave room, near its start."""
    unknowns, going = start.copy(), np.arange(len(start))
    here = [*model(start, going), *room(start, going)]
    damping, price = np.full(len(start), DAMPING), np.zeros(len(start))
    for _ in range(rounds):
        steps = [_step(*parts) for parts in zip(*here, damping[going], strict=True)]
        price[going] = np.maximum(price[going], [2 * multiplier for _, multiplier in steps])
        trial = np.clip(unknowns[going] + [step for step, _ in steps], low[going], high[going])
        there = [*model(trial, going), *room(trial, going)]
        merit = _merit(here, price[going])
        gain = merit - _merit(there, price[going])
        better = gain > 0
        unknowns[going[better]] = trial[better]
        here = [
            np.where(better.reshape(-1, *[1] * (old.ndim - 1)), new, old) for new, old in zip(there, here, strict=True)
        ]
        small = better & (gain <= SMALL_GAIN * merit) & (damping[going] <= DAMPING)
        damping[going] *= np.where(better, EASED, RAISED)
        kept = (damping[going] < STUCK) & ~small
        going, here = going[kept], [part[kept] for part in here]
        if not len(going):
            break
    return unknowns


def _merit(parts: list[FloatArray], price: FloatArray) -> FloatArray:
    residuals, _, room, _ = parts
    merit = np.sum(residuals**2, axis=1) + price * np.sum(np.maximum(-room, 0), axis=1)
    return np.where(np.isfinite(merit), merit, np.inf)


def _step(
    residuals: FloatArray, jacobian: FloatArray, room: FloatArray, slopes: FloatArray, damping: float
) -> tuple[FloatArray, float]:
    """The step of one row, and the greatest multiplier of its inequalities; no step where there is no number."""
    size = jacobian.shape[1]
    normal, gradient = jacobian.T @ jacobian, jacobian.T @ residuals
    normal += np.diag(damping * np.diag(normal) + 1e-12 * np.trace(normal) + TINY)
    if not np.isfinite([*normal.flat, *gradient, room.sum(), slopes.sum()]).all():
        return np.zeros(size), 0.0
    free: FloatArray = np.linalg.solve(normal, -gradient).astype(np.float64)
    if (room + slopes @ free >= 0).all():
        return free, 0.0
    back = np.linalg.inv(np.linalg.cholesky(normal)).T
    reach = slopes @ back
    target = np.append(np.zeros(size), 1.0)
    problem = np.vstack([reach.T, -room - slopes @ free])
    weights, _ = scipy.optimize.nnls(problem, target, maxiter=NNLS_ROUNDS)
    left = problem @ weights - target
    if not left[-1] < -1e-12:
        return np.zeros(size), 0.0
    step: FloatArray = (free - back @ (left[:-1] / left[-1])).astype(np.float64)
    return step, 2 * float((weights / -left[-1]).max())
