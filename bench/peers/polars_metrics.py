"""The indicators of bench/metrics.py in polars: rolling and exponential expressions over each series."""

from typing import Any

import numpy as np
import polars as pl

C, H, L, O, V = (pl.col(name) for name in ("close", "high", "low", "open", "volume"))  # noqa: E741
YEAR = 252.0


def ema(x: pl.Expr, n: int) -> pl.Expr:
    return x.ewm_mean(span=n, adjust=False, min_samples=n)


def rma(x: pl.Expr, n: int) -> pl.Expr:
    return x.ewm_mean(alpha=1 / n, adjust=False, min_samples=n)


def wma(x: pl.Expr, n: int) -> pl.Expr:
    return x.rolling_mean(n, weights=list(map(float, range(1, n + 1))))


def hull(x: pl.Expr) -> pl.Expr:
    """Weighted mean of four; polars' weights take no NULLs."""
    return (4 * x + 3 * x.shift(1) + 2 * x.shift(2) + x.shift(3)) / 10


def steps() -> list[dict[str, pl.Expr]]:
    """Expressions by name; each dict may use the columns of those before it."""
    before = C.shift(1)
    true_range = pl.max_horizontal(H - L, (H - before).abs(), (L - before).abs())
    price, up, down = (H + L + C) / 3, H - H.shift(1), L.shift(1) - L
    located = pl.when(H > L).then(((C - L) - (H - C)) / (H - L)).otherwise(0.0) * V
    first = {"sma_short": C.rolling_mean(20), "sma_medium": C.rolling_mean(50), "sma_long": C.rolling_mean(252)}
    first |= {"ema_short": ema(C, 20), "ema_medium": ema(C, 50), "wma": wma(C, 20), "half": wma(C, 10)}
    first |= {"vwma": (C * V).rolling_mean(20) / V.rolling_mean(20), "deviation": C.rolling_std(20, ddof=0)}
    first |= {"donchian_upper": H.rolling_max(20), "donchian_lower": L.rolling_min(20)}
    first |= {"ichimoku_tenkan": (H.rolling_max(9) + L.rolling_min(9)) / 2}
    first |= {"ichimoku_kijun": (H.rolling_max(26) + L.rolling_min(26)) / 2}
    first |= {"ichimoku_span_b": ((H.rolling_max(52) + L.rolling_min(52)) / 2).shift(25)}
    first |= {"macd": ema(C, 12) - ema(C, 26), "ppo": 100 * (ema(C, 12) / ema(C, 26) - 1), "trix1": ema(C, 15)}
    first |= {"gain": rma(C.diff().clip(lower_bound=0), 14), "loss": rma((-C.diff()).clip(lower_bound=0), 14)}
    first |= {"roc": 100 * (C / C.shift(10) - 1), "momentum": C - C.shift(10), "true_range": true_range, "price": price}
    first |= {"plus": pl.when((up > down) & (up > 0)).then(up).otherwise(0.0)}
    first |= {"minus": pl.when((down > up) & (down > 0)).then(down).otherwise(0.0)}
    first |= {"highest": H.rolling_max(14), "lowest": L.rolling_min(14), "keltner_middle": ema(price, 20)}
    first |= {"pressure": C - pl.min_horizontal(L, before), "located": located}
    first |= {"obv": (C.diff().sign().fill_null(1.0) * V).cum_sum(), "ad_line": located.cum_sum()}
    first |= {"cmf": located.rolling_sum(20) / V.rolling_sum(20), "simple_return": C / before - 1}
    first |= {"log_return": (C / before).log(), "cumulative_return": C / C.first() - 1}
    return [first, second(), third()]


