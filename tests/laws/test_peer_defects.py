"""What users of other programs complain of, each as a test of ours; the programs are named beside it."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import quant
from tests.laws import zoo
from tests.laws.zoo import Array, apart, values

DAY = datetime(2024, 1, 1)


def bars(close: Any, **columns: Any) -> pa.Table:
    """Daily bars, weekends too, of what is annualised as a stock unless it says more."""
    count = len(close)
    columns = {"asset_class": "equity", **columns}
    named = {name: [value] * count for name, value in columns.items()}
    return pa.table({"ts": [DAY + timedelta(days=day) for day in range(count)], "close": close, **named})


def value(metric: str, close: Any, **parameters: Any) -> Any:
    (found,) = quant.compute(metric, close if isinstance(close, pa.Table) else bars(close), **parameters)["value"]
    return found.as_py()


def coin(count: int = 730) -> Array:
    """Two years of a coin below a dollar that falls: -0.3 % a day, 4 % deviation."""
    return np.asarray(0.9 * np.exp(np.cumsum(np.random.default_rng(7).normal(-0.003, 0.04, count))))


@pytest.mark.parametrize("metric", ["sma", "ema", "bb_upper", "macd", "atr", "rsi", "adx", "stoch_k"])
def test_one_nan_does_not_empty_everything_after_it(metric: str) -> None:
    # TA-Lib: no finite value afterwards.
    assert not np.isnan(values(metric, "nan")[-100:]).any()
    assert apart(values(metric, "nan")[-20:], values(metric, "base")[-20:]) < 1e-6


def test_rsi_after_one_nan_recovers() -> None:
    # TA-Lib: 0.0 for ever, finite and wrong.
    after = values("rsi", "nan")[zoo.PLACE + 1 :]
    assert (after > 0).mean() > 0.95 and after.std() > 10


def test_a_missing_value_is_no_return_of_zero() -> None:
    # A gap filled with 0 % would dilute the deviation: four returns of +-10 %, one price missing within a rise.
    prices = [100.0, 110.0, None, 99.0, 108.9, 98.01]
    expected = np.std([0.1, -0.1, 0.1, -0.1], ddof=1) * 252**0.5
    assert value("annual_vol", prices) == pytest.approx(expected, rel=1e-12)
    assert value("annual_vol", bars(prices).filter(pa.array([True, True, False, True, True, True]))) == pytest.approx(
        expected, rel=1e-12
    )


def test_small_prices_do_not_flatten_bollinger() -> None:
    # TA-Lib 243, ta-lib-python 151: bands of a coin at 1e-8 of width 0.
    assert (values("bb_width", "small")[4:] > 0).all()
    assert apart(values("bb_width", "small"), values("bb_width", "base")) < 1e-9


def test_a_sub_dollar_coin_is_not_taken_for_returns() -> None:
    # quantstats takes prices below 1 for returns: a Sharpe ratio of 31 instead of -1.4.
    assert value("sharpe", coin()) == pytest.approx(value("sharpe", coin() * 1000), rel=1e-9)
    assert value("sharpe", coin()) < 0


def test_the_year_of_a_coin_has_365_days_and_that_of_a_stock_252() -> None:
    stock, crypto = bars(coin()), bars(coin(), asset_class="crypto")
    for metric in ("sharpe", "annual_vol", "sortino"):
        assert value(metric, crypto) / value(metric, stock) == pytest.approx((365 / 252) ** 0.5, rel=1e-12)
    growth = coin()[-1] / coin()[0]
    assert value("cagr", crypto) == pytest.approx(growth ** (365 / 729) - 1, rel=1e-12)


def test_a_minute_is_annualised_as_a_minute() -> None:
    # ffn 303: a Sharpe ratio of 871 instead of 29; vectorbt 294.
    minutes = bars(coin(), interval="1m")
    ratio = value("sharpe", minutes) / value("sharpe", bars(coin()))
    assert ratio == pytest.approx(390**0.5, rel=1e-12)


def test_first_day_loss_counts_in_drawdown() -> None:
    # pyfolio 179, lumi 81: returns of -50 %, 10 %, 10 % have a drawdown of 50 %.
    prices = [100.0, 50.0, 55.0, 60.5]
    assert value("max_drawdown", prices) == -0.5
    assert quant.compute("drawdown", bars(prices))["value"].to_pylist() == pytest.approx([0, -0.5, -0.45, -0.395])


def test_back_at_the_peak_is_no_drawdown() -> None:
    # A running product of returns would leave 1e-16 of it.
    prices = [100.0, 90.0, 81.0, 90.0, 100.0, 97.0, 100.0]
    assert quant.compute("drawdown", bars(prices))["value"].to_pylist()[4::2] == [0, 0]
    assert [each is None for each in quant.compute("drawdown_episodes", bars(prices))["recovery"].to_pylist()] == [
        False, False,
    ]  # fmt: skip


def test_expected_shortfall_is_the_mean_of_history_below_its_own_quantile() -> None:
    # quantstats cuts history at the normal quantile: -3.50 % where it is -3.79 %.
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(3).standard_t(3, 1000) * 0.01))
    returns = prices[1:] / prices[:-1] - 1
    quantile = np.quantile(returns, 0.05)
    assert value("var_historical", prices) == pytest.approx(quantile, rel=1e-9)
    assert value("es_historical", prices) == pytest.approx(returns[returns <= quantile].mean(), rel=1e-9)
    assert value("es_historical", prices) < value("var_historical", prices) != value("var_parametric", prices)


def test_equal_returns_have_no_sharpe_ratio() -> None:
    # quantstats: 2.4e16, empyrical: infinite.
    for metric in ("sharpe", "sortino", "kelly_continuous", "probabilistic_sharpe"):
        assert value(metric, 100 * 1.001 ** np.arange(51)) is None


def test_a_series_without_losses_has_no_ratio_to_its_losses() -> None:
    prices = 100 * np.cumprod(1 + np.random.default_rng(5).uniform(0.001, 0.02, 60))
    for metric in ("sortino", "omega", "profit_factor", "payoff_ratio", "calmar"):
        assert value(metric, prices) is None
    assert value("n_losses", prices) == 0


def test_prices_are_joined_before_returns_are_taken() -> None:
    # Joining returns of two calendars instead: a correlation of 0.36 for a true 0.45.
    random = np.random.default_rng(11)
    both = np.cumsum(random.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 400) * 0.01, axis=0)
    own, market = bars(100 * np.exp(both[:, 0])), bars(100 * np.exp(both[:, 1]))
    open_days = random.random(400) > 0.3
    joined = 100 * np.exp(both[open_days])
    returns = joined[1:] / joined[:-1] - 1
    found = value("correlation", own, benchmark=market.filter(pa.array(open_days)))
    assert found == pytest.approx(np.corrcoef(returns.T)[0, 1], rel=1e-9)


def test_an_exponential_average_begins_with_the_mean() -> None:
    # The seeds of others differ for hundreds of bars: 93.77, 93.40, 92.51 at bar 99 of EMA(100).
    prices = coin(150)
    found = quant.compute("ema", bars(prices), n=100)["value"].to_pylist()
    assert found[98] is None and found[99] == pytest.approx(prices[:100].mean(), rel=1e-12)


def test_a_flat_series_is_neither_overbought_nor_oversold() -> None:
    # TA-Lib: RSI 0, Williams %R 0 (overbought), stochastic 0; ta: RSI 100.
    flat = pa.table({**{name: [10.0] * 40 for name in ("open", "high", "low", "close", "volume")},
                     "ts": [DAY + timedelta(days=day) for day in range(40)]})  # fmt: skip
    assert set(quant.compute("rsi", flat)["value"].to_pylist()[14:]) == {50.0}
    for metric in ("williams_r", "stoch_k", "mfi"):
        assert set(quant.compute(metric, flat)["value"].to_pylist()) == {None}


def test_a_warmed_up_value_is_never_a_number_before_it_is_one() -> None:
    # ta-lib-python 428, vectorbt 650: half-settled values that look like the others.
    assert quant.compute("rsi", bars(coin(10)))["value"].null_count == 10
    assert quant.compute("realized_vol", bars(coin(21)))["value"].null_count == 21
