"""GARCH(1,1) with a constant mean by normal quasi-maximum likelihood. Source: Bollerslev (1986), J. Econometrics 31(3).

    h(t) = omega + alpha e(t-1)^2 + beta h(t-1),    e(t) = x(t) - mu,    alpha, beta >= 0,  alpha + beta <= 1

Before the first value both e^2 and h are the backcast: a mean of the first 75 squared deviations that forgets by 0.94.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy
from threadpoolctl import ThreadpoolController

from udfs.black_scholes import FloatArray

Loss: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

MIN_RETURNS = 100
SAME_RETURNS = 4e-13  # per cent: what rounding of prices alone makes of equal returns
BACKCAST_LENGTH, BACKCAST_DECAY = 75, 0.94
MAX_PERSISTENCE = 1 - 1e-9
# Where to climb from: for each alpha (calm to nervous) the likeliest persistence (short to long memory). Near alpha = 0
# the likelihood is flat and has several tops, so that one start would miss the highest.
ALPHAS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4)
PERSISTENCES = (0.5, 0.8, 0.9, 0.96, 0.99, 0.999)
DRIFTING = (0.0, 3e-4, 1e-4, 0.9995)  # and one more: a variance that only wanders off slowly
BOUNDS = [(-10.0, 10.0), (1e-10, 10.0), (0.0, 1.0), (0.0, 1.0)]  # of mu, omega, alpha and beta, in standard deviations
LOG_2_PI = math.log(2 * math.pi)


class Garch(NamedTuple):
    """Estimates in units of x and x squared; `variance` h(t) has the shape of x. All NaN where there is no fit."""

    mu: float
    omega: float
    alpha: float
    beta: float
    loglik: float
    variance: FloatArray


def garch11(x: FloatArray) -> Garch:
    """The most likely GARCH(1,1) of x, shape (n,). NaN for fewer than 100 values and when constant.

    The climb is done on x in units of its standard deviation, so that no step depends on the scale.
    """
    if len(x) < MIN_RETURNS or not np.isfinite(x).all() or np.ptp(x) <= SAME_RETURNS:
        return _no_fit(len(x))
    centre, scale = float(x.mean()), float(x.std())
    z = (x - centre) / scale
    backcast = backcast_of(z)
    best = _climb(z, backcast)
    if best is None:
        return _no_fit(len(x))
    mu, omega, alpha, beta = (float(parameter) for parameter in best)
    variance = _variance(z - mu, backcast, omega, alpha, beta)
    loglik = -len(x) * (_mean_loss(best, z, backcast)[0] + math.log(scale))
    return Garch(centre + scale * mu, scale**2 * omega, alpha, beta, loglik, scale**2 * variance)


def backcast_of(deviations: FloatArray) -> float:
    """Mean of the first squared deviations, the earliest weighted most."""
    early = deviations[:BACKCAST_LENGTH] ** 2
    return float(np.average(early, weights=BACKCAST_DECAY ** np.arange(len(early))))


def _no_fit(n: int) -> Garch:
    return Garch(math.nan, math.nan, math.nan, math.nan, math.nan, np.full(n, np.nan))


def _climb(z: FloatArray, backcast: float) -> FloatArray | None:
    """The best point that is reached from any start; None if none is finite."""

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        return _mean_loss(parameters, z, backcast)

    stationary = scipy.optimize.LinearConstraint([[0.0, 0.0, 1.0, 1.0]], ub=MAX_PERSISTENCE)
    best, least = None, math.inf
    for start in [*(_likeliest(alpha, loss) for alpha in ALPHAS), np.array(DRIFTING)]:
        with _linear_algebra().limit(limits=1, user_api="blas"):
            found = scipy.optimize.minimize(
                loss,
                start,
                method="SLSQP",
                jac=True,
                bounds=BOUNDS,
                constraints=stationary,
                options={"ftol": 1e-13, "maxiter": 300},
            )
        if np.isfinite(found.x).all() and found.fun < least:
            best, least = np.asarray(found.x), float(found.fun)
    return best


@cache
def _linear_algebra() -> ThreadpoolController:
    """Of scipy, once that is loaded. One thread: several add in another order, and the climb of a flat hill then ends
    elsewhere (1e-7 apart), so that the answer would depend on the machine's cores.
    """
    return ThreadpoolController()


def _likeliest(alpha: float, loss: Loss) -> FloatArray:
    """Among starts of this alpha and of unit variance the one with the least loss."""
    starts = [np.array([0.0, 1 - total, alpha, total - alpha]) for total in PERSISTENCES]
    return min(starts, key=lambda start: loss(start)[0])


def _variance(e: FloatArray, backcast: float, omega: float, alpha: float, beta: float) -> FloatArray:
    inputs = np.empty_like(e)
    inputs[0] = omega + (alpha + beta) * backcast
    inputs[1:] = omega + alpha * e[:-1] ** 2
    return np.asarray(scipy.signal.lfilter([1.0], [1.0, -beta], inputs))


def _mean_loss(parameters: FloatArray, z: FloatArray, backcast: float) -> tuple[float, FloatArray]:
    """Minus the mean log likelihood, and its derivatives, which follow the recursion of the variance."""
    mu, omega, alpha, beta = parameters
    e = z - mu
    h = np.maximum(_variance(e, backcast, omega, alpha, beta), 1e-12)
    inputs = np.empty((4, len(z)))  # of the derivatives of h by mu, omega, alpha and beta
    inputs[:, 0] = 0.0, 1.0, backcast, backcast
    inputs[0, 1:] = -2 * alpha * e[:-1]
    inputs[1, 1:] = 1.0
    inputs[2, 1:] = e[:-1] ** 2
    inputs[3, 1:] = h[:-1]
    slopes = scipy.signal.lfilter([1.0], [1.0, -beta], inputs, axis=1)
    share = e / h
    loss = 0.5 * (LOG_2_PI + np.log(h) + e * share).mean()
    gradient = 0.5 * (slopes * (1 / h - share**2)).mean(axis=1)
    gradient[0] -= share.mean()
    return float(loss), gradient
