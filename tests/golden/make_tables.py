"""Makes values/tables.parquet: metrics that are tables, a column each ('seasonality.std'), by pandas and quantstats.

k is the place of an episode, the window of a cone, the month or weekday of a season; a says which of the two.
"""

import math

import numpy as np
import pandas as pd
import quantstats.stats as quantstats
import scipy.stats

from tests.golden.frozen import Series, Values, late_start, read_series
from tests.golden.make_performance import PPY, dated
from tests.golden.make_risk import CONFIDENCE, WINDOW, rolling_var

WINDOWS = {"early": [10, 21, 63, 126, 252], "late": [5, 40, 90]}


def main() -> None:
    values = Values("tables")
    for case in WINDOWS:
        series = read_series(case)
        for family in (episodes, cone, seasons, backtest):
            family(values, series)
    values.write()


def episodes(values: Values, s: Series) -> None:
    """From the last peak, which is the bar before the first day under water, to the bar before the recovery."""
    days = dated(s)
    depth = quantstats.to_drawdown_series(days)
    found = quantstats.drawdown_details(depth).sort_values("max drawdown")
    place = {day: i for i, day in enumerate(days.index)}
    first, trough, last = (
        np.array([place[pd.Timestamp(day)] for day in found[name]]) for name in ("start", "valley", "end")
    )
    columns = {
        "depth": found["max drawdown"].to_numpy() / 100,
        "bars_to_trough": trough - first + 1,
        "bars_underwater": last - first + 1,
    }
    for name, numbers in columns.items():
        program = "quantstats drawdown_details"
        values.vector(s.case, f"drawdown_episodes.{name}", {}, numbers.astype(float), program)


def cone(values: Values, s: Series) -> None:
    r, windows = pd.Series(late_start(s.log_returns())), WINDOWS[s.case]
    known = {"windows": windows, "ppy": PPY[s.case]}
    rolled = {n: r.rolling(n).std() * math.sqrt(PPY[s.case]) for n in windows}
    quantiles = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}
    for name, q in quantiles.items():
        numbers = np.array([rolled[n].quantile(q) for n in windows])
        values.keyed(s.case, f"volatility_cone.{name}", known, numbers, "pandas quantile", k=windows)
    newest = np.array([rolled[n].iloc[-1] for n in windows])
    values.keyed(s.case, "volatility_cone.last", known, newest, "pandas rolling.std", k=windows)


def seasons(values: Values, s: Series) -> None:
    days = dated(s)
    index = pd.DatetimeIndex(days.index)
    for period, of_day in {"month": index.month, "weekday": index.isocalendar().day.to_numpy()}.items():
        groups = days.groupby(np.asarray(of_day))
        moved = groups.agg(lambda r: (r > 0).sum() / (r != 0).sum())
        t_values = groups.agg(lambda r: float(scipy.stats.ttest_1samp(r.to_numpy(), 0)[0]))
        columns: dict[str, tuple[pd.Series[float], str]] = {
            "n_obs": (groups.count().astype(float), "pandas groupby"), "mean_return": (groups.mean(), "pandas groupby"),
            "median_return": (groups.median(), "pandas groupby"), "std": (groups.std(), "pandas groupby"),
            "win_rate": (moved, "pandas groupby"), "t_stat": (t_values, "scipy stats.ttest_1samp"),
        }  # fmt: skip
        for name, (found, program) in columns.items():
            numbers = found.to_numpy().astype(float)
            keys = {"k": list(found.index), "a": [period] * len(found)}
            values.keyed(s.case, f"seasonality.{name}", {}, numbers, program, **keys)


def backtest(values: Values, s: Series) -> None:
    confidence, n = CONFIDENCE[s.case], WINDOW[s.case]
    r = pd.Series(late_start(s.returns()))
    limit = rolling_var(r, n, confidence)
    forecasts, exceptions = int(limit.notna().sum()), int((r < limit).sum())
    columns = {
        "forecasts": float(forecasts),
        "exceptions": float(exceptions),
        "expected_exceptions": forecasts * (1 - confidence),
        "kupiec_pvalue": float(scipy.stats.chi2.sf(kupiec(exceptions, forecasts, 1 - confidence), 1)),
    }
    for name, number in columns.items():
        known = {"confidence": confidence, "n": n}
        values.whole(s.case, f"var_backtest.{name}", known, number, "scipy stats.binom, chi2")


def kupiec(count: int, total: int, promised: float) -> float:
    """Likelihood ratio of what was seen against what was promised."""
    seen, expected = (float(scipy.stats.binom.logpmf(count, total, p)) for p in (count / total, promised))
    return 2 * (seen - expected)


if __name__ == "__main__":
    main()
