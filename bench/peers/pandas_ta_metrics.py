"""The indicators of bench/metrics.py by pandas-ta-classic, rolling ratios by empyrical; one symbol at a time."""

from typing import Any

import empyrical
import numpy as np
import pandas as pd
import pandas_ta_classic as ta

YEAR = 252.0


def indicators(o: Any, h: Any, lo: Any, c: Any, v: Any) -> dict[str, Any]:
    r, log_return = c.pct_change(), np.log(c).diff()
    x: dict[str, Any] = {f"sma_{n}": ta.sma(c, n, talib=False) for n in (20, 50, 252)}
    x |= {f"ema_{n}": ta.ema(c, n, talib=False) for n in (20, 50)}
    x |= {name: getattr(ta, name)(c, 20, talib=False) for name in ("dema", "tema", "wma", "hma")}
    x |= {"vwma": ta.vwma(c, v, 20), "rsi": ta.rsi(c, 14, talib=False), "roc": ta.roc(c, 10, talib=False)}
    x |= {"momentum": ta.mom(c, 10, talib=False), "cci": ta.cci(h, lo, c, 20, talib=False)}
    x |= {"mfi": ta.mfi(h, lo, c, v, 14, talib=False), "williams_r": ta.willr(h, lo, c, 14, talib=False)}
    x |= {"ultimate_oscillator": ta.uo(h, lo, c, talib=False), "true_range": ta.true_range(h, lo, c, talib=False)}
    x |= {"atr": ta.atr(h, lo, c, 14, talib=False), "natr": ta.natr(h, lo, c, 14, talib=False)}
    x |= {"obv": ta.obv(c, v, talib=False), "ad_line": ta.ad(h, lo, c, v, talib=False), "cmf": ta.cmf(h, lo, c, v)}
    frames = {
        "bb": ta.bbands(c, 20, 2, talib=False), "donchian": ta.donchian(h, lo, 20, 20), "macd": ta.macd(c, talib=False),
        "ppo": ta.ppo(c, talib=False), "stoch": ta.stoch(h, lo, c), "aroon": ta.aroon(h, lo, 25, talib=False),
        "adx": ta.adx(h, lo, c, 14), "keltner": ta.kc(h, lo, c, 20), "trix": ta.trix(c, 15),
        "ichimoku": ta.ichimoku(h, lo, c)[0],
    }  # fmt: skip
    for name, frame in frames.items():
        x |= {f"{name}_{column}": frame[column] for column in frame.columns}
    log_range, log_body, k = np.log(h / lo), np.log(c / o), 0.34 / (1.34 + 22 / 20)
    satchell = (np.log(h / c) * np.log(h / o) + np.log(lo / c) * np.log(lo / o)).rolling(21).mean()
    overnight = np.log(o / c.shift(1)).rolling(21).var()
    x |= {"simple_return": r, "log_return": log_return, "cumulative_return": c / c.iloc[0] - 1}
    x |= {"realized_vol": log_return.rolling(21).std() * YEAR**0.5}
    x |= {"ewma_vol": np.sqrt((log_return**2).ewm(alpha=0.06, adjust=False).mean() * YEAR)}
    x |= {"parkinson_vol": np.sqrt((log_range**2).rolling(21).mean() * YEAR / (4 * np.log(2)))}
    x |= {"rogers_satchell_vol": np.sqrt(satchell * YEAR)}
    x |= {"yang_zhang_vol": np.sqrt((overnight + k * log_body.rolling(21).var() + (1 - k) * satchell) * YEAR)}
    body = (2 * np.log(2) - 1) * log_body**2
    x |= {"garman_klass_vol": np.sqrt((log_range**2 / 2 - body).rolling(21).mean() * YEAR)}
    values = r.to_numpy()[1:]
    x["rolling_sharpe"] = np.concatenate((np.full(len(c) - len(values) + 251, np.nan), sharpe_ratios(values)))
    return x


def sharpe_ratios(values: Any) -> Any:
    return np.asarray(empyrical.roll_sharpe_ratio(values, 252))


def compute(bars: dict[str, Any]) -> dict[str, Any]:
    frame = pd.DataFrame({name: values for name, values in bars.items() if name != "ts"})
    parts: dict[str, list[Any]] = {}
    for _, one in frame.groupby("series_id", sort=False):
        one.index = pd.DatetimeIndex(bars["ts"][: len(one)])
        found = indicators(one["open"], one["high"], one["low"], one["close"], one["volume"])
        for name, values in found.items():
            parts.setdefault(name, []).append(np.asarray(values, dtype=float)[: len(one)])
    return {name: np.concatenate(values) for name, values in parts.items()}
