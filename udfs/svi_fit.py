"""Fits of the SVI curve to quoted smiles, many at once, none of which admits butterfly arbitrage."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from udfs.black_scholes import FloatArray
from udfs.svi import least_durrleman, raw_parameters, svi_curve, usable_points
from udfs.svi_descent import Smiles, fitted_wings

STATUSES = ("ok", "too_few_strikes", "bad_input")
OK, TOO_FEW_STRIKES, BAD_INPUT = range(3)

MIN_STRIKES = 5
BLOCK = 32  # smiles worked on at a time
MAX_START_POINTS = 40


class SviFit(NamedTuple):
    """One row per smile, NaN where the status, an index into STATUSES, is not OK. Errors are in total variance."""

    a: FloatArray
    b: FloatArray
    rho: FloatArray
    m: FloatArray
    sigma: FloatArray
    rmse: FloatArray  # root of the weighted mean of the squared errors
    max_error: FloatArray
    min_g: FloatArray
    n_strikes: NDArray[np.int64]  # distinct strikes that were used
    status: NDArray[np.int8]


def svi_fit(k: Sequence[FloatArray], w: Sequence[FloatArray], weight: Sequence[FloatArray]) -> SviFit:
    """The curve of each smile: log-moneyness ln(K / F), total variance iv^2 T, and weight of each squared error.

    Points with a number missing, without weight or with w <= 0 are left out; fewer than five distinct strikes have no
    curve, lists of unequal length are bad_input. The same input gives the same curve. No input raises.
    """
    rows = [_usable(*row) for row in zip(k, w, weight, strict=True)]
    strikes = np.array([len(np.unique(row[0])) for row in rows], dtype=np.int64)
    status = np.where(strikes < MIN_STRIKES, TOO_FEW_STRIKES, OK).astype(np.int8)
    status[[len(a) != len(b) or len(a) != len(c) for a, b, c in zip(k, w, weight, strict=True)]] = BAD_INPUT
    values = np.full((8, len(rows)), np.nan)
    fitted = np.flatnonzero(status == OK)
    for some in (fitted[first : first + BLOCK] for first in range(0, len(fitted), BLOCK)):
        with np.errstate(all="ignore"):
            values[:, some] = _fitted([rows[row] for row in some])
    status[(status == OK) & ~np.isfinite(values).all(axis=0)] = BAD_INPUT
    values[:, status != OK] = np.nan
    a, b, rho, m, sigma, rmse, max_error, min_g = values
    return SviFit(a, b, rho, m, sigma, rmse, max_error, min_g, strikes, status)


def _usable(k: FloatArray, w: FloatArray, weight: FloatArray) -> FloatArray:
    """The points that count: shape (3, points), weights summing to 1."""
    points = usable_points(k, w, weight)
    with np.errstate(all="ignore"):
        points[2] /= points[2].max(initial=0.0)
    kept = points[:, points[2] > 0]
    kept[2] /= kept[2].sum()
    return kept


def _thinned(row: FloatArray) -> FloatArray:
    """At most so many points as it takes to find a start."""
    some = row[:, :: -(-row.shape[1] // MAX_START_POINTS)].copy()
    some[2] /= some[2].sum()
    return some


def _padded(rows: list[FloatArray]) -> Smiles:
    longest = max(row.shape[1] for row in rows)
    filled = np.array([np.pad(row, ((0, 0), (0, longest - row.shape[1])), mode="edge") for row in rows])
    for row, smile in zip(rows, filled, strict=True):
        smile[2, row.shape[1] :] = 0.0
    return Smiles(filled[:, 0], filled[:, 1], filled[:, 2])


def _fitted(rows: list[FloatArray]) -> FloatArray:
    """Raw parameters, errors and least g of each smile: shape (8, rows)."""
    smiles = _padded(rows)
    wings = fitted_wings(smiles, _padded([_thinned(row) for row in rows]))
    error = svi_curve(smiles.k, wings).w - smiles.w
    rmse = np.sqrt((smiles.weight * error**2).sum(axis=1))
    least = least_durrleman(smiles.low, smiles.low + smiles.width, wings)
    return np.array([*raw_parameters(wings), rmse, np.abs(error).max(axis=1), least])
