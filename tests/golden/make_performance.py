"""Makes performance.csv (whole sample) and performance_trailing.csv: empyrical, window by window."""

import math
from collections.abc import Callable

import empyrical  # type: ignore[import-not-found, unused-ignore]
import numpy as np

from tests.golden.golden import Array, prices, returns, write_trailing, write_whole

PERIODS, RISK_FREE, WINDOW = 252, 0.03, 60
PER_BAR = (1 + RISK_FREE) ** (1 / PERIODS) - 1


def main() -> None:
    r = returns(prices()["close"])
    sharpe_per_bar = sharpe(r) / math.sqrt(PERIODS)
    provenance = f"empyrical-reloaded {empyrical.__version__}; {PERIODS} a year, risk-free rate {RISK_FREE}"
    write_whole(
        "performance.csv",
        provenance,
        [
            ("total_return", empyrical.cum_returns_final(r), "empyrical.cum_returns_final"),
            ("cagr", empyrical.annual_return(r, annualization=PERIODS), "empyrical.annual_return"),
            ("annual_vol", empyrical.annual_volatility(r, annualization=PERIODS), "empyrical.annual_volatility"),
            ("sharpe", sharpe(r), "empyrical.sharpe_ratio"),
            ("sharpe_se", math.sqrt((1 + sharpe_per_bar**2 / 2) / len(r) * PERIODS), "Lo (2002) eq. 9 by hand"),
            ("downside_deviation", downside(r), "empyrical.downside_risk"),
            ("sortino", sortino(r), "empyrical.sortino_ratio"),
            ("calmar", empyrical.calmar_ratio(r, annualization=PERIODS), "empyrical.calmar_ratio"),
            ("win_rate", win_rate(r), "a count"),
        ],
    )
    metrics = {"sharpe": sharpe, "sortino": sortino, "downside_deviation": downside, "win_rate": win_rate}
    columns = {name: trailing(metric, r) for name, metric in metrics.items()}
    write_trailing("performance_trailing.csv", f"{provenance}; window {WINDOW} returns", columns)


def sharpe(r: Array) -> float:
    return float(empyrical.sharpe_ratio(r, risk_free=PER_BAR, annualization=PERIODS))


def sortino(r: Array) -> float:
    return float(empyrical.sortino_ratio(r, required_return=PER_BAR, annualization=PERIODS))


def downside(r: Array) -> float:
    return float(empyrical.downside_risk(r, required_return=PER_BAR, annualization=PERIODS))


def win_rate(r: Array) -> float:
    return float((r > 0).sum() / (r != 0).sum())


def trailing(metric: Callable[[Array], float], r: Array) -> Array:
    """By bar: NaN on the first bar, which has no return, and until WINDOW returns are there."""
    return np.array([math.nan] * WINDOW + [metric(r[i - WINDOW : i]) for i in range(WINDOW, len(r) + 1)])


if __name__ == "__main__":
    main()
