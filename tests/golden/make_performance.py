"""Makes values/performance.parquet: empyrical, quantstats where its definition is ours, NumPy where neither has one."""

import math
from itertools import groupby

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as quantstats
import scipy.optimize
import scipy.stats

from tests.golden.frozen import Array, Series, Values, late_start, read_series

PPY = {"early": 252, "late": 250}
RATE = {"early": 0.0, "late": 0.03}  # risk-free, effective per year
TARGET = {"early": 0.0, "late": 0.05}  # minimum acceptable return, omega's threshold
WINDOW = {"early": 63, "late": 100}


def main() -> None:
    values = Values("performance")
    for case in PPY:
        series = read_series(case)
        for family in (growth, sharpe, downside, drawdowns, wins, kelly):
            family(values, series)
    values.write()


def per_bar(rate: float, ppy: int) -> float:
    return float((1 + rate) ** (1 / ppy) - 1)


def dated(s: Series) -> "pd.Series[float]":
    """Simple returns by day, as quantstats wants them."""
    return pd.Series(s.returns(), index=pd.DatetimeIndex(s.bars["ts"].dt.tz_localize(None)[1:]))


def growth(values: Values, s: Series) -> None:
    r, ppy = s.returns(), PPY[s.case]
    values.whole(s.case, "cagr", {"ppy": ppy}, empyrical.annual_return(r, annualization=ppy), "empyrical annual_return")
    annual = empyrical.annual_volatility(r, annualization=ppy)
    values.whole(s.case, "annual_vol", {"ppy": ppy}, annual, "empyrical annual_volatility")
    calmar = empyrical.calmar_ratio(r, annualization=ppy)
    values.whole(s.case, "calmar", {"ppy": ppy}, calmar, "empyrical calmar_ratio")
    stability = empyrical.stability_of_timeseries(r)
    values.whole(s.case, "stability", {}, stability, "empyrical stability_of_timeseries")


def sharpe(values: Values, s: Series) -> None:
    r, ppy, rate = s.returns(), PPY[s.case], RATE[s.case]
    excess = r - per_bar(rate, ppy)
    parameters = {"ppy": ppy, "rf": rate}
    ratio = empyrical.sharpe_ratio(r, risk_free=per_bar(rate, ppy), annualization=ppy)
    values.whole(s.case, "sharpe", parameters, ratio, "empyrical sharpe_ratio")
    plain = float(np.mean(r) / np.std(r, ddof=1))
    error = math.sqrt((1 + plain**2 / 2) / len(r) * ppy)  # Lo (2002), eq. 9
    values.whole(s.case, "sharpe_se", {"ppy": ppy}, error, "numpy mean, std")
    per_period, n = float(excess.mean() / excess.std(ddof=1)), len(r)
    benchmark = {"early": 0.0, "late": 0.02}[s.case]
    skew, kurtosis = scipy.stats.skew(excess), scipy.stats.kurtosis(excess, fisher=False)
    scale = math.sqrt(1 - skew * per_period + (kurtosis - 1) / 4 * per_period**2)
    probability = scipy.stats.norm.cdf((per_period - benchmark) * math.sqrt(n - 1) / scale)
    known = {"ppy": ppy, "rf": rate, "sr_star": benchmark}
    values.whole(s.case, "probabilistic_sharpe", known, probability, "scipy stats.norm, skew, kurtosis")
    trailing = pd.Series(late_start(excess)).rolling(WINDOW[s.case])
    rolling = (trailing.mean() / trailing.std() * math.sqrt(ppy)).to_numpy()
    values.trailing(s, "rolling_sharpe", parameters | {"n": WINDOW[s.case]}, rolling, "pandas rolling")