def second() -> dict[str, pl.Expr]:
    x = pl.col
    log_range, log_body, k = (H / L).log(), (C / O).log(), 0.34 / (1.34 + 22 / 20)
    satchell = ((H / C).log() * (H / O).log() + (L / C).log() * (L / O).log()).rolling_mean(21)
    overnight = (O / C.shift(1)).log().rolling_var(21)
    flow, change, r = x("price") * V, x("price").diff(), x("simple_return")
    mean, shortfall = r.rolling_mean(252), (r.clip(upper_bound=0) ** 2).rolling_mean(252)
    share = {n: x("pressure").rolling_sum(n) / x("true_range").rolling_sum(n) for n in (7, 14, 28)}
    wins, losses = (r > 0).cast(pl.Float64).rolling_mean(252), (r < 0).cast(pl.Float64).rolling_mean(252)
    inflow = pl.when(change > 0).then(flow).otherwise(0.0).rolling_sum(14)
    outflow = pl.when(change < 0).then(flow).otherwise(0.0).rolling_sum(14)
    return {
        "ema2": ema(x("ema_short"), 20), "hma": hull(2 * x("half") - x("wma")), "trix2": ema(x("trix1"), 15),
        "bb_upper": x("sma_short") + 2 * x("deviation"), "bb_lower": x("sma_short") - 2 * x("deviation"),
        "donchian_middle": (x("donchian_upper") + x("donchian_lower")) / 2,
        "ichimoku_span_a": ((x("ichimoku_tenkan") + x("ichimoku_kijun")) / 2).shift(25),
        "macd_signal": ema(x("macd"), 9), "rsi": 100 * x("gain") / (x("gain") + x("loss")),
        "atr": rma(x("true_range"), 14),
        "channel": rma(x("true_range"), 10), "plus_di": 100 * rma(x("plus"), 14) / rma(x("true_range"), 14),
        "minus_di": 100 * rma(x("minus"), 14) / rma(x("true_range"), 14),
        "williams_r": 100 * (C - x("highest")) / (x("highest") - x("lowest")),
        "stoch_k": (100 * (C - x("lowest")) / (x("highest") - x("lowest"))).rolling_mean(3),
        "mfi": 100 * inflow / (inflow + outflow),
        "ultimate_oscillator": 100 * (4 * share[7] + 2 * share[14] + share[28]) / 7,
        "realized_vol": x("log_return").rolling_std(21) * YEAR**0.5,
        "ewma_vol": ((x("log_return") ** 2).ewm_mean(alpha=0.06, adjust=False) * YEAR).sqrt(),
        "parkinson_vol": ((log_range**2).rolling_mean(21) * YEAR / (4 * np.log(2))).sqrt(),
        "garman_klass_vol": ((log_range**2 / 2 - (2 * np.log(2) - 1) * log_body**2).rolling_mean(21) * YEAR).sqrt(),
        "rogers_satchell_vol": (satchell * YEAR).sqrt(),
        "yang_zhang_vol": ((overnight + k * log_body.rolling_var(21) + (1 - k) * satchell) * YEAR).sqrt(),
        "rolling_sharpe": mean / r.rolling_std(252) * YEAR**0.5,
        "rolling_sortino": mean * YEAR / (shortfall * YEAR).sqrt(),
        "rolling_downside_deviation": (shortfall * YEAR).sqrt(), "rolling_win_rate": wins / (wins + losses),
    }  # fmt: skip


def third() -> dict[str, pl.Expr]:
    x = pl.col
    price = x("price")
    apart = sum(
        ((price.shift(j) - price.rolling_mean(20)).abs() for j in range(1, 20)), (price - price.rolling_mean(20)).abs()
    )
    age = {
        name: pl.coalesce([pl.when(col.shift(j) == top).then(100 * (25 - j) / 25) for j in range(26)])
        for name, col, top in (("aroon_up", H, H.rolling_max(26)), ("aroon_down", L, L.rolling_min(26)))
    }
    one_sided = 100 * (x("plus_di") - x("minus_di")).abs() / (x("plus_di") + x("minus_di"))
    third_trix = ema(x("trix2"), 15)
    return {
        "dema": 2 * x("ema_short") - x("ema2"), "tema": 3 * x("ema_short") - 3 * x("ema2") + ema(x("ema2"), 20),
        "trix": 100 * (third_trix / third_trix.shift(1) - 1), "macd_hist": x("macd") - x("macd_signal"),
        "bb_middle": x("sma_short"), "bb_percent_b": (C - x("bb_lower")) / (x("bb_upper") - x("bb_lower")),
        "bb_width": (x("bb_upper") - x("bb_lower")) / x("sma_short"), "natr": 100 * x("atr") / C,
        "keltner_upper": x("keltner_middle") + 2 * x("channel"),
        "keltner_lower": x("keltner_middle") - 2 * x("channel"),
        "adx": rma(one_sided, 14), "stoch_d": x("stoch_k").rolling_mean(3),
        "cci": (price - price.rolling_mean(20)) / (0.015 * apart / 20), **age,
    }  # fmt: skip


HELPERS = ["half", "deviation", "trix1", "trix2", "gain", "loss", "plus", "minus", "highest", "lowest", "pressure",
           "price", "located", "ema2", "channel"]  # fmt: skip


def compute(bars: dict[str, Any]) -> dict[str, Any]:
    frame = pl.DataFrame({name: values for name, values in bars.items() if name != "ts"})
    for expressions in steps():
        frame = frame.with_columns(**{name: x.over("series_id") for name, x in expressions.items()})
    drop = ["series_id", "open", "high", "low", "close", "volume", *HELPERS]
    return {name: frame[name].to_arrow() for name in frame.columns if name not in drop}
