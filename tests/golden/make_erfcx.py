"""Prints the polynomial of macro `erfcx_polynomial`, highest power first, and its largest error.

Made with mpmath 1.4.1 in an environment of its own: python tests/golden/make_erfcx.py
"""

import mpmath

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


if __name__ == "__main__":
    mpmath.mp.dps = 50
    coefficients, error = mpmath.chebyfit(scaled, [-1, 1], DEGREE + 1, error=True)
    print("error", mpmath.nstr(error, 3))
    for coefficient in coefficients:
        print(mpmath.nstr(coefficient, 18, min_fixed=1, max_fixed=0))
