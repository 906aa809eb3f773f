"""Makes prices.csv, which the laws in tests/formulas are tried on: 400 bars and a benchmark, seeded NumPy."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
BARS = 400


def main() -> None:
    random = np.random.default_rng(20_261_122)
    common = random.standard_t(4, BARS) * 0.008
    benchmark = 200 * np.exp(np.cumsum(common + 0.0003))
    close = 50 * np.exp(np.cumsum(1.3 * common + random.standard_t(4, BARS) * 0.006))
    opened = close * np.exp(random.normal(0, 0.004, BARS))
    high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, 0.005, BARS)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0, 0.005, BARS)))
    rows = zip(opened, high, low, close, benchmark, strict=True)
    lines = [f"{i}," + ",".join(f"{value:.6f}" for value in row) for i, row in enumerate(rows)]
    head = [f"# numpy {np.__version__}, seed 20261122: invented prices, for want of data that may be copied"]
    (HERE / "prices.csv").write_text("\n".join([*head, "i,open,high,low,close,benchmark", *lines]) + "\n")


if __name__ == "__main__":
    main()
