"""Makes values/attribution.parquet: where a portfolio's return and risk come from, what weights theory would choose.

The members are those of make_portfolio; the case 'account' is the early S&P 500 as if it were an account's value, into
which 50 are paid on the first bar of each quarter but the first, and 20 taken out on the last bar of 2013. No package
has Brinson's effects linked over time or parts of a value at risk: those are NumPy, as the textbooks write them.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyxirr
from pypfopt.efficient_frontier import EfficientFrontier
from pypfopt.risk_models import CovarianceShrinkage
from scipy import optimize, stats
from sklearn.covariance import ledoit_wolf
from sklearn.decomposition import PCA

from tests.golden.frozen import Array, Series, Values, read_series
from tests.golden.make_portfolio import PPY, shared_prices

CASE = "portfolio"
PAID_IN, TAKEN_OUT = 50.0, -20.0
Told = dict[str, dict[str, Any]]
BRINSON: tuple[Told, ...] = (
    {
        "weights": {"SPX": 0.3, "IXIC": 0.2, "WTI": 0.5},
        "benchmark_weights": {"SPX": 0.6, "IXIC": 0.1, "WTI": 0.3},
        "groups": {"SPX": "shares", "IXIC": "shares", "WTI": "oil"},
    },
    {
        "weights": {"IXIC": 0.5, "WTI": 0.3},
        "benchmark_weights": {"SPX": 0.6, "IXIC": 0.4},
        "groups": {"SPX": "shares", "IXIC": "shares"},
    },
)


def main() -> None:
    values = Values("attribution")
    returns = shared_prices().pct_change().dropna()
    for told in BRINSON:
        brinson(values, returns, told)
    for confidence, weights in ((0.95, {"SPX": 0.5, "IXIC": 0.2, "WTI": 0.3}), (0.99, {})):
        components(values, returns, confidence, weights)
    for target in ("constant_correlation", "identity"):
        shrinkage(values, returns, target)
    allocations(values, returns)
    loadings(values, returns)
    stakes(values, read_series("early"))
    account(values, read_series("early"), read_series("late"))
    values.write()


def brinson(values: Values, returns: pd.DataFrame, told: Told) -> None:
    """Segment by segment with the book's products; what the weights leave is a segment of cash, which earns nothing."""
    frame = returns.assign(cash=0.0)
    own, other = (np.array([told[name].get(str(each), 0.0) for each in returns]) for name in [*told][:2])
    own, other = np.append(own, 1 - own.sum()), np.append(other, 1 - other.sum())
    names = np.array([told["groups"].get(str(each), str(each)) for each in frame])
    r, (mine, theirs) = frame.to_numpy(), (frame.to_numpy() @ own, frame.to_numpy() @ other)
    scale = logarithmic(mine, theirs) / logarithmic(np.prod(1 + mine) - 1, np.prod(1 + theirs) - 1)
    for name in dict.fromkeys(names):
        here = names == name
        w, W = own[here].sum(), other[here].sum()
        if abs(w) + abs(W) < 1e-9:
            continue
        R = r[:, here] @ own[here] / w if w else r[:, here] @ other[here] / W
        B = r[:, here] @ other[here] / W if W else R
        effects = {"allocation": (w - W) * (B - theirs), "selection": W * (R - B), "interaction": (w - W) * (R - B)}
        for effect, daily in effects.items():
            metric = f"brinson_{effect}"
            values.whole(CASE, metric, told, float(scale @ daily), "numpy log1p", symbol=name)
            if told is BRINSON[0]:
                days = Series(CASE, pd.DataFrame({"ts": returns.index}), pd.DataFrame())
                values.trailing(days, metric, told | {"linked": False}, daily, "numpy dot", symbol=name)


def logarithmic(mine: Array, theirs: Array) -> Array:
    """Carino's factor of an excess return."""
    return np.asarray((np.log1p(mine) - np.log1p(theirs)) / (mine - theirs))


def components(values: Values, returns: pd.DataFrame, confidence: float, weights: dict[str, float]) -> None:
    w = np.array([weights[str(each)] for each in returns]) if weights else np.full(3, 1 / 3)
    parts, total = returns.to_numpy() * w, returns.to_numpy() @ w
    known: dict[str, object] = {"confidence": confidence} | ({"weights": weights} if weights else {})
    worst = total <= np.quantile(total, 1 - confidence)
    marginal = np.cov(parts.T, total)[:-1, -1] / total.std(ddof=1)
    z = stats.norm.ppf(1 - confidence)
    place = (len(total) - 1) * (1 - confidence)
    days = parts[np.argsort(total)]
    low, share = int(place), place - int(place)
    found = {
        ("component_var", "parametric"): (parts.mean(axis=0) + z * marginal, "scipy stats.norm"),
        ("component_var", "historical"): ((1 - share) * days[low] + share * days[low + 1], "numpy argsort"),
        ("component_es", "parametric"): (
            parts.mean(axis=0) - stats.norm.pdf(z) / (1 - confidence) * marginal, "scipy stats.norm",
        ),
        ("component_es", "historical"): (parts[worst].mean(axis=0), "numpy quantile"),
    }  # fmt: skip
    for (metric, method), (each, program) in found.items():
        values.keyed(CASE, metric, known | {"method": method}, each, program, symbol=[*returns])


