"""The SVI curve of total variance, by its wings, and where it admits butterfly arbitrage.

    w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)),    k = ln(K / F),  w = iv^2 T

A curve is an array of five rows: slope of the left wing b (1 - rho), slope of the right wing b (1 + rho), least total
variance a + b sigma sqrt(1 - rho^2), m and sigma. In these terms every condition on the parameters but Durrleman's is a
bound on one of them: slopes from 0 to 2 (Lee's moment formula), least variance and sigma positive.
Sources: Gatheral (2004), A parsimonious arbitrage-free implied volatility parameterization; Gatheral, Jacquier (2014),
Quantitative Finance 14(1).
"""

from typing import NamedTuple

import numpy as np

from udfs.black_scholes import FloatArray

MIN_VARIANCE, MAX_VARIANCE = 1e-12, 1e3  # total variance: beyond these nothing is a quote
FAR = 50.0  # log-moneyness up to which arbitrage is looked for: beyond it the curve is its asymptotes
WING_NODES, QUOTED_NODES, ZOOM_NODES, LOOKS = 241, 61, 21, 3


class Curve(NamedTuple):
    """Total variance and its first two derivatives by log-moneyness."""

    w: FloatArray
    slope: FloatArray
    bend: FloatArray


def usable_points(k: FloatArray, w: FloatArray, weight: FloatArray) -> FloatArray:
    """The points of a smile that count, shape (3, points): finite, of a total variance and weight that can be.

    None where the three do not have the same length.
    """
    if not len(k) == len(w) == len(weight):
        return np.empty((3, 0))
    points = np.array([k, w, weight], dtype=np.float64)
    with np.errstate(all="ignore"):
        sound = np.isfinite(points).all(axis=0) & (np.abs(points[0]) < FAR) & (points[2] > 0)
        return points[:, sound & (points[1] > MIN_VARIANCE) & (points[1] < MAX_VARIANCE)]


def svi_curve(k: FloatArray, wings: FloatArray) -> Curve:
    """The curves of `wings`, shape (5, rows), at k, shape (rows, points)."""
    left, right, least, m, sigma = wings[..., None]
    x, b, tilt = k - m, 0.5 * (left + right), 0.5 * (right - left)
    z = np.sqrt(x * x + sigma * sigma)
    w = least + tilt * x + b * z - sigma * np.sqrt(left * right)
    return Curve(w, tilt + b * x / z, b * sigma * sigma / z**3)


def svi_gradient(k: FloatArray, wings: FloatArray) -> FloatArray:
    """Derivatives of w by each of the five: shape (5, rows, points)."""
    left, right, _, m, sigma = wings[..., None]
    x, b, tilt = k - m, 0.5 * (left + right), 0.5 * (right - left)
    z, root = np.sqrt(x * x + sigma * sigma), np.sqrt(left * right)
    by_left, by_right = 0.5 * (z - x - sigma * right / root), 0.5 * (z + x - sigma * left / root)
    return np.stack([by_left, by_right, np.ones_like(x), -tilt - b * x / z, b * sigma / z - root])


def durrleman(k: FloatArray, curve: Curve) -> FloatArray:
    """g(k) = (1 - k w' / 2w)^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2; the curve's density has its sign."""
    w, slope, bend = curve
    return (1 - 0.5 * k * slope / w) ** 2 - 0.25 * slope**2 * (1 / w + 0.25) + 0.5 * bend


def durrleman_gradient(k: FloatArray, wings: FloatArray) -> FloatArray:
    """Derivatives of g by each of the five: shape (5, rows, points)."""
    left, right, _, m, sigma = wings[..., None]
    w, slope, bend = svi_curve(k, wings)
    x, b = k - m, 0.5 * (left + right)
    z = np.sqrt(x * x + sigma * sigma)
    share, widened = x / z, 0.5 * sigma * sigma / z**3
    slope_by = [0.5 * (share - 1), 0.5 * (share + 1), np.zeros_like(x), -bend, -b * sigma * share / z**2]
    bend_by_sigma = bend * (2 / sigma - 3 * sigma / z**2)
    bend_by = [widened, widened, np.zeros_like(x), 3 * bend * x / z**2, bend_by_sigma]
    tilt = 1 - 0.5 * k * slope / w
    by_w = tilt * k * slope / w**2 + 0.25 * (slope / w) ** 2
    by_slope = -tilt * k / w - 0.5 * slope * (1 / w + 0.25)
    gradient: FloatArray = by_w * svi_gradient(k, wings) + by_slope * np.stack(slope_by) + 0.5 * np.stack(bend_by)
    return gradient


def arbitrage_nodes(low: FloatArray, high: FloatArray, wings: FloatArray) -> FloatArray:
    """Where to look at g: densely from `low` to `high`, and out to both far wings; shape (rows, nodes)."""
    m, sigma = wings[3:, :, None]
    reach = np.arcsinh(FAR / sigma)
    far = m + sigma * np.sinh(reach * np.linspace(-1, 1, WING_NODES))
    near = np.linspace(low, high, QUOTED_NODES, axis=-1)
    return np.sort(np.concatenate([far, near], axis=1), axis=1)


def least_durrleman(low: FloatArray, high: FloatArray, wings: FloatArray) -> FloatArray:
    """The least g of each curve, shape (rows,), looked for ever closer around the least node."""
    k, rows, least = arbitrage_nodes(low, high, wings), np.arange(len(low)), np.full(len(low), np.inf)
    for _ in range(LOOKS):
        g = durrleman(k, svi_curve(k, wings))
        place = g.argmin(axis=1)
        least = np.minimum(least, g[rows, place])
        ends = k[rows, np.maximum(place - 1, 0)], k[rows, np.minimum(place + 1, k.shape[1] - 1)]
        k = np.linspace(*ends, ZOOM_NODES, axis=-1)
    return least


def raw_parameters(wings: FloatArray) -> FloatArray:
    """a, b, rho, m and sigma, shape (5, rows): the least variance that they give is not negative, to the last bit."""
    left, right, least, m, sigma = wings
    b = 0.5 * (left + right)
    rho = (right - left) / (2 * b)
    a = np.maximum(least - sigma * np.sqrt(left * right), -b * sigma * np.sqrt(1 - rho * rho))
    return np.array([a, b, rho, m, sigma])
