"""Makes values/portfolio.parquet: two indices and oil on the days they share, by NumPy, SciPy and statsmodels.

Case 'portfolio' is the early span of all three; 'early' the S&P 500 alone, on Fama and French's factors.
"""

import math

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import scipy.stats
import statsmodels.api as sm

from tests.golden.frozen import HERE, Array, Series, Values, late_start, read_series

PPY = 252
WEIGHTS = {"equal": {}, "told": {"SPX": 0.5, "IXIC": 0.2, "WTI": 0.3}}


def main() -> None:
    values = Values("portfolio")
    prices = shared_prices()
    returns = prices.pct_change().dropna()
    by_day(values, prices, returns)
    paths(values, prices)
    for weights in WEIGHTS.values():
        risks(values, returns, weights)
    pairs(values, returns)
    solved(values, returns)
    factors(values, read_series("early"))
    values.write()


def shared_prices() -> pd.DataFrame:
    """A column per member, rows where all have a price."""
    frame = pq.read_table(HERE / "series.parquet").to_pandas()
    frame = frame[frame["case"] == "early"]
    prices: pd.DataFrame = frame.pivot(index="ts", columns="symbol", values="adj_close").dropna()
    return prices[["SPX", "IXIC", "WTI"]]


def by_day(values: Values, prices: pd.DataFrame, returns: pd.DataFrame) -> None:
    days = Series("portfolio", pd.DataFrame({"ts": prices.index}), pd.DataFrame())
    r = returns.to_numpy()
    values.trailing(days, "equal_weight_return", {}, late_start(r.mean(axis=1)), "numpy mean")
    held = (prices / prices.iloc[0]).mean(axis=1).pct_change().to_numpy()
    values.trailing(days, "buy_hold_return", {}, held, "pandas pct_change")
    for name, told in WEIGHTS.items():
        w = weight_array(told)
        drifted = w * (1 + r) / (1 + r @ w)[:, None]
        traded = late_start(np.abs(w - drifted).sum(axis=1) / 2)
        values.trailing(days, "turnover", parameters(name), traded, "numpy sum")


def paths(values: Values, prices: pd.DataFrame) -> None:
    """Shares are bought on the first day, and again on the last common day of each period, at the closing prices."""
    days = Series("portfolio", pd.DataFrame({"ts": prices.index}), pd.DataFrame())
    deviation = prices.pct_change().rolling(63).std()
    inverse = (1 / deviation).div((1 / deviation).sum(axis=1, min_count=3), axis=0)
    short = {"SPX": 1.2, "IXIC": -0.4, "WTI": 0.2}
    cases: list[tuple[dict[str, object], pd.DataFrame]] = [
        ({"rebalance": "monthly"}, prices * 0 + 1 / 3),
        ({"rebalance": "quarterly", "weights": short}, prices * 0 + pd.Series(short)),
        ({"rebalance": "weekly", "volatility_window": 63}, inverse),
        ({"rebalance": "never", "weights": WEIGHTS["told"]}, prices * 0 + pd.Series(WEIGHTS["told"])),
        ({"rebalance": "yearly"}, prices * 0 + 1 / 3),
    ]
    for known, targets in cases:
        wealth, held, moved = walked(prices, targets, str(known["rebalance"]))
        values.trailing(days, "portfolio_return", known, wealth.pct_change(), "numpy loop on shares")
        values.trailing(days, "turnover", known, moved, "numpy loop on shares")
        for symbol in prices.columns:
            chosen = [0, 1, 62, 63, 64, 100, 700, len(prices) - 1]
            keys = {"symbol": [symbol] * len(chosen), "ts": prices.index[chosen]}
            weights = held[symbol].to_numpy()[chosen]
            values.keyed("portfolio", "portfolio_weight", known, weights, "numpy loop on shares", **keys)


def walked(prices: pd.DataFrame, targets: pd.DataFrame, rebalance: str) -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    """Wealth, weights at each day's end before any rebalancing, and turnover; from the first day with targets."""
    code = {"weekly": "W", "monthly": "M", "quarterly": "Q", "yearly": "Y"}.get(rebalance)
    naive = pd.DatetimeIndex(prices.index).tz_localize(None)
    period = naive.to_period(code).asi8 if code else np.zeros(len(prices))
    price, target = prices.to_numpy(), targets.to_numpy()
    start = int(np.argmax(~np.isnan(target).any(axis=1)))
    wealth, moved = np.full(len(price), np.nan), np.full(len(price), np.nan)
    held = np.full(price.shape, np.nan)
    wealth[start], held[start], shares = 1.0, target[start], target[start] / price[start]
    for i in range(start + 1, len(price)):
        wealth[i] = shares @ price[i]
        held[i] = shares * price[i] / wealth[i]
        moved[i] = 0.0
        if i + 1 < len(price) and period[i + 1] != period[i]:
            moved[i] = np.abs(target[i] - held[i]).sum() / 2
            shares = target[i] * wealth[i] / price[i]
    index = prices.index
    return pd.Series(wealth, index), pd.DataFrame(held, index, prices.columns), pd.Series(moved, index)


