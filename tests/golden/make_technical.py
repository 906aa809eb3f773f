"""Makes values/technical.parquet: TA-Lib's indicators, and pandas where it has none."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib

from tests.golden.frozen import Array, Parameters, Series, Values, read_series


class Value(NamedTuple):
    """One metric of a case."""

    metric: str
    parameters: Parameters
    values: npt.ArrayLike
    program: str


class Settings(NamedTuple):
    """The parameters of a case."""

    n: int  # averages
    rsi: int  # Wilder's
    short: int  # momentum, roc
    fast: int
    slow: int
    signal: int
    width: float  # bands
    step: float  # SAR
    most: float
    ultimate: tuple[int, int, int]


CASES = {
    "early": Settings(20, 14, 10, 12, 26, 9, 2.0, 0.02, 0.2, (7, 14, 28)),
    "late": Settings(33, 9, 15, 6, 19, 7, 1.5, 0.015, 0.12, (4, 9, 21)),
}


def main() -> None:
    values = Values("technical")
    for case, settings in CASES.items():
        series = read_series(case)
        for family in (averages, momentum, ranges, directions, volumes, channels, reversals, signals):
            for value in family(series, settings):
                values.trailing(series, *value)
    values.write()


def averages(s: Series, p: Settings) -> Iterator[Value]:
    close, n = s.column("close"), {"n": p.n}
    for metric in ("sma", "wma", "hma", "ema", "rma", "dema", "tema"):
        name = metric.upper()
        yield Value(metric, n, getattr(talib, name)(close, p.n), f"TA-Lib {name}")
    yield Value("vwma", n, talib.VWMA(close, s.column("volume"), p.n), "TA-Lib VWMA")
    kama = {"n": p.short, "fast": 2, "slow": 30}  # TA-Lib knows no others
    yield Value("kama", kama, talib.KAMA(close, p.short), "TA-Lib KAMA")


def momentum(s: Series, p: Settings) -> Iterator[Value]:
    high, low, close = s.column("high"), s.column("low"), s.column("close")
    lines = {"fast": p.fast, "slow": p.slow, "signal": p.signal}
    macd = talib.MACD(close, p.fast, p.slow, p.signal)
    for metric, values in zip(("macd", "macd_signal", "macd_hist"), macd, strict=True):
        yield Value(metric, lines, values, "TA-Lib MACD")
    ppo = talib.PPO(close, p.fast, p.slow, matype=talib.MA_Type.EMA)
    yield Value("ppo", {"fast": p.fast, "slow": p.slow}, ppo, "TA-Lib PPO")
    yield Value("rsi", {"n": p.rsi}, talib.RSI(close, p.rsi), "TA-Lib RSI")
    yield Value("roc", {"n": p.short}, talib.ROC(close, p.short), "TA-Lib ROC")
    yield Value("momentum", {"n": p.short}, talib.MOM(close, p.short), "TA-Lib MOM")
    yield Value("trix", {"n": p.short}, talib.TRIX(close, p.short), "TA-Lib TRIX")
    yield Value("cci", {"n": p.n}, talib.CCI(high, low, close, p.n), "TA-Lib CCI")
    yield Value("williams_r", {"n": p.rsi}, talib.WILLR(high, low, close, p.rsi), "TA-Lib WILLR")
    ultimate = talib.ULTOSC(high, low, close, *p.ultimate)
    yield Value("ultimate_oscillator", {"n": list(p.ultimate)}, ultimate, "TA-Lib ULTOSC")
    smooth_k, d = (3, 3) if p.n == 20 else (5, 4)
    stochastic = talib.STOCH(high, low, close, p.rsi, smooth_k, talib.MA_Type.SMA, d, talib.MA_Type.SMA)
    for metric, values in zip(("stoch_k", "stoch_d"), stochastic, strict=True):
        yield Value(metric, {"k": p.rsi, "smooth_k": smooth_k, "d": d}, values, "TA-Lib STOCH")
    strength = talib.RSI(close, p.rsi)
    lines = talib.STOCH(strength, strength, strength, p.rsi, smooth_k, talib.MA_Type.SMA, d, talib.MA_Type.SMA)
    for metric, values in zip(("stoch_rsi_k", "stoch_rsi_d"), lines, strict=True):
        yield Value(metric, {"n": p.rsi, "k": p.rsi, "smooth_k": smooth_k, "d": d}, values, "TA-Lib RSI, STOCH")


def ranges(s: Series, p: Settings) -> Iterator[Value]:
    prices = s.column("high"), s.column("low"), s.column("close")
    yield Value("true_range", {}, talib.TRANGE(*prices), "TA-Lib TRANGE")
    yield Value("atr", {"n": p.rsi}, talib.ATR(*prices, p.rsi), "TA-Lib ATR")
    yield Value("natr", {"n": p.rsi}, talib.NATR(*prices, p.rsi), "TA-Lib NATR")


def directions(s: Series, p: Settings) -> Iterator[Value]:
    high, low, close = s.column("high"), s.column("low"), s.column("close")
    for metric in ("plus_di", "minus_di", "adx"):
        name = metric.upper()
        yield Value(metric, {"n": p.rsi}, getattr(talib, name)(high, low, close, p.rsi), f"TA-Lib {name}")
    aroon = talib.AROON(high, low, p.slow)
    for metric, values in zip(("aroon_down", "aroon_up"), aroon, strict=True):
        yield Value(metric, {"n": p.slow}, values, "TA-Lib AROON")


def volumes(s: Series, p: Settings) -> Iterator[Value]:
    high, low, close, volume = (s.column(name) for name in ("high", "low", "close", "volume"))
    yield Value("obv", {}, talib.OBV(close, volume), "TA-Lib OBV")
    yield Value("ad_line", {}, talib.AD(high, low, close, volume), "TA-Lib AD")
    yield Value("cmf", {"n": p.n}, talib.CMF(high, low, close, volume, p.n), "TA-Lib CMF")
    yield Value("mfi", {"n": p.rsi}, talib.MFI(high, low, close, volume, p.rsi), "TA-Lib MFI")
    yield Value("vwap_cumulative", {}, talib.VWAP(high, low, close, volume), "TA-Lib VWAP")
    anchor = s.bars["ts"].iloc[200]
    since = talib.VWAP(*(values[200:] for values in (high, low, close, volume)))
    anchored = np.concatenate([np.full(200, np.nan), since])
    yield Value("vwap_anchored", {"anchor": anchor.isoformat()}, anchored, "TA-Lib VWAP")


def channels(s: Series, p: Settings) -> Iterator[Value]:
    high, low, close = s.column("high"), s.column("low"), s.column("close")
    upper, middle, lower = talib.BBANDS(close, p.n, p.width, p.width, talib.MA_Type.SMA)
    bands = {"upper": upper, "middle": middle, "lower": lower}
    bands |= {"percent_b": (close - lower) / (upper - lower), "width": (upper - lower) / middle}
    for name, values in bands.items():
        yield Value(f"bb_{name}", {"n": p.n, "k": p.width}, values, "TA-Lib BBANDS")
    keltner = talib.KC(high, low, close, p.n, p.short, p.width)
    for name, values in zip(("upper", "middle", "lower"), keltner, strict=True):
        yield Value(f"keltner_{name}", {"n": p.n, "atr": p.short, "k": p.width}, values, "TA-Lib KC")
    donchian = talib.DONCHIAN(high, low, p.n)
    for name, values in zip(("upper", "middle", "lower"), donchian, strict=True):
        yield Value(f"donchian_{name}", {"n": p.n}, values, "TA-Lib DONCHIAN")
    shift = 25 if p.n == 20 else 26
    yield from cloud(pd.Series(high), pd.Series(low), shift)
    drawn = np.where(np.arange(len(close)) >= shift, close, np.nan)  # on the bar where it is known
    yield Value("ichimoku_chikou", {"shift": shift}, drawn, "numpy where")


def cloud(high: "pd.Series[float]", low: "pd.Series[float]", shift: int) -> Iterator[Value]:
    """Ichimoku: middles of ranges, two of them shown `shift` bars later."""

    def middle(n: int) -> "pd.Series[float]":
        return (high.rolling(n).max() + low.rolling(n).min()) / 2

    tenkan, kijun, longest = (9, 26, 52) if shift == 25 else (7, 22, 44)
    yield Value("ichimoku_tenkan", {"n": tenkan}, middle(tenkan).to_numpy(), "pandas rolling")
    yield Value("ichimoku_kijun", {"n": kijun}, middle(kijun).to_numpy(), "pandas rolling")
    span_a, span_b = ((middle(9) + middle(26)) / 2).shift(shift), middle(longest).shift(shift)
    yield Value("ichimoku_span_a", {"shift": shift}, span_a.to_numpy(), "pandas rolling")
    yield Value("ichimoku_span_b", {"n": longest, "shift": shift}, span_b.to_numpy(), "pandas rolling")


def reversals(s: Series, p: Settings) -> Iterator[Value]:
    high, low, close = s.column("high"), s.column("low"), s.column("close")
    yield Value("psar", {"step": p.step, "max": p.most}, talib.SAR(high, low, p.step, p.most), "TA-Lib SAR")
    line, direction = talib.SUPERTREND(high, low, close, p.short, p.width + 1)
    band = {"n": p.short, "k": p.width + 1}
    yield Value("supertrend", band, line, "TA-Lib SUPERTREND")
    turns = np.flatnonzero(np.diff(direction, prepend=direction[:1]) * ~np.isnan(np.roll(line, 1)))
    told = np.where(np.arange(len(line)) >= turns[0], direction, np.nan)  # before its first turn it is only assumed
    yield Value("supertrend_direction", band, told, "TA-Lib SUPERTREND")
    before = pd.DataFrame({"h": high, "l": low, "c": close}).shift(1)
    pivot, span = before.mean(axis=1, skipna=False), before["h"] - before["l"]
    floors = {
        "p": pivot,
        "r1": 2 * pivot - before["l"],
        "s1": 2 * pivot - before["h"],
        "r2": pivot + span,
        "s2": pivot - span,
        "r3": before["h"] + 2 * (pivot - before["l"]),
        "s3": before["l"] - 2 * (before["h"] - pivot),
    }
    for name, level in floors.items():
        yield Value(f"pivot_{name}", {}, level.to_numpy(), "pandas shift")


def signals(s: Series, p: Settings) -> Iterator[Value]:
    close = s.column("close")
    averages = talib.SMA(close, p.fast) - talib.SMA(close, p.slow)
    yield Value("sig_sma_cross", {"fast": p.fast, "slow": p.slow}, crossings(averages, averages), "TA-Lib SMA")
    lines = {"fast": p.fast, "slow": p.slow, "signal": p.signal}
    macd = talib.MACD(close, p.fast, p.slow, p.signal)[2]
    yield Value("sig_macd_cross", lines, crossings(macd, macd), "TA-Lib MACD")
    rsi, low, high = talib.RSI(close, p.rsi), 35, 65
    levels = crossings(rsi - low, rsi - high)
    yield Value("sig_rsi_level", {"n": p.rsi, "low": low, "high": high}, levels, "TA-Lib RSI")


def crossings(rising: Array, falling: Array) -> Array:
    """+1 where `rising` turns positive, -1 where `falling` turns negative; the last sign that was not 0 counts."""
    result, last_up, last_down = np.zeros(len(rising)), 0.0, 0.0
    for i, (up, down) in enumerate(zip(np.sign(rising), np.sign(falling), strict=True)):
        if np.isnan(up):
            result[i] = np.nan
            continue
        result[i] = (last_up < 0 < up) - float(last_down > 0 > down)
        last_up, last_down = up or last_up, down or last_down
    return result


if __name__ == "__main__":
    main()
