"""When the first value comes: never earlier, never later, and none is missing afterwards."""

import numpy as np

from tests.laws.zoo import SERIES, SHORT, is_trailing, values

N, SLOW, SIGNAL, LOOKBACK, ATR, SHIFT = (
    int(SHORT[name]) for name in ("n", "slow", "signal", "lookback", "atr", "shift")
)
K, SMOOTH_K, D = 14, int(SHORT["smooth_k"]), int(SHORT["d"])


def each(names: str, first: int) -> dict[str, int]:
    return dict.fromkeys(names.split(), first)


# The first bar (from 0) that has a value: design of the metrics, section 3. A return needs one bar more than a price.
FIRST = {
    **each("obv ad_line vwap_cumulative vwap_anchored drawdown", 0),
    **each("simple_return log_return cumulative_return true_range psar ewma_vol garch11_vol", 1),
    **each("pivot_p pivot_r1 pivot_r2 pivot_r3 pivot_s1 pivot_s2 pivot_s3", 1),
    **each("ewma_vol_forecast var_ewma", 2),  # what was known a bar before
    **each("sma wma vwma ema rma bb_upper bb_middle bb_lower bb_percent_b bb_width", N - 1),
    **each("donchian_upper donchian_lower donchian_middle williams_r cci cmf", N - 1),
    **each("ichimoku_tenkan ichimoku_kijun parkinson_vol garman_klass_vol rogers_satchell_vol", N - 1),
    "hma": N + int(N**0.5) - 2,
    "dema": 2 * N - 2,
    "tema": 3 * N - 3,
    "trix": 3 * N - 2,
    **each("realized_vol yang_zhang_vol kama rsi sig_rsi_level atr natr plus_di minus_di mfi roc momentum", N),
    **each("aroon_up aroon_down supertrend amihud_illiquidity corwin_schultz_spread", N),
    **each("rolling_sharpe rolling_downside_deviation rolling_sortino rolling_win_rate", N),
    **each("rolling_beta rolling_correlation", N),
    "roll_spread": N + 1,  # changes, each with the one before
    "adx": 2 * N - 1,
    **each("var_historical_rolling es_historical_rolling", N + 1),  # n returns, all before the bar
    "var_filtered_historical": N + 2,  # each over a volatility that was known before it
    **each("vol_percentile vol_regime", N + LOOKBACK - 1),
    **each("macd macd_signal macd_hist sig_macd_cross", SLOW + SIGNAL - 2),
    **each("ppo sig_sma_cross", SLOW - 1),
    **each("stoch_k stoch_d", K + SMOOTH_K + D - 3),
    **each("stoch_rsi_k stoch_rsi_d", N + K + SMOOTH_K + D - 3),
    "ultimate_oscillator": 6,  # the longest of 2, 4, 6
    "ichimoku_span_a": int(SHORT["kijun"]) - 1 + SHIFT,
    "ichimoku_span_b": N - 1 + SHIFT,
    **each("keltner_upper keltner_middle keltner_lower", max(N - 1, ATR)),
}
WITHOUT_RULE = {
    "ichimoku_chikou": "is known from the first bar on and not at the last ones: the close of `shift` bars later",
    "supertrend_direction": "begins with the first turn, wherever that is",
}
MAY_BE_NULL = {
    "roll_spread": "no spread explains moves that follow each other",
    "rolling_sortino": "five bars without a loss",
}


def test_every_trailing_metric_has_a_rule_for_its_first_value() -> None:
    assert set(filter(is_trailing, SERIES)) == set(FIRST) | set(WITHOUT_RULE)


def test_the_first_value_comes_when_the_window_is_full_and_not_before() -> None:
    known = {name: np.flatnonzero(~np.isnan(values(name, "base"))) for name in FIRST}
    assert {name: int(found[0]) for name, found in known.items()} == FIRST


def test_no_value_is_missing_once_the_first_is_there() -> None:
    missing = {name for name, first in FIRST.items() if np.isnan(values(name, "base")[first:]).any()}
    assert missing - set(MAY_BE_NULL) == set()
