"""The indicators of bench/metrics.py by TA-Lib, with NumPy where TA-Lib has none; one symbol at a time."""

from itertools import pairwise
from typing import Any

import numpy as np
import talib

Array = np.ndarray[tuple[int], np.dtype[np.float64]]
YEAR = 252.0


def rolling_mean(x: Array, n: int) -> Array:
    return talib.SMA(x, n)  # type: ignore[no-any-return]


def rolling_std(x: Array, n: int) -> Array:
    return talib.STDDEV(x, n) * np.sqrt(n / (n - 1))  # type: ignore[no-any-return]


def before(x: Array, n: int) -> Array:
    return np.concatenate((np.full(n, np.nan), x[:-n]))


def indicators(o: Array, h: Array, lo: Array, c: Array, v: Array) -> dict[str, Array]:
    """Every column of the comparison, one array each."""
    return {**trend(h, lo, c, v), **oscillators(h, lo, c, v), **flows(h, lo, c, v), **risk(o, h, lo, c)}


def trend(h: Array, lo: Array, c: Array, v: Array) -> dict[str, Array]:
    x: dict[str, Any] = {f"sma_{n}": talib.SMA(c, n) for n in (20, 50, 252)}
    x |= {"ema_short": talib.EMA(c, 20), "ema_medium": talib.EMA(c, 50), "dema": talib.DEMA(c, 20)}
    x |= {"tema": talib.TEMA(c, 20), "wma": talib.WMA(c, 20)}
    x["vwma"] = talib.SMA(c * v, 20) / talib.SMA(v, 20)
    sharpened = 2 * talib.WMA(c, 10) - x["wma"]
    x["hma"] = np.concatenate((sharpened[:19], talib.WMA(sharpened[19:], 4)))
    upper, middle, lower = talib.BBANDS(c, 20, 2.0, 2.0)
    x |= {"bb_upper": upper, "bb_middle": middle, "bb_lower": lower}
    x |= {"bb_percent_b": (c - lower) / (upper - lower), "bb_width": (upper - lower) / middle}
    top, bottom = talib.MAX(h, 20), talib.MIN(lo, 20)
    x |= {"donchian_upper": top, "donchian_middle": (top + bottom) / 2, "donchian_lower": bottom}
    tenkan, kijun, slow = ((talib.MAX(h, n) + talib.MIN(lo, n)) / 2 for n in (9, 26, 52))
    x |= {"ichimoku_tenkan": tenkan, "ichimoku_kijun": kijun}
    x |= {"ichimoku_span_a": before((tenkan + kijun) / 2, 25), "ichimoku_span_b": before(slow, 25)}
    x["macd"], x["macd_signal"], x["macd_hist"] = talib.MACD(c, 12, 26, 9)
    x["ppo"] = talib.PPO(c, 12, 26, 1)
    return x


def oscillators(h: Array, lo: Array, c: Array, v: Array) -> dict[str, Array]:
    x: dict[str, Any] = {"rsi": talib.RSI(c, 14), "roc": talib.ROC(c, 10), "momentum": talib.MOM(c, 10)}
    x |= {"trix": talib.TRIX(c, 15), "cci": talib.CCI(h, lo, c, 20), "mfi": talib.MFI(h, lo, c, v, 14)}
    x["stoch_k"], x["stoch_d"] = talib.STOCH(h, lo, c, 14, 3, 0, 3, 0)
    x |= {"williams_r": talib.WILLR(h, lo, c, 14), "ultimate_oscillator": talib.ULTOSC(h, lo, c, 7, 14, 28)}
    x["aroon_down"], x["aroon_up"] = talib.AROON(h, lo, 25)
    x |= {"plus_di": talib.PLUS_DI(h, lo, c, 14), "minus_di": talib.MINUS_DI(h, lo, c, 14)}
    x |= {"adx": talib.ADX(h, lo, c, 14), "true_range": talib.TRANGE(h, lo, c)}
    x |= {"atr": talib.ATR(h, lo, c, 14), "natr": talib.NATR(h, lo, c, 14)}
    middle, width = talib.EMA((h + lo + c) / 3, 20), 2 * talib.ATR(h, lo, c, 10)
    x |= {"keltner_upper": middle + width, "keltner_middle": middle, "keltner_lower": middle - width}
    return x


def flows(h: Array, lo: Array, c: Array, v: Array) -> dict[str, Array]:
    spread = np.where(h > lo, h - lo, 1.0)
    located = np.where(h > lo, ((c - lo) - (h - c)) / spread, 0.0) * v
    return {
        "obv": talib.OBV(c, v),
        "ad_line": talib.AD(h, lo, c, v),
        "cmf": talib.SUM(located, 20) / talib.SUM(v, 20),
    }


def risk(o: Array, h: Array, lo: Array, c: Array) -> dict[str, Array]:
    r = c[1:] / c[:-1] - 1
    log_return = np.log(c[1:] / c[:-1])
    first = np.full(1, np.nan)
    full = {"simple_return": r, "log_return": log_return, "realized_vol": rolling_std(log_return, 21) * np.sqrt(YEAR)}
    shortfall = np.sqrt(rolling_mean(np.minimum(r, 0) ** 2, 252) * YEAR)
    mean = rolling_mean(r, 252)
    wins, losses = rolling_mean((r > 0).astype(float), 252), rolling_mean((r < 0).astype(float), 252)
    with np.errstate(divide="ignore", invalid="ignore"):
        full["rolling_sharpe"] = mean / rolling_std(r, 252) * np.sqrt(YEAR)
        full["rolling_sortino"] = mean * YEAR / shortfall
    full |= {"rolling_downside_deviation": shortfall, "rolling_win_rate": wins / (wins + losses)}
    squares = log_return**2
    average = talib.EMA(squares, 32)  # 2 / 33 forgets nearly as 0.94 does; as costly
    full["ewma_vol"] = np.sqrt(average * YEAR)
    x = {name: np.concatenate((first, values)) for name, values in full.items()}
    x["cumulative_return"] = c / c[0] - 1
    log_range, log_body = np.log(h / lo), np.log(c / o)
    x["parkinson_vol"] = np.sqrt(rolling_mean(log_range**2, 21) * YEAR / (4 * np.log(2)))
    x["garman_klass_vol"] = np.sqrt(rolling_mean(0.5 * log_range**2 - (2 * np.log(2) - 1) * log_body**2, 21) * YEAR)
    satchell = rolling_mean(np.log(h / c) * np.log(h / o) + np.log(lo / c) * np.log(lo / o), 21)
    overnight = np.concatenate((first, rolling_std(np.log(o[1:] / c[:-1]), 21) ** 2))
    k = 0.34 / (1.34 + 22 / 20)
    x["rogers_satchell_vol"] = np.sqrt(satchell * YEAR)
    x["yang_zhang_vol"] = np.sqrt((overnight + k * rolling_std(log_body, 21) ** 2 + (1 - k) * satchell) * YEAR)
    return x


def compute(bars: dict[str, Any]) -> dict[str, Any]:
    """Columns of the result, in the order of the bars, which come sorted by series and time."""
    borders = np.flatnonzero(np.diff(bars["series_id"], prepend=-1, append=-2))
    parts: dict[str, list[Array]] = {}
    for first, last in pairwise(borders):
        one = (bars[name][first:last] for name in ("open", "high", "low", "close", "volume"))
        for name, values in indicators(*one).items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}