def downside(values: Values, s: Series) -> None:
    r, ppy, target = s.returns(), PPY[s.case], TARGET[s.case]
    bar = per_bar(target, ppy)
    parameters = {"ppy": ppy, "mar": target}
    sortino = empyrical.sortino_ratio(r, required_return=bar, annualization=ppy)
    values.whole(s.case, "sortino", parameters, sortino, "empyrical sortino_ratio")
    deviation = empyrical.downside_risk(r, required_return=bar, annualization=ppy)
    values.whole(s.case, "downside_deviation", parameters, deviation, "empyrical downside_risk")
    omega = empyrical.omega_ratio(r, required_return=target, annualization=ppy)
    values.whole(s.case, "omega", {"ppy": ppy, "threshold": target}, omega, "empyrical omega_ratio")
    values.whole(s.case, "tail_ratio", {"q": 0.95}, empyrical.tail_ratio(r), "empyrical tail_ratio")
    tails = abs(np.percentile(r, 90)) / abs(np.percentile(r, 10))
    values.whole(s.case, "tail_ratio", {"q": 0.9}, tails, "numpy percentile")


def drawdowns(values: Values, s: Series) -> None:
    r, ppy, rate = s.returns(), PPY[s.case], RATE[s.case]
    depth = np.asarray(quantstats.to_drawdown_series(dated(s)), dtype=np.float64)
    values.trailing(s, "drawdown", {}, np.concatenate([[0.0], depth]), "quantstats to_drawdown_series")
    values.whole(s.case, "max_drawdown", {}, empyrical.max_drawdown(r), "empyrical max_drawdown")
    ulcer = math.sqrt(float(np.mean(depth**2)))
    values.whole(s.case, "ulcer_index", {}, ulcer, "quantstats to_drawdown_series")
    values.whole(s.case, "pain_index", {}, -float(np.mean(depth)), "quantstats to_drawdown_series")
    martin = (empyrical.annual_return(r, annualization=ppy) - rate) / ulcer
    values.whole(s.case, "martin_ratio", {"ppy": ppy, "rf": rate}, martin, "empyrical annual_return")
    episodes = [list(days) for below, days in groupby(depth, key=lambda day: day < -1e-12) if below]
    mean_worst = float(np.mean([min(days) for days in episodes]))
    longest = max(map(len, episodes))
    values.whole(s.case, "avg_drawdown", {}, mean_worst, "quantstats to_drawdown_series")
    values.whole(s.case, "max_drawdown_duration_bars", {}, longest, "quantstats to_drawdown_series")


def wins(values: Values, s: Series) -> None:
    days = dated(s)
    values.whole(s.case, "profit_factor", {}, quantstats.profit_factor(days), "quantstats profit_factor")
    values.whole(s.case, "payoff_ratio", {}, quantstats.payoff_ratio(days), "quantstats payoff_ratio")
    values.whole(s.case, "win_rate", {}, quantstats.win_rate(days), "quantstats win_rate")
    months = pd.DatetimeIndex(days.index).strftime("%Y-%m")
    monthly = np.asarray((1 + days).groupby(months).prod() - 1, dtype=np.float64)
    values.whole(s.case, "gain_to_pain_monthly", {}, gain_to_pain(monthly), "pandas groupby")
    for metric in ("gain_to_pain", "gain_to_pain_per_bar"):
        values.whole(s.case, metric, {}, quantstats.gain_to_pain_ratio(days), "quantstats gain_to_pain_ratio")


def gain_to_pain(r: Array) -> float:
    """Schwager: the sum of all returns over that of the losses."""
    return float(r.sum() / -r[r < 0].sum())


def kelly(values: Values, s: Series) -> None:
    r, ppy, rate = s.returns(), PPY[s.case], RATE[s.case]
    values.whole(s.case, "kelly_discrete", {}, quantstats.kelly_criterion(dated(s)), "quantstats kelly_criterion")
    riskless = per_bar(rate, ppy)
    parameters = {"ppy": ppy, "rf": rate}
    leverage = float((r.mean() - riskless) / r.var(ddof=1))
    values.whole(s.case, "kelly_continuous", parameters, leverage, "numpy mean, var")

    def slope(f: float) -> float:
        """Derivative of mean log growth."""
        return float(np.mean((r - riskless) / (1 + riskless + f * (r - riskless))))

    lowest, highest = -5.0, 0.9 / abs(r.min())
    exact = highest if slope(highest) > 0 else scipy.optimize.brentq(slope, lowest, highest, xtol=1e-14, rtol=1e-14)
    values.whole(s.case, "kelly_exact_log", parameters, exact, "scipy optimize.brentq")


if __name__ == "__main__":
    main()
