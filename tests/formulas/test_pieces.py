"""The pieces that metrics and stored models are made of, each by hand."""

from collections.abc import Callable
from math import nan, sqrt

import pytest

Value = Callable[[str], object]

PIECES = {
    "alpha_geometric_of(0.01, 2)": 1.01**2 - 1,
    "alpha_t_hac_of(0.3, [0.3::double, -0.4::double], 0)": 0.3 / 0.5,
    "alpha_t_hac_of(0.3, [0.3::double, -0.4::double], 1)": 0.3 / sqrt(0.25 - 2 * 0.5 * 0.12),
    "alpha_t_hac_of(0.3, null::double[], 1)": nan,
    "appraisal_ratio_of(0.1, 0.2)": 0.5,
    "appraisal_ratio_of(0.1, 0)": nan,
    "capture_of(0.01, -0.02)": -0.5,
    "es_backtest_z2_of(6, 100, 0.95)": 1 - 6 / 5,
    "es_backtest_z2_of(null, 100, 0.95)": 1,
    "kelly_discrete_of(0.6, 2)": 0.4,
    "m2_alpha_of(0.5, 0.2, 0.06)": 0.04,
    "m2_of(0.5, 0.2, 0.0001, 252)": 0.1252,
    "martin_ratio_of(0.1, 0.02, 0.16)": 0.5,
    "newey_west_lags(1510)": 7,  # floor(4 * 15.1^(2/9)) = floor(7.31)
    "sharpe_high_of(1, 0.5, 0.95)": 1 + 0.5 * 1.959963984540054,  # scipy.stats.norm.ppf(0.975)
    "sharpe_low_of(1, 0.5, 0.95)": 1 - 0.5 * 1.959963984540054,
    "exposure_low_of(1, 0.5, 0.95)": 1 - 0.5 * 1.959963984540054,
    "exposure_high_of(1, 0.5, 0.95)": 1 + 0.5 * 1.959963984540054,
    "tail_mean_of(-0.3, -0.01, 0.95)": -0.5,
    "treynor_of(0.001, 0.5, 252)": 0.504,
    "treynor_of(0.001, 0, 252)": nan,
    "upside_potential_ratio_of(0.02, 0.01)": 2,
}

SAMPLE = "(select unnest([0.01, -0.02, 0.03, 0.0, null, -0.01]) as r)"
GROUPS = {
    "batting_average_of(r)": 2 / 5,
    "n_losses(r)": 2,
    "profit_factor(r)": 0.04 / 0.03,
    "payoff_ratio(r)": 0.02 / 0.015,
    "tail_ratio(r, 0.75)": 1,  # 0.01 over -0.01
    "tracking_error(r, 4)": 2 * sqrt((0.0015 - 5 * 0.002**2) / 4),
    "idiosyncratic_vol_of(r, r, 4)": 2 * sqrt(0.0015 / 3),
    # deviations 8, -22, 28, -2, -12 in thousandths: squares 1,480, cubes 10,080, fourth powers 873,760
    "skewness_biased(r)": (10080 / 5) / (1480 / 5) ** 1.5,
    "excess_kurtosis_biased(r)": (873760 / 5) / (1480 / 5) ** 2 - 3,
}

# Four bars; the trailing value of the last one, over three.
OWN, OTHER = "unnest([0.05, 0.01, -0.02, 0.03]::double[])", "unnest([0.1, 0.02, -0.01, 0.01]::double[])"
PATH = f"(select {OWN} as r, {OTHER} as b, unnest(range(4)) as i)"
TRAILING = {
    "roll_sharpe(r, 3, 9, 1, i)": 3 * (0.02 / 3) / sqrt((0.0014 - 3 * (0.02 / 3) ** 2) / 2),
    "roll_downside_deviation(r, 3, 9, 1, i)": 3 * sqrt(0.0004 / 3),
    "roll_sortino(r, 3, 9, 1, i)": 9 * (0.02 / 3) / (3 * sqrt(0.0004 / 3)),
    "roll_win_rate(r, 3, 1, i)": 2 / 3,
    "roll_var_historical(r, 0.75, 2, 1, i)": -0.0125,  # of 0.01 and -0.02, the bar itself left out
    # sums of products about the means: 0.00070 - 0.02 * 0.02 / 3, of squares 0.0006 and 0.0014 less theirs
    "roll_beta(r, b, 3, 1, i)": (0.0007 - 0.0004 / 3) / (0.0006 - 0.0004 / 3),
    "roll_correlation(r, b, 3, 1, i)": (0.0007 - 0.0004 / 3) / sqrt((0.0006 - 0.0004 / 3) * (0.0014 - 0.0004 / 3)),
}


def test_formulas_of_kernel_results(value: Value) -> None:
    ours = value(f"[{', '.join(f'({piece})::double' for piece in PIECES)}]")
    assert isinstance(ours, list)
    named = {piece: nan if number is None else number for piece, number in zip(PIECES, ours, strict=True)}
    assert named == pytest.approx(PIECES, rel=1e-12, nan_ok=True)


def test_formulas_of_a_group(value: Value) -> None:
    ours = value(f"[{', '.join(f'({piece})::double' for piece in GROUPS)}] from {SAMPLE}")
    assert isinstance(ours, list)
    assert dict(zip(GROUPS, ours, strict=True)) == pytest.approx(GROUPS, rel=1e-9)


def test_formulas_of_a_window(value: Value) -> None:
    rows = f"(select i, [{', '.join(f'({piece})::double' for piece in TRAILING)}] as v from {PATH})"
    ours = value(f"arg_max(v, i) from {rows}")
    assert isinstance(ours, list)
    assert dict(zip(TRAILING, ours, strict=True)) == pytest.approx(TRAILING, rel=1e-9)


def test_returns_that_do_not_move_have_no_moments(value: Value) -> None:
    for piece in ("skewness_biased(r)", "excess_kurtosis_biased(r)", "correlation(r, r)", "beta(r, r)"):
        assert value(f"{piece} from (select 0.001 + i * 1e-17 as r from range(9) t(i))") is None
