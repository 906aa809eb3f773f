"""One surface through all expiries of a chain, without calendar or butterfly arbitrage by construction: SSVI.

    w(k, theta) = theta / 2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)),
    phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)),    0 < gamma <= 1/2,    eta (1 + |rho|) <= 2

with theta the at-the-money total variance of an expiry, never less than that of the expiry before. In the variables
eta (1 - rho) and eta (1 + rho), each between 0 and 2, the conditions are bounds.
Source: Gatheral, Jacquier (2014), Arbitrage-free SVI volatility surfaces, Quantitative Finance 14(1), section 4.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

from udfs.black_scholes import FloatArray
from udfs.contracts import IndexArray
from udfs.least_squares import least_squares_many
from udfs.svi import usable_points

STATUSES = ("ok", "too_few_strikes", "bad_input")
OK, TOO_FEW_STRIKES, BAD_INPUT = range(3)

MIN_STRIKES = 5
MIN_RISE = 1e-6  # of theta, from one expiry to the next, at the start
STARTS = tuple(
    (rho, eta, gamma) for rho in (-0.7, -0.3, 0.0, 0.4) for eta in (0.3, 0.8, 1.1) for gamma in (0.1, 0.3, 0.45)
)
TRIED, FIRST_ROUNDS, ROUNDS = 3, 4, 200
LOGIT_RANGE, LOG_RANGE = 20.0, 60.0  # of the free variables: farther out a share is 0 or 1, a theta nothing
MAX_START_POINTS = 500  # by which starts are compared
NO_ROWS = np.empty(0, dtype=np.intp)


class Points(NamedTuple):
    """All usable points of a chain, and to which expiry each belongs; weights sum to 1."""

    k: FloatArray
    w: FloatArray
    weight: FloatArray
    expiry: IndexArray


class SsviFit(NamedTuple):
    """A surface; NaN where the status, an index into STATUSES, is not OK. `rmse` weighted, in total variance."""

    thetas: FloatArray  # by expiry; NaN for one without usable points
    rho: float
    eta: float
    gamma: float
    rmse: float
    status: int


def ssvi_fit(k: Sequence[FloatArray], w: Sequence[FloatArray], weight: Sequence[FloatArray]) -> SsviFit:
    """The surface with the least weighted squared error in total variance; expiries in order, nearest first.

    Weights compare points of all expiries: with equal ones the far expiries, whose total variance is large, count most.
    """
    thetas = np.full(len(k), np.nan)
    unknown = SsviFit(thetas, np.nan, np.nan, np.nan, np.nan, BAD_INPUT)
    same = len(k) == len(w) == len(weight)
    if not same or any(not len(a) == len(b) == len(c) for a, b, c in zip(k, w, weight, strict=True)):
        return unknown
    smiles = [usable_points(*smile) for smile in zip(k, w, weight, strict=True)]
    usable = [smile for smile in smiles if smile.shape[1]]
    if sum(len(np.unique(smile[0])) for smile in usable) < MIN_STRIKES:
        return unknown._replace(status=TOO_FEW_STRIKES)
    with np.errstate(all="ignore"):
        found, rmse = _fitted(_points(usable), len(usable))
    thetas[[smile.shape[1] > 0 for smile in smiles]] = np.cumsum(np.exp(found[3:]))
    rho, eta, gamma = (float(value) for value in _shape(found[:3]))
    return SsviFit(thetas, rho, eta, gamma, rmse, OK)


def _points(smiles: list[FloatArray]) -> Points:
    k, w, weight = np.concatenate(smiles, axis=1)
    weight = weight / weight.max()
    return Points(k, w, weight / weight.sum(), np.repeat(np.arange(len(smiles)), [smile.shape[1] for smile in smiles]))


def _fitted(points: Points, expiries: int) -> tuple[FloatArray, float]:
    """The free variables and the error."""
    scale = float(points.weight @ points.w)
    root = np.sqrt(points.weight) / scale

    def model(free: FloatArray, _: IndexArray) -> tuple[FloatArray, FloatArray]:
        values, gradients = zip(*(_surface(row, points) for row in free), strict=True)
        return root * (np.array(values) - points.w), root[:, None] * np.array(gradients)

    stride = -(-len(points.k) // MAX_START_POINTS)
    rough = Points(points.k[::stride], points.w[::stride], points.weight[::stride], points.expiry[::stride])

    def ordered(rows: FloatArray) -> FloatArray:
        losses = [np.sum(rough.weight * (_surface(row, rough)[0] - rough.w) ** 2) for row in rows]
        return rows[np.argsort(losses, kind="stable")]

    def moved(rows: FloatArray, rounds: int) -> FloatArray:
        bound = np.where(np.arange(rows.shape[1]) < 3, LOGIT_RANGE, LOG_RANGE) * np.ones(rows.shape)
        return least_squares_many(model, rows, -bound, bound, rounds)

    level = _start_levels(points, expiries)
    starts = np.array([[*_free_shape(*shape), *level] for shape in STARTS])
    found = moved(ordered(moved(ordered(starts)[:TRIED], FIRST_ROUNDS))[:1], ROUNDS)
    return found[0], scale * float(np.sqrt(np.sum(model(found, NO_ROWS)[0] ** 2)))


def _start_levels(points: Points, expiries: int) -> FloatArray:
    """Logarithms of the first theta and of each rise to the next, from the smiles at the money."""
    level = np.empty(expiries)
    for expiry in range(expiries):
        k, w = points.k[points.expiry == expiry], points.w[points.expiry == expiry]
        order = np.argsort(k, kind="stable")
        level[expiry] = np.interp(0.0, k[order], w[order])
    rises = np.diff(np.maximum.accumulate(level), prepend=0.0)
    logs: FloatArray = np.log(np.maximum(rises, MIN_RISE * level.max()))
    return logs


def _free_shape(rho: float, eta: float, gamma: float) -> FloatArray:
    return np.asarray(scipy.special.logit([eta * (1 - rho) / 2, eta * (1 + rho) / 2, 2 * gamma]))


def _shape(free: FloatArray) -> tuple[float, float, float]:
    """rho, eta and gamma."""
    left, right, double = scipy.special.expit(free)
    return (right - left) / (right + left), left + right, double / 2


def _surface(free: FloatArray, points: Points) -> tuple[FloatArray, FloatArray]:
    """w at every point, and its derivatives by the free variables: shape (points, 3 + expiries)."""
    (rho, eta, gamma), (left, right, double) = _shape(free[:3]), scipy.special.expit(free[:3])
    rises = np.exp(free[3:])
    theta = np.cumsum(rises)[points.expiry]
    x = points.k * eta / (theta**gamma * (1 + theta) ** (1 - gamma))
    root = np.sqrt((x + rho) ** 2 + 1 - rho**2)
    w = 0.5 * theta * (1 + rho * x + root)
    by_stretch = 0.5 * theta * x * (rho + (x + rho) / root)  # by ln phi
    by_rho, by_eta = 0.5 * theta * x * (1 + 1 / root), by_stretch / eta
    by_theta = w / theta - by_stretch * (gamma / theta + (1 - gamma) / (1 + theta))
    by_left = (by_eta - by_rho * 2 * right / eta**2) * left * (1 - left)
    by_right = (by_eta + by_rho * 2 * left / eta**2) * right * (1 - right)
    by_double = by_stretch * np.log1p(1 / theta) * 0.5 * double * (1 - double)
    reached = points.expiry[:, None] >= np.arange(len(rises))
    return w, np.column_stack([by_left, by_right, by_double, by_theta[:, None] * reached * rises])
