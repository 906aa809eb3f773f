"""Prints the polynomial of macro `erfcx_polynomial`, highest power first, and its largest error; then the rough one of
udfs/normalised_vol.py, lowest power first.

Made with mpmath 1.4.1 and SciPy 1.17.1 in an environment of its own: python -m tests.golden.make_erfcx
"""

import mpmath
import numpy as np
import numpy.typing as npt
from scipy import special

DEGREE = 22
FAR = 10**20  # beyond it erfcx(a) (1 + 2a) is its limit to 40 digits


def scaled(y: mpmath.mpf) -> mpmath.mpf:
    """erfcx(a) (1 + 2a) at y = (a - 3) / (a + 3): smooth on the whole of [-1, 1]."""
    if 1 - y < mpmath.mpf(6) / FAR:
        return 2 / mpmath.sqrt(mpmath.pi)
    a = 3 * (1 + y) / (1 - y)
    integral = mpmath.quad(lambda t: mpmath.exp(-((t / (2 * a)) ** 2) - t), [0, 1, 10, 100, 300])
    return integral / (a * mpmath.sqrt(mpmath.pi)) * (1 + 2 * a) if a > 10 else erfcx(a) * (1 + 2 * a)


def erfcx(a: mpmath.mpf) -> mpmath.mpf:
    return mpmath.exp(a * a) * mpmath.erfc(a)


def rough(degree: int, shift: float, least: float) -> tuple[npt.NDArray[np.float64], float]:
    """Powers 1 to `degree` of y = 1 / (a + shift) that give erfcx(a) for a >= least, and the largest relative error.

    Value and slope count alike, because implied volatility takes the difference of two neighbours. Least squares
    weighted by the error (Lawson, 1961) come near the least maximum.
    """
    y = np.sin(np.pi / 4 * (np.arange(4000) + 0.5) / 2000) ** 2 / (least + shift)
    a = 1 / y - shift
    value = special.erfcx(a)
    far = -(1 - 1.5 / a**2 + 3.75 / a**4) / a**2
    slope = np.where(a > 30, far, 2 * a * value * np.sqrt(np.pi) - 2) / np.sqrt(np.pi)
    powers = np.arange(1, degree + 1)
    rows = np.vstack([y[:, None] ** powers / value[:, None], -powers * y[:, None] ** (powers + 1) / slope[:, None]])
    weights = np.ones(len(rows))
    for _ in range(60):
        root = np.sqrt(weights)
        coefficients = np.linalg.lstsq(rows * root[:, None], root, rcond=None)[0]
        error = np.abs(rows @ coefficients - 1)
        weights *= error / error.max() + 1e-3
        weights /= weights.mean()
    return coefficients, float(error.max())


if __name__ == "__main__":
    mpmath.mp.dps = 50
    coefficients, error = mpmath.chebyfit(scaled, [-1, 1], DEGREE + 1, error=True)
    print("error", mpmath.nstr(error, 3))
    for coefficient in coefficients:
        print(mpmath.nstr(coefficient, 18, min_fixed=1, max_fixed=0))
    found, largest = rough(7, 2.8, -0.95)
    print("rough error", f"{largest:.2e}", *(f"{coefficient:.9g}" for coefficient in found))
