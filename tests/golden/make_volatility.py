"""Makes volatility.csv: pandas' rolling deviation, and plain loops over the published estimators."""

import math

import numpy as np
import pandas as pd

from tests.golden.golden import Array, prices, write_trailing

WINDOW, PERIODS = 21, 252


def main() -> None:
    p = prices()
    log_return = pd.Series(np.log(p["close"])).diff()
    columns = {
        "realized_vol": log_return.rolling(WINDOW).std(ddof=1).to_numpy() * math.sqrt(PERIODS),
        "parkinson_vol": trailing(
            [math.log(h / lo) ** 2 / (4 * math.log(2)) for h, lo in zip(p["high"], p["low"], strict=True)]
        ),
        "garman_klass_vol": trailing(
            [
                math.log(h / lo) ** 2 / 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2
                for o, h, lo, c in zip(p["open"], p["high"], p["low"], p["close"], strict=True)
            ]
        ),
    }
    provenance = (
        f"pandas {pd.__version__} (realized_vol), math.fsum loops (the others); window {WINDOW}, {PERIODS} a year"
    )
    write_trailing("volatility.csv", provenance, columns)


def trailing(variances: list[float]) -> Array:
    """Annualised root of the mean variance of the last WINDOW bars."""
    means = [math.fsum(variances[i - WINDOW + 1 : i + 1]) / WINDOW for i in range(WINDOW - 1, len(variances))]
    return np.array([math.nan] * (WINDOW - 1) + [math.sqrt(mean * PERIODS) for mean in means])


if __name__ == "__main__":
    main()