def shrinkage(values: Values, returns: pd.DataFrame, target: str) -> None:
    """PyPortfolioOpt divides the covariance by n - 1 and the rest by n; the paper, and we, divide all by n."""
    known = {"target": target}
    if target == "identity":
        (covariance, share), program = ledoit_wolf(returns.to_numpy()), "scikit-learn ledoit_wolf"
    else:
        shrunk = CovarianceShrinkage(returns, returns_data=True, frequency=1)
        shrunk.S = returns.cov(ddof=0).to_numpy()
        covariance, program = shrunk.ledoit_wolf(target).to_numpy(), "PyPortfolioOpt CovarianceShrinkage"
        share = shrunk.delta
    values.whole(CASE, "ledoit_wolf_shrinkage", known, float(share), program)
    pairs = [(a, b) for a in returns for b in returns]
    places = {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
    values.keyed(CASE, "ledoit_wolf_covariance", known | {"ppy": PPY}, covariance.ravel() * PPY, program, **places)
    least = np.linalg.solve(covariance, np.ones(3))
    values.keyed(CASE, "min_variance_weight", {"covariance": target}, least / least.sum(), program, symbol=[*returns])
    values.keyed(
        CASE, "risk_parity_weight", {"covariance": target}, equal_risk(covariance), "scipy optimize.fsolve",
        symbol=[*returns],
    )  # fmt: skip


def equal_risk(covariance: Array) -> Array:
    """Weights whose contributions to the variance are equal."""
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviations, deviations)

    def differences(x: Array) -> Array:
        return np.asarray(x * (correlation @ x) - 1)

    found = optimize.fsolve(differences, np.ones(len(covariance)), xtol=1e-13)
    weights = np.asarray(found) / deviations
    return np.asarray(weights / weights.sum())


def allocations(values: Values, returns: pd.DataFrame) -> None:
    """PyPortfolioOpt reads no bounds as -1 and 1, which would bind here."""
    covariance = returns.cov()
    symbols = [*returns]
    parity = equal_risk(covariance.to_numpy())
    values.keyed(CASE, "risk_parity_weight", {}, parity, "scipy optimize.fsolve", symbol=symbols)
    for rate in (0.0, 0.01):
        riskless = (1 + rate) ** (1 / PPY) - 1
        frontier = EfficientFrontier(
            (returns.mean() - riskless) * PPY, covariance * PPY, weight_bounds=(-5, 5), solver="CLARABEL"
        )
        best = np.array(list(frontier.max_sharpe(risk_free_rate=0.0).values()))
        known = {"rf": rate, "ppy": PPY}
        values.keyed(CASE, "max_sharpe_weight", known, best, "PyPortfolioOpt max_sharpe", symbol=symbols)


def loadings(values: Values, returns: pd.DataFrame) -> None:
    found = PCA().fit(((returns - returns.mean()) / returns.std()).to_numpy()).components_
    signed = found * np.sign(found[np.arange(3), np.abs(found).argmax(axis=1)])[:, None]
    places = {"k": [1, 1, 1, 2, 2, 2, 3, 3, 3], "symbol": [*returns] * 3}
    values.keyed(CASE, "pca_loading", {}, signed.ravel(), "scikit-learn PCA", **places)


def stakes(values: Values, s: Series) -> None:
    r = s.returns()
    for fraction, rate in ((1.0, 0.0), (0.25, 0.02)):
        riskless = (1 + rate) ** (1 / PPY) - 1
        mean, variance = (r - riskless).mean(), r.var(ddof=1)
        known = {"fraction": fraction, "rf": rate, "ppy": PPY}
        stake = fraction * mean / variance
        growth = (riskless + stake * mean - stake**2 * variance / 2) * PPY
        values.whole(s.case, "kelly_growth", known, growth, "numpy mean")
        values.whole(s.case, "kelly_vol", known, abs(stake) * np.sqrt(variance * PPY), "numpy var")


def account(values: Values, early: Series, late: Series) -> None:
    """`late` has no flows: its growth by the calendar."""
    days = pd.DatetimeIndex(early.bars["ts"])
    worth, flows = early.column("adj_close"), account_flows(days)
    amounts = [-worth[0], *-flows[1:-1], worth[-1] - flows[-1]]
    values.whole("account", "money_weighted_return", {}, xirr(days, amounts), "pyxirr xirr")
    days, worth = pd.DatetimeIndex(late.bars["ts"]), late.column("adj_close")
    values.whole("late", "money_weighted_return", {}, xirr(days[[0, -1]], [-worth[0], worth[-1]]), "pyxirr xirr")


def account_flows(days: pd.DatetimeIndex) -> Array:
    quarters = days.year * 4 + days.quarter
    flows = np.where(np.append(False, quarters[1:] != quarters[:-1]), PAID_IN, 0.0)
    flows[np.flatnonzero(days.year == 2013)[-1]] = TAKEN_OUT
    return flows


def xirr(days: pd.DatetimeIndex, amounts: list[float]) -> float:
    return float(pyxirr.xirr(days.date, amounts) or np.nan)


if __name__ == "__main__":
    main()
