"""The options that kernels and functions are measured on."""

import numpy as np
from numpy.typing import NDArray

ORDER = ("is_call", "s", "k", "t", "r", "sigma", "q")


def sample(rows: int) -> dict[str, NDArray[np.float64]]:
    """Listed options: calls (1) and puts (0) of a week to two years, up to two deviations from the spot, 15 to 80 %."""
    random = np.random.default_rng(7)
    years, sigma = random.uniform(0.02, 2, rows), random.uniform(0.15, 0.8, rows)
    strike = 100 * np.exp(sigma * np.sqrt(years) * random.uniform(-2, 2, rows))
    is_call = (random.random(rows) < 0.5).astype(float)
    flat = {name: np.full(rows, value) for name, value in {"s": 100.0, "r": 0.03, "q": 0.01}.items()}
    return {"is_call": is_call, "k": strike, "t": years, "sigma": sigma, **flat}
