"""quant.compute agrees with values that independent programs computed, wherever that folder lies beside the project."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import quant
from quant.metrics import metrics
from quant.settings import PROJECT_PATH

ORACLE = PROJECT_PATH.parent / "shared" / "oracle"
Array = npt.NDArray[np.float64]

# Tolerances of the reference values, as shares of max(1, |value|): windows and aggregates, recursions, p-values,
# and an optimiser's result.
WINDOW, RECURSION, P_VALUE, OPTIMISED, OPTIMISED_VOL = 1e-10, 1e-9, 1e-6, 1e-3, 1e-4
RECURSIVE = {
    "ema", "rma", "dema", "tema", "kama", "macd", "macd_signal", "macd_hist", "ppo", "rsi", "atr", "natr", "plus_di",
    "minus_di", "adx", "trix", "keltner_upper", "keltner_middle", "keltner_lower", "ewma_vol", "ewma_vol_forecast",
    "var_ewma", "psar", "supertrend", "obv", "ad_line",
}  # fmt: skip

# What a value was computed with besides its parameters: its Sharpe ratio is that of the same case, with rf = 0.03.
UNSAID = {("ixic_2004_2009", "sharpe_se"): {"rf": 0.03}}


@dataclass(frozen=True)
class Reference:
    """What one program says of one metric: one value per instant, or per key, or one."""

    parameters: Mapping[str, Any]
    keys: list[Mapping[str, str]]
    instants: npt.NDArray[np.datetime64] | None
    values: Array


@cache
def references() -> dict[tuple[str, str], Reference]:
    """(case, metric) -> what is said of it; empty where the folder is not."""
    if not ORACLE.is_dir():
        return {}
    grouped = duckdb.execute(
        """
        select "case", metric, list(distinct params_json) as parameters,
            list(keys_json order by file_row_number) as keys, list(value order by file_row_number) as values,
            case when count(ts) > 0 then list(ts order by file_row_number) else [] end as instants
        from read_parquet($file, file_row_number = true)
        group by all
        order by all
        """,
        {"file": str(ORACLE / "values.parquet")},
    ).fetchnumpy()
    found = {}
    for case, metric, (parameters,), keys, values, instants in zip(*grouped.values(), strict=True):
        found[case, metric] = Reference(
            json.loads(parameters),
            [json.loads(each) for each in keys] if len(keys) < 100 else [],
            np.asarray(instants, dtype="datetime64[us]") if len(instants) else None,
            np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan),
        )
    return found


@cache
def rows_of(file: str, case: str | None = None) -> pa.Table:
    table = pq.read_table(ORACLE / f"{file}.parquet")
    return table if case is None else table.filter(pc.field("case") == case)


@cache
def portfolio() -> pa.Table:
    prices = rows_of("portfolio_prices")
    members = prices.schema.names[1:]
    return pa.concat_tables(
        pa.table({"ts": prices["ts"], "close": prices[each], "symbol": [each] * prices.num_rows}) for each in members
    )


def inputs(case: str, metric: str) -> dict[str, Any]:
    if case == "synth_trades":
        return {"bars": rows_of("synth_trades")}
    if "factors" in metrics()[metric].relations:
        return {"bars": rows_of("ohlcv"), "factors": rows_of("factors_monthly")}
    if case == "portfolio":
        return {"bars": portfolio()}
    benchmark = rows_of("benchmark", case) if "benchmark" in metrics()[metric].relations else None
    return {"bars": rows_of("ohlcv", case), "benchmark": benchmark}


def aligned(ours: pa.Table, reference: Reference) -> Array:
    """Our value for each of the reference's; NaN where we have NULL."""
    values = ours["value"].to_numpy()
    if reference.instants is not None:
        instants = ours["ts"].cast(pa.timestamp("us")).to_numpy()
        place = np.minimum(np.searchsorted(instants, reference.instants), len(instants) - 1)
        assert (instants[place] == reference.instants).all(), "a bar without a row"
        return np.asarray(values[place])
    if any(reference.keys):
        records = ours.to_pylist()
        return np.array([_value_at(records, key) for key in reference.keys])
    return np.asarray(values)


def _value_at(records: list[dict[str, Any]], key: Mapping[str, str]) -> float:
    (value,) = [row["value"] for row in records if all(row[name] == wanted for name, wanted in key.items())]
    return np.nan if value is None else float(value)


def tolerance(metric: str) -> float:
    if metric.startswith("garch11_"):
        return OPTIMISED_VOL if metric == "garch11_vol" else OPTIMISED
    if metric.endswith("_pvalue"):
        return P_VALUE
    return RECURSION if metric in RECURSIVE else WINDOW


pytestmark = pytest.mark.skipif(not ORACLE.is_dir(), reason=f"the reference values are not at {ORACLE}")


@pytest.mark.parametrize(("case", "metric"), references() or [("any", "any")], ids=lambda name: name)
def test_agrees_with_the_reference(case: str, metric: str) -> None:
    reference = references()[case, metric]
    parameters = {**reference.parameters, **UNSAID.get((case, metric), {})}
    ours = aligned(quant.compute(metric, **inputs(case, metric), **parameters), reference)
    assert len(ours) == len(reference.values)
    assert (np.isnan(ours) == np.isnan(reference.values)).all(), "NULL elsewhere"
    error = np.abs(ours - reference.values) / np.maximum(1, np.abs(reference.values))
    assert not (error > tolerance(metric)).any(), f"{np.nanmax(error)} relative error"


def test_drawdown_episodes_agree_with_the_reference() -> None:
    columns = [
        "peak",
        "trough",
        "recovery",
        "depth",
        "bars_to_trough",
        "bars_to_recover",
        "bars_underwater",
        "calendar_days",
        "rank",
    ]
    wanted = rows_of("drawdown_episodes")
    for case in wanted["case"].unique().to_pylist():
        theirs = wanted.filter(pc.field("case") == case).select(columns).sort_by("peak")
        ours = quant.compute("drawdown_episodes", rows_of("ohlcv", case)).select(columns).sort_by("peak")
        assert ours.num_rows == theirs.num_rows
        for name in columns:
            mine, other = ours[name].to_pylist(), theirs[name].to_pylist()
            if name in ("peak", "trough", "recovery"):
                assert [each and each.replace(tzinfo=None) for each in mine] == other
            else:
                assert mine == [
                    each if each is None else pytest.approx(each, abs=WINDOW, nan_ok=True) for each in other
                ]
