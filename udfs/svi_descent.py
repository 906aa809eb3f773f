"""How a curve comes to its smile.

For given m and sigma the other three parameters solve a linear problem (Zeliade Systems (2009), Quasi-explicit
calibration of Gatheral's SVI model): over a grid of these two it gives the starts. From the best of them all five move
by least squares, in variables that keep every bound. A curve whose g (see svi) is negative somewhere is moved on under
a growing penalty, and what is left of it is removed by flattening the smile as little as it takes.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from udfs.black_scholes import BoolArray, FloatArray
from udfs.contracts import IndexArray
from udfs.least_squares import Model, least_squares_many
from udfs.svi import arbitrage_nodes, durrleman, durrleman_gradient, least_durrleman, svi_curve, svi_gradient

# Starts: m from a quarter of the quoted width outside it, sigma in units of that width; one of each third of the sigmas
GRID_M, GRID_SIGMA, BANDS = np.linspace(-0.25, 1.25, 13), np.geomspace(0.01, 2.0, 9), 3
START_SLOPES, START_LEAST = (1e-4, 1.9), 1e-3

MIN_SLOPE, MAX_SLOPE = 1e-9, 2 * (1 - 1e-9)
MIN_LEAST, MAX_LEAST = 1e-12, 1e3  # of the mean total variance
MIN_SIGMA, MAX_SIGMA, MAX_OUTSIDE = 1e-4, 1e2, 1e2  # of the quoted width

MARGIN = 1e-7  # of g, where a curve had to be moved
FIRST_ROUNDS, ROUNDS, PENALTIES, PENALTY_ROUNDS, BISECTIONS = 12, 200, (1.0, 1e2, 1e4), 25, 30


class Smiles(NamedTuple):
    """Quoted smiles as arrays of shape (rows, points): weights sum to 1 and are 0 in what only fills a row up."""

    k: FloatArray
    w: FloatArray
    weight: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean total variance, shape (rows,)."""
        return self.mean_of(self.w)

    @property
    def low(self) -> FloatArray:
        """The lowest log-moneyness; what fills a row up repeats one of its points."""
        low: FloatArray = np.min(self.k, axis=1)
        return low

    @property
    def width(self) -> FloatArray:
        """From the lowest to the highest log-moneyness."""
        width: FloatArray = np.ptp(self.k, axis=1)
        return width

    def mean_of(self, values: FloatArray) -> FloatArray:
        """The weighted mean of each row."""
        mean: FloatArray = np.sum(self.weight * values, axis=1)
        return mean

    def at(self, rows: IndexArray | BoolArray) -> "Smiles":
        """Some of them."""
        return Smiles(self.k[rows], self.w[rows], self.weight[rows])


def fitted_wings(smiles: Smiles) -> FloatArray:
    """The curves with the least squared error, arbitrage or not: shape (5, rows)."""
    count = len(smiles.k)
    every = smiles.at(np.tile(np.arange(count), BANDS))
    wings, loss = _descended(every, _starts(smiles), 0.0, FIRST_ROUNDS)
    best = loss.reshape(BANDS, count).argmin(axis=0) * count + np.arange(count)
    return _descended(smiles, wings[:, best], 0.0, ROUNDS)[0]


def without_arbitrage(smiles: Smiles, wings: FloatArray) -> FloatArray:
    """The same curves where g is nowhere negative, and others nearby where it is."""
    for penalty in PENALTIES:
        rows = np.flatnonzero(~(_least_g(smiles, wings) >= 0))
        if not len(rows):
            return wings
        wings[:, rows] = _descended(smiles.at(rows), wings[:, rows], penalty, PENALTY_ROUNDS)[0]
    rows = np.flatnonzero(~(_least_g(smiles, wings) >= 0))
    if len(rows):
        wings[:, rows] = _flattened(smiles.at(rows), wings[:, rows])
    return wings


def _least_g(smiles: Smiles, wings: FloatArray) -> FloatArray:
    return least_durrleman(smiles.low, smiles.low + smiles.width, wings)


def _flattened(smiles: Smiles, wings: FloatArray) -> FloatArray:
    """Mixed with the flat smile of the mean total variance, whose g is 1: as little of it as leaves no arbitrage."""
    flat = np.array([np.zeros(len(smiles.k)), np.zeros(len(smiles.k)), smiles.mean, wings[3], wings[4]])
    low, high = np.zeros(len(smiles.k)), np.full(len(smiles.k), 1 - MIN_SLOPE)
    for _ in range(BISECTIONS):
        share = 0.5 * (low + high)
        sound = _least_g(smiles, wings + share * (flat - wings)) >= MARGIN
        low, high = np.where(sound, low, share), np.where(sound, share, high)
    return wings + high * (flat - wings)


