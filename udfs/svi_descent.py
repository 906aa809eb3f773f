"""How a curve comes to its smile.

For given m and sigma the other three parameters solve a linear problem (Zeliade Systems (2009), Quasi-explicit
calibration of Gatheral's SVI model): over a grid of these two it gives the starts. From the best of them all five move
by least squares, in variables that keep every bound. A smile whose curve admits arbitrage (g < 0, see svi) is fitted
again from inside: from a start that is flattened until it admits none, by least squares under g >= 0. What little may
be left between the watched points is flattened away.
"""

from typing import NamedTuple

import numpy as np
import scipy

from udfs.black_scholes import BoolArray, FloatArray
from udfs.constrained import least_squares_within
from udfs.contracts import IndexArray
from udfs.least_squares import Model, least_squares_many
from udfs.svi import FAR, durrleman, durrleman_gradient, least_durrleman, svi_curve, svi_gradient

# Starts: m from a quarter of the quoted width outside it, sigma in units of that width; one of each third of the sigmas
GRID_M, GRID_SIGMA, BANDS = np.linspace(-0.25, 1.25, 13), np.geomspace(0.01, 2.0, 9), 3
START_SLOPES, START_LEAST = (1e-4, 1.9), 1e-3

MIN_SLOPE, MAX_SLOPE = 1e-9, 2 * (1 - 1e-9)
MIN_LEAST, MAX_LEAST = 1e-9, 1e3  # of the mean total variance
MIN_SIGMA, MAX_SIGMA, MAX_OUTSIDE = 1e-4, 1e2, 1e2  # of the quoted width

START_MARGIN, ROOM, MARGIN = 0.02, 2e-3, 1e-6  # least g of a start, where it is watched, of any curve
FIRST_ROUNDS, ROUNDS, LAST_ROUNDS, CONSTRAINED_ROUNDS, BISECTIONS = 12, 40, 1000, 100, 15
WATCHED_NEAR, WATCHED_FAR = 41, 12


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


def fitted_wings(smiles: Smiles, rough: Smiles) -> FloatArray:
    """The curves without arbitrage that have the least squared error: shape (5, rows).

    `rough` are the same smiles, of fewer points where they have many: the starts are sought there.
    """
    starts = _starts(rough)
    first = _descended(_repeated(smiles, BANDS), starts, FIRST_ROUNDS)
    wings = _descended(smiles, _least_error(smiles, first), ROUNDS)
    sound = _least_g(smiles, wings) >= MARGIN
    wings[:, sound] = _descended(smiles.at(sound), wings[:, sound], LAST_ROUNDS)
    rows = np.flatnonzero(~(_least_g(smiles, wings) >= MARGIN))
    if len(rows):
        some, again = smiles.at(rows), starts.reshape(5, BANDS, -1)[:, :, rows].reshape(5, -1)
        inside = np.concatenate([again, wings[:, rows]], axis=1)
        inside = _flattened(_repeated(some, BANDS + 1), inside, START_MARGIN)
        wings[:, rows] = _constrained(some, _least_error(some, inside))
        rows = rows[~(_least_g(some, wings[:, rows]) >= MARGIN)]
    if len(rows):
        wings[:, rows] = _flattened(smiles.at(rows), wings[:, rows], MARGIN)
    return wings


def _repeated(smiles: Smiles, times: int) -> Smiles:
    return smiles.at(np.tile(np.arange(len(smiles.k)), times))


def _least_error(smiles: Smiles, wings: FloatArray) -> FloatArray:
    """The best of several curves of each smile."""
    several = wings.reshape(5, -1, len(smiles.k))
    best = _misfit(_repeated(smiles, several.shape[1]), wings).reshape(several.shape[1:]).argmin(axis=0)
    return several[:, best, np.arange(len(best))]


def _misfit(smiles: Smiles, wings: FloatArray) -> FloatArray:
    misfit = smiles.mean_of((svi_curve(smiles.k, wings).w - smiles.w) ** 2)
    return np.where(np.isfinite(misfit), misfit, np.inf)


def _least_g(smiles: Smiles, wings: FloatArray) -> FloatArray:
    return least_durrleman(smiles.low, smiles.low + smiles.width, wings)


def _flattened(smiles: Smiles, wings: FloatArray, margin: float) -> FloatArray:
    """Mixed with the flat smile of the mean total variance, whose g is 1: as little of it as gives g its margin."""
    none = np.zeros(len(smiles.k))
    flat = np.array([none, none, smiles.mean, wings[3], wings[4]])
    low, high = none, none + 1 - MIN_SLOPE
    for _ in range(BISECTIONS):
        share = 0.5 * (low + high)
        sound = _least_g(smiles, wings + share * (flat - wings)) >= margin
        low, high = np.where(sound, low, share), np.where(sound, share, high)
    return wings + high * (flat - wings)


