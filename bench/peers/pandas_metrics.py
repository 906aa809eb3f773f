"""What pandas' groupby-rolling and groupby-ewm say of the indicators of bench/metrics.py, all symbols at once."""

from typing import Any

import numpy as np
import pandas as pd

YEAR = 252.0


def compute(bars: dict[str, Any]) -> dict[str, Any]:
    """The columns that a rolling mean, deviation, extreme, sum or an exponential average gives."""
    f = pd.DataFrame({name: values for name, values in bars.items() if name != "ts"})
    key = f["series_id"]
    o, h, lo, c, v = (f[name] for name in ("open", "high", "low", "close", "volume"))

    def rolling(x: Any, n: int) -> Any:
        return x.groupby(key, sort=False).rolling(n)

    def mean(x: Any, n: int) -> Any:
        return rolling(x, n).mean().reset_index(drop=True)

    def std(x: Any, n: int) -> Any:
        return rolling(x, n).std().reset_index(drop=True)

    def middle(n: int) -> Any:
        return (rolling(h, n).max().reset_index(drop=True) + rolling(lo, n).min().reset_index(drop=True)) / 2

    def average(x: Any, weight: float) -> Any:
        return x.groupby(key, sort=False).ewm(alpha=weight, adjust=False).mean().reset_index(drop=True)

    def before(x: Any, n: int) -> Any:
        return x.groupby(key, sort=False).shift(n)

    true_range = np.maximum(h - lo, np.maximum((h - before(c, 1)).abs(), (lo - before(c, 1)).abs()))
    price, change = (h + lo + c) / 3, c - before(c, 1)
    r, log_return = c / before(c, 1) - 1, np.log(c / before(c, 1))
    x: dict[str, Any] = {f"sma_{n}": mean(c, n) for n in (20, 50, 252)} | {
        f"ema_{n}": average(c, 2 / (n + 1)) for n in (20, 50)
    }
    twice = average(x["ema_20"], 2 / 21)
    x |= {"dema": 2 * x["ema_20"] - twice, "tema": 3 * x["ema_20"] - 3 * twice + average(twice, 2 / 21)}
    x |= {"vwma": mean(c * v, 20) / mean(v, 20)}
    half = 2 * std(c, 20) * np.sqrt(19 / 20)
    x |= {
        "bb_upper": x["sma_20"] + half,
        "bb_middle": x["sma_20"],
        "bb_lower": x["sma_20"] - half,
        "bb_width": 2 * half / x["sma_20"],
    }
    x |= {"donchian_upper": rolling(h, 20).max().reset_index(drop=True), "donchian_middle": middle(20)}
    x |= {"donchian_lower": rolling(lo, 20).min().reset_index(drop=True), "ichimoku_tenkan": middle(9)}
    x |= {"ichimoku_kijun": middle(26), "ichimoku_span_b": before(middle(52), 25)}
    fast, slow = average(c, 2 / 13), average(c, 2 / 27)
    x |= {"macd": fast - slow, "ppo": 100 * (fast / slow - 1), "macd_signal": average(fast - slow, 0.2)}
    gain, loss = average(change.clip(lower=0), 1 / 14), average((-change).clip(lower=0), 1 / 14)
    x |= {"rsi": 100 * gain / (gain + loss), "roc": 100 * (c / before(c, 10) - 1), "momentum": c - before(c, 10)}
    x |= {"true_range": true_range, "atr": average(true_range, 1 / 14), "keltner_middle": average(price, 2 / 21)}
    width = average(true_range, 0.1)
    x |= {"keltner_upper": x["keltner_middle"] + 2 * width, "keltner_lower": x["keltner_middle"] - 2 * width}
    highest, lowest = rolling(h, 14).max().reset_index(drop=True), rolling(lo, 14).min().reset_index(drop=True)
    x |= {
        "stoch_k": mean(100 * (c - lowest) / (highest - lowest), 3),
        "williams_r": 100 * (c - highest) / (highest - lowest),
    }
    x |= {"obv": (np.sign(change).fillna(1) * v).groupby(key, sort=False).cumsum()}
    located = ((c - lo) - (h - c)) / (h - lo) * v
    x |= {"ad_line": located.groupby(key, sort=False).cumsum(), "cmf": mean(located, 20) / mean(v, 20)}
    x |= {"simple_return": r, "log_return": log_return, "realized_vol": std(log_return, 21) * YEAR**0.5}
    x |= {"ewma_vol": np.sqrt(average(log_return**2, 0.06) * YEAR)}
    x |= {"parkinson_vol": np.sqrt(mean(np.log(h / lo) ** 2, 21) * YEAR / (4 * np.log(2)))}
    satchell = np.log(h / c) * np.log(h / o) + np.log(lo / c) * np.log(lo / o)
    x |= {
        "rogers_satchell_vol": np.sqrt(mean(satchell, 21) * YEAR),
        "rolling_sharpe": mean(r, 252) / std(r, 252) * YEAR**0.5,
    }
    shortfall = np.sqrt(mean(r.clip(upper=0) ** 2, 252) * YEAR)
    x |= {"rolling_downside_deviation": shortfall, "rolling_sortino": mean(r, 252) * YEAR / shortfall}
    return {name: values.to_numpy() for name, values in x.items()}
