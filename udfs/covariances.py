"""Covariance matrices of members' returns: the sample's, and Ledoit and Wolf's shrunk ones; NumPy arrays in and out."""

from typing import NamedTuple

import numpy as np

from udfs.linear_algebra import FloatArray, is_regular

TARGETS = ("constant_correlation", "identity")
KINDS = ("sample", *TARGETS)
SAME = 1e-14  # a matrix that is this near its target, as a share of its size, is the target but for rounding


class Shrunk(NamedTuple):
    """Share of the target, 0 to 1, and (1 - share) times the sample's covariance plus share times the target."""

    covariance: FloatArray
    shrinkage: float


def covariance_of(returns: FloatArray, kind: str) -> FloatArray:
    """Covariance per bar of members' returns, shape (members, bars); NaN where it is not knowable or not invertible.

    `kind` is 'sample' (divided by bars - 1, and NaN unless there are more bars than members) or the target of a shrunk
    one. No member may be constant, and no combination of members either, beyond rounding.
    """
    count, bars = returns.shape
    unknown = np.full((count, count), np.nan)
    if bars < 2 or not np.isfinite(returns).all() or (kind == "sample" and bars <= count):
        return unknown
    covariance = np.atleast_2d(np.cov(returns)) if kind == "sample" else ledoit_wolf(returns, kind).covariance
    deviations = np.sqrt(np.diag(covariance))
    if not np.all(deviations > 0) or not is_regular(covariance / np.outer(deviations, deviations)):
        return unknown
    return covariance


def ledoit_wolf(returns: FloatArray, target: str) -> Shrunk:
    """The sample's covariance (divided by bars, as the papers do), drawn to a target as far as lessens the error.

    Shape (members, bars). 'constant_correlation': the sample's variances and its mean correlation (Ledoit and Wolf
    (2004), Honey, I Shrunk the Sample Covariance Matrix, J. Portfolio Management 30(4), app. A and B); 'identity': the
    mean variance and no correlation (Ledoit and Wolf (2004), J. Multivariate Analysis 88(2)). NaN with fewer than two
    bars, and of constant correlation where a member is constant.
    """
    if target not in TARGETS:
        raise ValueError(f"the target is {target!r}: {' or '.join(TARGETS)}")
    count, bars = returns.shape
    if bars < 2 or not np.isfinite(returns).all():
        return Shrunk(np.full((count, count), np.nan), np.nan)
    centred = returns - returns.mean(axis=1, keepdims=True)
    sample = centred @ centred.T / bars
    if target == "constant_correlation" and np.any(np.ptp(returns, axis=1) == 0):
        return Shrunk(np.full((count, count), np.nan), np.nan)
    is_constant = target == "constant_correlation"
    aim = _constant_correlation(sample) if is_constant else np.eye(count) * np.trace(sample) / count
    distance = float(np.sum((sample - aim) ** 2))
    if distance <= (SAME * np.linalg.norm(sample)) ** 2:
        return Shrunk(sample, 0.0)
    noise = (centred**2) @ (centred**2).T / bars - sample**2  # of each covariance: its variance times the bars
    shared = _shared_noise(centred, sample) if is_constant else 0.0
    share = float(np.clip((noise.sum() - shared) / distance / bars, 0, 1))
    return Shrunk(share * aim + (1 - share) * sample, share)


def _constant_correlation(sample: FloatArray) -> FloatArray:
    """The sample's variances, and its mean correlation between any two members."""
    count, scale = len(sample), np.sqrt(np.outer(np.diag(sample), np.diag(sample)))
    mean = (np.sum(sample / scale) - count) / (count * (count - 1)) if count > 1 else 0.0
    aim: FloatArray = mean * scale
    np.fill_diagonal(aim, np.diag(sample))
    return aim


def _shared_noise(centred: FloatArray, sample: FloatArray) -> float:
    """How far the errors of the sample and of the constant correlation go together: rho of the paper's appendix."""
    count, bars = centred.shape
    variances = np.diag(sample)
    theta = (centred**3) @ centred.T / bars - variances[:, None] * sample  # of variance i with covariance i, j
    own = float(np.trace((centred**2) @ (centred**2).T / bars - sample**2))
    ratios = np.sqrt(variances[None, :] / variances[:, None])
    mean = _constant_correlation(sample)[0, -1] / np.sqrt(variances[0] * variances[-1]) if count > 1 else 0.0
    return own + float(mean * (np.sum(ratios * theta) - np.trace(theta)))