def _starts(smiles: Smiles) -> FloatArray:
    """The best of each band of sigma on the grid of m and sigma: shape (5, bands * rows)."""
    sigma, m = (grid.ravel() for grid in np.meshgrid(GRID_SIGMA, GRID_M, indexing="ij"))
    rows, places = (index.ravel() for index in np.indices((len(smiles.k), len(m))))
    every = smiles.at(rows)
    wings = _linear(every, smiles.low[rows] + m[places] * smiles.width[rows], sigma[places] * smiles.width[rows])
    best = _misfit(every, wings).reshape(len(smiles.k), BANDS, -1).argmin(axis=2)
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


def _descended(smiles: Smiles, wings: FloatArray, rounds: int) -> FloatArray:
    """The curves near `wings` with the least squared error."""
    low, high = _bounds(smiles)
    return _wings(least_squares_many(_model(smiles), np.clip(_free(wings), low, high), low, high, rounds))


def _constrained(smiles: Smiles, wings: FloatArray) -> FloatArray:
    """The curves with the least squared error among those with g >= 0 where it is watched, from some that have it."""
    low, high = _bounds(smiles)
    nodes = _watched(smiles)

    def room(free: FloatArray, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        wings, k = _wings(free), nodes[rows]
        slopes = durrleman_gradient(k, wings) * _by_free(wings)[..., None]
        return durrleman(k, svi_curve(k, wings)) - ROOM, slopes.transpose(1, 2, 0)

    start = np.clip(_free(wings), low, high)
    return _wings(least_squares_within(_model(smiles), room, start, low, high, CONSTRAINED_ROUNDS))


def _by_free(wings: FloatArray) -> FloatArray:
    """Derivatives of the wings by their free variables."""
    left, right, least, _, sigma = wings
    return np.array([left * (1 - left / 2), right * (1 - right / 2), least, np.ones(len(least)), sigma])


def _free(wings: FloatArray) -> FloatArray:
    """Variables of shape (rows, 5) that know no bounds."""
    left, right, least, m, sigma = wings
    return np.stack(
        [scipy.special.logit(left / 2), scipy.special.logit(right / 2), np.log(least), m, np.log(sigma)], axis=1
    )


def _wings(free: FloatArray) -> FloatArray:
    left, right, least, m, sigma = free.T
    return np.array([2 * scipy.special.expit(left), 2 * scipy.special.expit(right), np.exp(least), m, np.exp(sigma)])


def _bounds(smiles: Smiles) -> tuple[FloatArray, FloatArray]:
    """Of the free variables, beyond which a parameter says no more of the smile than at them."""
    mean, width, one = smiles.mean, smiles.width, np.ones(len(smiles.k))
    away = MAX_OUTSIDE * width
    low = [MIN_SLOPE * one, MIN_SLOPE * one, MIN_LEAST * mean, smiles.low - away, MIN_SIGMA * width]
    high = [MAX_SLOPE * one, MAX_SLOPE * one, MAX_LEAST * mean, smiles.low + width + away, MAX_SIGMA * width]
    return _free(np.array(low)), _free(np.array(high))


def _watched(smiles: Smiles) -> FloatArray:
    """Where g is held up: at the quoted strikes, half their width around them, and in both far wings."""
    near = smiles.low[:, None] + smiles.width[:, None] * np.linspace(-0.5, 1.5, WATCHED_NEAR)
    away = np.geomspace(0.6, FAR, WATCHED_FAR) * smiles.width[:, None]
    low, high = smiles.low[:, None] - away, smiles.low[:, None] + smiles.width[:, None] + away
    return np.concatenate([low, near, high], axis=1)


def _model(smiles: Smiles) -> Model:
    """Errors in units of the mean total variance."""
    scale = np.sqrt(smiles.weight) / smiles.mean[:, None]

    def model(free: FloatArray, rows: IndexArray) -> tuple[FloatArray, FloatArray]:
        wings, some = _wings(free), smiles.at(rows)
        errors = scale[rows] * (svi_curve(some.k, wings).w - some.w)
        slopes = scale[rows] * svi_gradient(some.k, wings) * _by_free(wings)[..., None]
        return errors, slopes.transpose(1, 2, 0)

    return model
