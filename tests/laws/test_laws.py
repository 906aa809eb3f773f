"""What holds for every metric of every series; where it cannot, the reason stands beside the metric."""

import numpy as np
import pyarrow.compute as pc

from quant.metrics import metrics
from tests.laws import zoo
from tests.laws.zoo import ASKED, SERIES, TABLES, answers, apart, instants, is_trailing, values

ROUNDING, SETTLED = 1e-9, 1e-9
FITTED = 1e-4  # what an optimiser finds

PRICE = {
    "sma", "wma", "hma", "vwma", "ema", "rma", "dema", "tema", "kama", "momentum", "macd", "macd_signal", "macd_hist",
    "bb_upper", "bb_middle", "bb_lower", "donchian_upper", "donchian_middle", "donchian_lower", "true_range", "atr",
    "psar", "supertrend", "keltner_upper", "keltner_middle", "keltner_lower", "vwap_cumulative", "vwap_anchored",
    "ichimoku_tenkan", "ichimoku_kijun", "ichimoku_span_a", "ichimoku_span_b", "ichimoku_chikou", "pivot_p", "pivot_r1",
    "pivot_r2", "pivot_r3", "pivot_s1", "pivot_s2", "pivot_s3",
}  # fmt: skip
PER_PRICE = {"amihud_illiquidity"}  # return per money traded

WHOLE = "is of the whole sample"
SINCE_THE_FIRST_BAR = "counts from the first bar on"
SEES_THE_FUTURE = {"garch11_vol": WHOLE}
REMEMBERS = {
    "garch11_vol": WHOLE,
    **dict.fromkeys(["cumulative_return", "drawdown", "obv", "ad_line", "vwap_cumulative", "vwap_anchored"],
                    SINCE_THE_FIRST_BAR),
}  # fmt: skip
# After a bar without prices these never know again what they are.
POISONED: dict[str, str] = {}


# A tie between two windows that hold the same returns in another order is decided by rounding: half a rank of 20.
HALF_A_RANK = {"vol_percentile": 0.5 / 20}


def tolerance(name: str) -> float:
    return FITTED if name.startswith("garch11_") else ROUNDING


def test_every_metric_is_asked_or_says_where_else() -> None:
    assert set(ASKED) | set(zoo.NOT_ASKED) == set(metrics())
    assert len(SERIES) > 150 and set(PRICE) <= set(SERIES)


def test_no_value_is_nan_or_infinite() -> None:
    wrong = {}
    for name in ASKED:
        for series, table in answers(name).items():
            numbers = [column for column in table.columns if str(column.type) in ("double", "float")]
            if not all(pc.all(pc.is_finite(column.drop_null()), min_count=0).as_py() for column in numbers):
                wrong[name] = series
    assert wrong == {}


def test_what_the_registry_says_of_a_metrics_columns_is_so() -> None:
    assert {name for name in ASKED if ("value" in answers(name)["base"].schema.names) != (name in SERIES)} == set()


def test_a_series_is_not_disturbed_by_others_nor_by_the_order_of_its_rows() -> None:
    wrong = {name: apart(values(name, "base"), zoo.alone(name)["value"].to_numpy()) for name in SERIES}
    assert {name: error for name, error in wrong.items() if error > tolerance(name)} == {}
    tables = {name for name in TABLES if answers(name)["base"].num_rows != zoo.alone(name).num_rows}
    assert tables == set()


def test_of_two_bars_of_one_instant_only_the_later_counts() -> None:
    wrong = {name: apart(values(name, "base"), values(name, "doubled")) for name in SERIES}
    assert {name: error for name, error in wrong.items() if error > tolerance(name)} == {}


def test_the_unit_of_money_does_not_matter() -> None:
    wrong = {}
    for name in SERIES:
        degree = 1 if name in PRICE else -1 if name in PER_PRICE else 0
        for series, factor in (("small", 1e-8), ("large", 1e6)):
            error = apart(values(name, "base"), values(name, series) * factor**-degree)
            if error > HALF_A_RANK.get(name, 0) + tolerance(name):
                wrong[name, series] = error
    assert wrong == {}


def test_no_value_changes_when_the_future_is_cut_off() -> None:
    wrong = {}
    for name in filter(is_trailing, SERIES):
        if name not in SEES_THE_FUTURE:
            known = np.isin(instants(name, "base"), instants(name, "past"))
            wrong[name] = apart(values(name, "base")[known], values(name, "past"))
    assert {name: error for name, error in wrong.items() if error > ROUNDING} == {}
    assert len(wrong) > 80


def test_settled_values_do_not_depend_on_how_much_history_there_is() -> None:
    wrong = {}
    for name in filter(is_trailing, SERIES):
        if name not in REMEMBERS:
            wrong[name] = apart(values(name, "base")[-50:], values(name, "late")[-50:])
    assert {name: error for name, error in wrong.items() if error > SETTLED} == {}


def test_a_bar_without_numbers_or_a_missing_bar_does_not_poison_what_comes_after() -> None:
    wrong = {}
    for name in SERIES:
        for series in ("nan", "hole"):
            base, other = values(name, "base"), values(name, series)
            tail = slice(-100, None) if is_trailing(name) else slice(None)
            if name not in POISONED and (np.isnan(other[tail]) != np.isnan(base[tail])).any():
                wrong[name, series] = int(np.isnan(other[tail]).sum())
    assert wrong == {}


def test_where_a_bar_has_no_numbers_there_is_no_value() -> None:
    # Yet a bar may show what was known before it: levels of the bar before, a forecast for it.
    forecasts = {"ewma_vol_forecast", "var_ewma", "var_historical_rolling", "es_historical_rolling",
                 "var_filtered_historical"}  # fmt: skip
    shown = {
        name
        for name in filter(is_trailing, SERIES)
        if not np.isnan(values(name, "nan")[instants(name, "nan") == zoo.BASE["ts"][zoo.PLACE]]).all()
    }
    assert {name for name in shown if name not in forecasts and not name.startswith(("pivot_", "ichimoku_"))} == set()