def _starts(smiles: Smiles) -> FloatArray:
    """The best of each band of sigma on the grid of m and sigma: shape (5, bands * rows)."""
    sigma, m = (grid.ravel() for grid in np.meshgrid(GRID_SIGMA, GRID_M, indexing="ij"))
    rows, places = (index.ravel() for index in np.indices((len(smiles.k), len(m))))
    every = smiles.at(rows)
    wings = _linear(every, smiles.low[rows] + m[places] * smiles.width[rows], sigma[places] * smiles.width[rows])
    misfit = every.mean_of((svi_curve(every.k, wings).w - every.w) ** 2).reshape(len(smiles.k), BANDS, -1)
    best = np.where(np.isfinite(misfit), misfit, np.inf).argmin(axis=2)
    banded = wings.reshape(5, len(smiles.k), BANDS, -1)
    chosen = np.take_along_axis(banded, best[None, :, :, None], axis=3)[..., 0]
    return chosen.transpose(0, 2, 1).reshape(5, -1)


def _linear(smiles: Smiles, m: FloatArray, sigma: FloatArray) -> FloatArray:
    """The curves of given m and sigma that fit best, their slopes and least variance moved into their bounds."""
    y = (smiles.k - m[:, None]) / sigma[:, None]
    z = np.sqrt(1 + y * y)
    mean_y, mean_z, mean_w = smiles.mean_of(y), smiles.mean_of(z), smiles.mean
    y, z, w = y - mean_y[:, None], z - mean_z[:, None], smiles.w - mean_w[:, None]
    yy, yz, zz, yw, zw = (smiles.mean_of(product) for product in (y * y, y * z, z * z, y * w, z * w))
    determinant = yy * zz - yz * yz
    tilt, b = (yw * zz - zw * yz) / determinant, (zw * yy - yw * yz) / determinant
    left, right = (np.clip(np.nan_to_num(slope / sigma), *START_SLOPES) for slope in (b - tilt, b + tilt))
    level = mean_w - 0.5 * sigma * ((right - left) * mean_y + (right + left) * mean_z)
    least = np.maximum(level + sigma * np.sqrt(left * right), START_LEAST * mean_w)
    return np.array([left, right, least, m, sigma])


def _descended(smiles: Smiles, wings: FloatArray, penalty: float, rounds: int) -> tuple[FloatArray, FloatArray]:
    """The curves near `wings` with the least squared error and penalty, and the sum of these."""
    low, high = _bounds(smiles)
    start = np.clip(_free(wings), low, high)
    found, loss = least_squares_many(_model(smiles, _wings(start), penalty), start, low, high, rounds)
    return _wings(found), loss


def _free(wings: FloatArray) -> FloatArray:
    """Variables of shape (rows, 5) that know no bounds."""
    left, right, least, m, sigma = wings
    return np.stack([logit(left / 2), logit(right / 2), np.log(least), m, np.log(sigma)], axis=1)


def _wings(free: FloatArray) -> FloatArray:
    left, right, least, m, sigma = free.T
    return np.array([2 * expit(left), 2 * expit(right), np.exp(least), m, np.exp(sigma)])


def _bounds(smiles: Smiles) -> tuple[FloatArray, FloatArray]:
    """Of the free variables, beyond which a parameter says no more of the smile than at them."""
    mean, width, one = smiles.mean, smiles.width, np.ones(len(smiles.k))
    away = MAX_OUTSIDE * width
    low = [MIN_SLOPE * one, MIN_SLOPE * one, MIN_LEAST * mean, smiles.low - away, MIN_SIGMA * width]
    high = [MAX_SLOPE * one, MAX_SLOPE * one, MAX_LEAST * mean, smiles.low + width + away, MAX_SIGMA * width]
    return _free(np.array(low)), _free(np.array(high))


def _model(smiles: Smiles, near: FloatArray, penalty: float) -> Model:
    """Relative errors and, with a penalty, how far g falls below its margin at nodes placed by the curves `near`."""
    scale = np.sqrt(smiles.weight) / smiles.mean[:, None]
    nodes = arbitrage_nodes(smiles.low, smiles.low + smiles.width, near)
    strictness = np.sqrt(penalty / nodes.shape[1])

    def model(free: FloatArray, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        wings, some = _wings(free), smiles.at(rows)
        left, right, least, _, sigma = wings
        by_free = np.array([left * (1 - left / 2), right * (1 - right / 2), least, np.ones(len(free)), sigma])
        errors = scale[rows] * (svi_curve(some.k, wings).w - some.w)
        slopes = scale[rows] * svi_gradient(some.k, wings)
        if penalty:
            k = nodes[rows]
            g = durrleman(k, svi_curve(k, wings)) - MARGIN
            errors = np.concatenate([errors, strictness * np.minimum(g, 0)], axis=1)
            slopes = np.concatenate([slopes, strictness * (g < 0) * durrleman_gradient(k, wings)], axis=2)
        return errors, (slopes * by_free[..., None]).transpose(1, 2, 0)

    return model
