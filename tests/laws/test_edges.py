"""What metrics say of a single bar, of prices that never move, of a total loss, of bars without volume."""

import numpy as np
import pytest

from tests.laws.zoo import SERIES, answers, is_trailing, values

ROUNDING = 1e-12


def test_of_one_bar_only_what_needs_no_return_is_known() -> None:
    known = {name for name in SERIES if len(values(name, "one")) and not np.isnan(values(name, "one")).all()}
    assert known == {"obv", "ad_line", "vwap_cumulative", "vwap_anchored", "drawdown", "max_drawdown"}
    assert values("drawdown", "one").tolist() == [0.0]
    assert values("max_drawdown", "one").tolist() == [0.0]


def test_every_bar_has_a_row_even_where_nothing_is_known() -> None:
    for series, count in (("one", 1), ("two", 2), ("base", 300)):
        rows = {name: answers(name)[series].num_rows for name in SERIES if is_trailing(name)}
        assert {name: found for name, found in rows.items() if found != count} == {}


# Prices that never move: the rulings of the design of the metrics, section 4.
NOTHING = """sharpe sortino omega profit_factor payoff_ratio beta jensen_alpha correlation r_squared autocorrelation
    partial_autocorrelation ljung_box_stat adf_stat kpss_stat phillips_perron_stat variance_ratio hurst_rs
    hurst_lagged_std half_life skewness excess_kurtosis jarque_bera durbin_watson bb_percent_b cci stoch_k stoch_d
    williams_r mfi adx plus_di minus_di ultimate_oscillator calmar martin_ratio win_rate tail_ratio kelly_continuous
    kelly_discrete kelly_exact_log rolling_sharpe rolling_sortino probabilistic_sharpe treynor""".split()
ZERO = """simple_return log_return cumulative_return realized_vol parkinson_vol garman_klass_vol rogers_satchell_vol
    yang_zhang_vol ewma_vol annual_vol cagr total_return downside_deviation drawdown max_drawdown ulcer_index pain_index
    true_range atr natr roc momentum ad_line macd macd_signal macd_hist ppo trix bb_width sig_sma_cross sig_macd_cross
    sig_rsi_level var_historical es_historical var_parametric es_parametric cmf""".split()
THE_PRICE = """sma wma hma vwma ema rma dema tema kama bb_upper bb_middle bb_lower donchian_upper donchian_middle
    donchian_lower keltner_upper keltner_middle keltner_lower vwap_cumulative pivot_p pivot_r1 pivot_s1 ichimoku_tenkan
    ichimoku_kijun psar supertrend""".split()
OTHERS = {"rsi": 50.0, "aroon_up": 100.0, "aroon_down": 100.0, "obv": 1000.0}


@pytest.mark.parametrize(
    ("names", "value"),
    [(ZERO, 0.0), (THE_PRICE, 100.0), *([[name], value] for name, value in OTHERS.items())],
    ids=["zero", "the price", *OTHERS],
)
def test_of_prices_that_never_move_is_known(names: list[str], value: float) -> None:
    found = {name: values(name, "flat") for name in names}
    assert {name for name, each in found.items() if np.isnan(each).all()} == set()
    assert {name for name, each in found.items() if np.nanmax(np.abs(each - value)) > max(1, value) * ROUNDING} == set()


def test_of_prices_that_never_move_a_ratio_to_their_moves_is_not_known() -> None:
    assert {name for name in NOTHING if not np.isnan(values(name, "flat")).all()} == set()


def test_a_total_loss_is_a_return_of_minus_one_and_there_is_no_recovery() -> None:
    place = 250
    assert values("simple_return", "loss")[place] == -1
    assert np.isnan(values("log_return", "loss")[place:]).all()
    assert np.isnan(values("simple_return", "loss")[place + 1 :]).all()
    for name in ("cumulative_return", "drawdown"):
        assert (values(name, "loss")[place:] == -1).all()
    for name in ("cagr", "total_return", "max_drawdown", "calmar"):
        assert values(name, "loss").tolist() == [-1]
    episodes = answers("drawdown_episodes")["loss"].sort_by("peak").to_pylist()
    assert episodes[-1]["recovery"] is None and episodes[-1]["depth"] == -1


def test_of_bars_without_volume_nothing_is_known_that_is_weighted_by_it() -> None:
    for name in ("vwma", "cmf", "mfi", "vwap_cumulative", "vwap_anchored", "amihud_illiquidity"):
        assert np.isnan(values(name, "silent")).all(), name
    assert (values("obv", "silent") == 0).all() and (values("ad_line", "silent") == 0).all()


def test_shares_and_bounded_oscillators_stay_within_their_bounds() -> None:
    bounds = {
        **dict.fromkeys(["rsi", "plus_di", "minus_di", "adx", "stoch_k", "stoch_d", "mfi", "aroon_up", "aroon_down",
                         "ultimate_oscillator", "stoch_rsi_k", "stoch_rsi_d"], (0, 100)),
        **dict.fromkeys(["drawdown", "max_drawdown", "cdar"], (-1, 0)),
        **dict.fromkeys(["correlation", "rolling_correlation", "cmf", "autocorrelation"], (-1, 1)),
        **dict.fromkeys([name for name in SERIES if name.endswith("_pvalue")], (0, 1)),
        **dict.fromkeys(["win_rate", "rolling_win_rate", "r_squared", "stability", "vol_percentile"], (0, 1)),
        "williams_r": (-100, 0),
    }  # fmt: skip
    wrong = {}
    for name, (least, most) in bounds.items():
        for series in answers(name):
            each = values(name, series)
            if (each < least - 1e-9).any() or (each > most + 1e-9).any():
                wrong[name, series] = (np.nanmin(each), np.nanmax(each))
    assert wrong == {}
