"""Makes values/factors.parquet: exposures by statsmodels, factors of a universe of three by pandas, member by member.

Case 'early' is the S&P 500 on Fama and French's factors; 'portfolio' is the S&P 500, the Nasdaq and oil together.
"""

import itertools

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import statsmodels.api as sm

from tests.golden.frozen import HERE, Values, read_series

FACTORS = ["mkt_rf", "smb", "hml"]


def main() -> None:
    values = Values("factors")
    for lags in (None, 6):
        exposures(values, lags)
    frame = pq.read_table(HERE / "series.parquet").to_pandas()
    universe = {symbol: rows.set_index("ts").sort_index() for symbol, rows in
                frame[frame["case"] == "early"].groupby("symbol")}  # fmt: skip
    for lookback, skip in ((12, 1), (6, 0)):
        scores = momentum_scores(universe, lookback, skip)
        store(values, "momentum_factor", {"lookback": lookback, "skip": skip}, held(universe, scores))
    for n in (63, 20):
        store(values, "size_factor", {"n": n}, held(universe, size_scores(universe, n)))
    values.write()


def exposures(values: Values, lags: int | None) -> None:
    """Ordinary least squares; plain errors, and HAC by Newey and West without a small-sample correction."""
    bars = read_series("early").bars
    monthly = bars.set_index("ts")["adj_close"].resample("MS").last().pct_change().rename("r")
    factors = pq.read_table(HERE / "factors.parquet").to_pandas().set_index("ts")
    joined = factors.join(monthly, how="inner").dropna()
    model = sm.OLS(joined["r"] - joined["rf"], sm.add_constant(joined[FACTORS]))
    plain = model.fit()
    used = int(4 * (len(joined) / 100) ** (2 / 9)) if lags is None else lags
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": used, "use_correction": False})
    known: dict[str, object] = {"freq": "monthly"} | ({} if lags is None else {"lags": lags})
    columns = {"exposure": plain.params, "standard_error": plain.bse, "t_value": plain.tvalues,
               "hac_standard_error": robust.bse, "hac_t_value": robust.tvalues}  # fmt: skip
    whole = {"r2": plain.rsquared, "adjusted_r2": plain.rsquared_adj, "n_obs": plain.nobs}
    for name, found in (columns | {each: plain.params * 0 + value for each, value in whole.items()}).items():
        names = ["alpha" if each == "const" else each for each in found.index]
        metric, numbers = f"factor_exposure.{name}", np.asarray(found, dtype=np.float64)
        values.keyed("early", metric, known, numbers, "statsmodels OLS", a=names)


def months_of(rows: pd.DataFrame | pd.Series) -> pd.PeriodIndex:
    return pd.DatetimeIndex(rows.index).tz_localize(None).to_period("M")


def month_ends(rows: pd.DataFrame) -> pd.Series:
    ends: pd.Series = rows["adj_close"].groupby(months_of(rows)).last()
    return ends


def momentum_scores(universe: dict[str, pd.DataFrame], lookback: int, skip: int) -> pd.DataFrame:
    """By the month in which they are held."""
    ends = pd.DataFrame({symbol: month_ends(rows) for symbol, rows in universe.items()})
    scores: pd.DataFrame = ends.shift(1 + skip) / ends.shift(1 + lookback) - 1
    return scores


def size_scores(universe: dict[str, pd.DataFrame], n: int) -> pd.DataFrame:
    traded = {}
    for symbol, rows in universe.items():
        median = (rows["close"] * rows["volume"]).rolling(n).median()
        traded[symbol] = -median.groupby(months_of(median)).last().shift(1)
    return pd.DataFrame(traded)


def held(universe: dict[str, pd.DataFrame], scores: pd.DataFrame) -> pd.Series:
    """The best third or half less the worst, equal sums at the month's start, held; by day."""
    found = {}
    for month in scores.index:
        known = {}
        for symbol, rows in universe.items():
            before = rows["adj_close"][months_of(rows) == month - 1]
            if len(before) and np.isfinite(scores.loc[month, symbol]):
                known[symbol] = before.iloc[-1]
        order = sorted(known, key=lambda symbol: (scores.loc[month, symbol], symbol))
        size = len(order) // 3 if len(order) >= 6 else len(order) // 2
        if size:
            high, low = (ends(universe, month, part, known) for part in (order[-size:], order[:size]))
            for day in sorted({*high, *low}):
                found[day] = high.get(day, np.nan) - low.get(day, np.nan)
    return pd.Series(found)


def ends(universe: dict[str, pd.DataFrame], month: pd.Period, symbols: list[str], base: dict[str, float]) -> dict[
    pd.Timestamp, float
]:  # fmt: skip
    """Return of one end by day: gains of the members that have a price, over what was in them."""
    gains: dict[pd.Timestamp, float] = {}
    sums: dict[pd.Timestamp, float] = {}
    for symbol in symbols:
        prices = universe[symbol]["adj_close"]
        days = zip(pd.DatetimeIndex(prices.index), months_of(prices), prices, strict=True)
        for (_, _, before), (day, its_month, price) in itertools.pairwise(days):
            if its_month == month:
                gains[day] = gains.get(day, 0.0) + (price - before) / base[symbol]
                sums[day] = sums.get(day, 0.0) + before / base[symbol]
    return {day: gain / sums[day] for day, gain in gains.items()}


def store(values: Values, metric: str, known: dict[str, object], found: pd.Series) -> None:
    numbers = found.to_numpy(dtype=np.float64)
    values.keyed("portfolio", metric, known, numbers, "pandas groupby", ts=list(found.index))


if __name__ == "__main__":
    main()