def weight_array(told: dict[str, float]) -> Array:
    return np.array(list(told.values())) if told else np.full(3, 1 / 3)


def parameters(name: str) -> dict[str, object]:
    return {"weights": WEIGHTS[name]} if WEIGHTS[name] else {}


def risks(values: Values, returns: pd.DataFrame, told: dict[str, float]) -> None:
    w, covariance = weight_array(told), np.cov(returns.to_numpy().T)
    deviation = math.sqrt(w @ covariance @ w)
    known: dict[str, object] = {"weights": told} if told else {}
    annual = known | {"ppy": PPY}
    values.whole("portfolio", "portfolio_vol", annual, deviation * math.sqrt(PPY), "numpy cov")
    weighted = float(w @ np.sqrt(np.diag(covariance)))
    values.whole("portfolio", "diversification_ratio", known, weighted / deviation, "numpy cov")
    values.whole("portfolio", "effective_bets_hhi", known, 1 / float(w @ w), "numpy dot")
    contributions = w * (covariance @ w) / deviation * math.sqrt(PPY)
    linked = carino(returns.to_numpy(), w)
    for i, symbol in enumerate(returns.columns):
        values.whole("portfolio", "risk_contribution", annual, contributions[i], "numpy cov", symbol=symbol)
        values.whole("portfolio", "contribution_carino", known, linked[i], "numpy log1p", symbol=symbol)


def carino(returns: Array, weights: Array) -> Array:
    """Contributions to the total return, linked by logarithms."""
    daily = returns @ weights
    total = float(np.prod(1 + daily)) - 1
    factors = np.where(daily == 0, 1, np.log1p(daily) / np.where(daily == 0, 1, daily))
    return np.asarray((factors[:, None] * weights * returns).sum(axis=0) / (math.log1p(total) / total))


def pairs(values: Values, returns: pd.DataFrame) -> None:
    """SPX and IXIC share every day, WTI not: here all three do, so a pair with WTI is compared on their common days."""
    for a, b in (("SPX", "WTI"), ("WTI", "IXIC")):
        pearson = scipy.stats.pearsonr(returns[a], returns[b]).statistic
        values.whole("portfolio", "correlation_pair", {}, pearson, "scipy stats.pearsonr", a=a, b=b)
        spearman = scipy.stats.spearmanr(returns[a], returns[b]).statistic
        values.whole("portfolio", "spearman_pair", {}, spearman, "scipy stats.spearmanr", a=a, b=b)
        values.whole("portfolio", "count_common", {}, float(returns[[a, b]].count().min()), "pandas count", a=a, b=b)
        for n in (20, 63):
            rolled = late_start(returns[a].rolling(n).corr(returns[b]).to_numpy())
            days = [shared_prices().index[0], *returns.index]
            values.keyed(
                "portfolio", "rolling_correlation_pair", {"n": n}, rolled, "pandas rolling corr",
                a=[a] * len(days), b=[b] * len(days), ts=days,
            )  # fmt: skip


def solved(values: Values, returns: pd.DataFrame) -> None:
    r = returns.to_numpy()
    shares = np.linalg.eigvalsh(np.corrcoef(r.T))[::-1] / 3
    values.vector("portfolio", "pca_explained", {}, shares, "numpy linalg.eigvalsh")
    covariance = np.cov(r.T)
    least = np.linalg.solve(covariance, np.ones(3))
    for i, symbol in enumerate(returns.columns):
        weight = least[i] / least.sum()
        values.whole("portfolio", "min_variance_weight", {}, weight, "numpy linalg.solve", symbol=symbol)
    for rate in (0.0, 0.02):
        riskless = (1 + rate) ** (1 / PPY) - 1
        leverage = np.linalg.solve(covariance, r.mean(axis=0) - riskless)
        for kelly, symbol in zip(leverage, returns.columns, strict=True):
            known = {"ppy": PPY, "rf": rate}
            values.whole("portfolio", "kelly_multi", known, kelly, "numpy linalg.solve", symbol=symbol)


def factors(values: Values, s: Series) -> None:
    monthly = pd.Series(s.column("adj_close"), index=pd.DatetimeIndex(s.bars["ts"])).resample("MS").last()
    frame = pq.read_table(HERE / "factors.parquet").to_pandas().set_index("ts")
    joined = frame.join(monthly.pct_change().rename("r"), how="inner").dropna()
    fit = sm.OLS(joined["r"] - joined["rf"], sm.add_constant(joined[["mkt_rf", "smb", "hml"]])).fit()
    names = {"alpha": "const", "mkt": "mkt_rf", "smb": "smb", "hml": "hml"}
    for name, column in names.items():
        for prefix, found in {"ff3_": fit.params, "ff3_t_": fit.tvalues}.items():
            values.whole("early", prefix + name, {"freq": "monthly"}, float(found[column]), "statsmodels OLS")
    values.whole("early", "ff3_r2", {"freq": "monthly"}, fit.rsquared, "statsmodels OLS")


if __name__ == "__main__":
    main()
