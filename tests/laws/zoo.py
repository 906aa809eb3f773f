"""One series, and what can befall it: each metric is asked once of all of them together, in no order."""

import warnings
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import quant
from quant.errors import DataWarning
from quant.metrics import Metric, metrics

Array = npt.NDArray[np.float64]

COUNT, CUT, DROPPED, PLACE = 300, 200, 100, 120  # bars; of the past; dropped from the front; where something befalls
START = datetime(2023, 1, 2)
PRICES = ("open", "high", "low", "close", "adj_close")
COLUMNS = (*PRICES, "volume")
# Short windows, so that the values settle within the series.
SHORT = {"n": 5, "fast": 3, "slow": 6, "signal": 4, "lookback": 20, "lam": 0.8, "d": 3, "smooth_k": 3, "atr": 5,
         "shift": 4, "tenkan": 3, "kijun": 6, "confidence": 0.9}  # fmt: skip
SHORT_OF = {"ultimate_oscillator": {"n": [2, 4, 6]}, "psar": {}, "hurst_rs": {}}

ELSEWHERE = "tests/formulas: the members of a portfolio, the two of a pair, trades and factors are no single series"
OPTIONS = "tests/formulas/test_option_*.py: a chain of options is no series"
MEMBERS_OR_PAIRS = ("members_of", "ruled_members", "pair_returns")
ONE_FIT = "garch11_vol is of the same fit"
NOT_ASKED = {
    **{name: ELSEWHERE for name, metric in metrics().items() if metric.uses(MEMBERS_OR_PAIRS)},
    **{name: ELSEWHERE for name, metric in metrics().items() if {"trades", "factors"} & set(metric.relations)},
    **{name: OPTIONS for name, metric in metrics().items() if metric.is_of_options},
    **dict.fromkeys([name for name in metrics() if name.startswith("garch11_") and name != "garch11_vol"], ONE_FIT),
}  # fmt: skip
ASKED = [name for name in metrics() if name not in NOT_ASKED]
SERIES = [name for name in ASKED if metrics()[name].gives_value]
TABLES = [name for name in ASKED if not metrics()[name].gives_value]

Rows = dict[str, Any]


def walk(seed: int, start: float) -> Rows:
    """A random walk with a range and a volume per bar: 0.2 % drift, 2 % deviation; 17 bars without a move."""
    random = np.random.default_rng(seed)
    steps = random.normal(0.002, 0.02, COUNT)
    steps[random.choice(np.arange(1, COUNT), 17, replace=False)] = 0
    close = np.round(start * np.exp(np.cumsum(steps)), 4)
    open_ = np.round(close * np.exp(random.normal(0, 0.005, COUNT)), 4)
    high = np.round(np.maximum(open_, close) * (1 + np.abs(random.normal(0, 0.004, COUNT))) + 0.0001, 4)
    low = np.round(np.minimum(open_, close) * (1 - np.abs(random.normal(0, 0.004, COUNT))) - 0.0001, 4)
    volume = np.round(random.lognormal(10, 0.5, COUNT))
    ts = np.array([START + timedelta(days=day) for day in range(COUNT)], dtype="datetime64[us]")
    return {"ts": ts, "open": open_, "high": high, "low": low, "close": close, "adj_close": close, "volume": volume}


def rows(given: Rows, chosen: Any) -> Rows:
    return {name: column[chosen] for name, column in given.items()}


def scaled(given: Rows, factor: float) -> Rows:
    return {name: column * factor if name in PRICES else column for name, column in given.items()}


def changed(given: Rows, place: Any, value: float, names: tuple[str, ...] = COLUMNS) -> Rows:
    copy = {name: column.copy() for name, column in given.items()}
    for name in names:
        copy[name][place] = value
    return copy


BASE, OTHER, MARKET = walk(1, 100), walk(2, 50), walk(3, 1000)
EVERY = np.arange(COUNT)
ZOO: dict[str, Rows] = {
    "base": BASE,
    "other": OTHER,
    "small": scaled(BASE, 1e-8),
    "large": scaled(BASE, 1e6),
    "past": rows(BASE, EVERY < CUT),
    "late": rows(BASE, EVERY >= DROPPED),
    "hole": rows(BASE, EVERY != PLACE),
    "nan": changed(BASE, PLACE, np.nan),
    "doubled": {name: np.concatenate([changed(BASE, PLACE, 7)[name][PLACE : PLACE + 1], BASE[name]]) for name in BASE},
    "one": rows(BASE, EVERY < 1),
    "two": rows(BASE, EVERY < 2),
    "flat": changed(changed(BASE, EVERY, 100.0), EVERY, 1000.0, ("volume",)),
    "loss": changed(BASE, EVERY >= 250, 0.0, PRICES),
    "silent": changed(BASE, EVERY, 0.0, ("volume",)),
}


def table(zoo: dict[str, Rows], shuffled: bool) -> pa.Table:
    """The series below each other; shuffled but for the doubled bar, of which the later counts."""
    pieces = [pa.table({"symbol": [name] * len(each["ts"]), **each}) for name, each in zoo.items()]
    found = pa.concat_tables(pieces)
    order = np.random.default_rng(0).permutation(found.num_rows) if shuffled else np.arange(found.num_rows)
    if "doubled" in zoo:
        first = next(at for at, name in enumerate(found["symbol"].to_pylist()) if name == "doubled")
        order = np.concatenate([[first], order[order != first]])
    return found.take(order)


ALL, ALONE, BENCHMARK = table(ZOO, True), table({"base": BASE}, False), table({"market": MARKET}, False)


def parameters(metric: Metric) -> dict[str, Any]:
    if metric.name in SHORT_OF:
        return SHORT_OF[metric.name]
    return {each.name: SHORT[each.name] for each in metric.parameters if each.name in SHORT}


def asked(name: str, bars: pa.Table) -> pa.Table:
    benchmark = BENCHMARK if "benchmark" in metrics()[name].relations else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # the doubled bar
        return quant.compute(name, bars, benchmark=benchmark, **parameters(metrics()[name]))


@cache
def answers(name: str) -> dict[str, pa.Table]:
    """Series -> rows of the metric."""
    found = asked(name, ALL)
    symbols = found["symbol"].to_numpy()
    edges = {each: np.flatnonzero(symbols == each) for each in ZOO}
    return {each: found.take(places) for each, places in edges.items()}


@cache
def alone(name: str) -> pa.Table:
    return asked(name, ALONE)


def values(name: str, series: str) -> Array:
    """The metric of one series in the order of time (or lag); NaN where it is NULL."""
    return np.asarray(answers(name)[series]["value"].to_numpy())


def instants(name: str, series: str) -> Any:
    """Of each value; empty where the value is of the whole sample."""
    column = answers(name)[series]["ts"]
    return np.array([]) if column.null_count else column.to_numpy()


def is_trailing(name: str) -> bool:
    """Whether there is a value per bar."""
    return len(instants(name, "base")) > 0


def apart(one: Array, other: Array) -> float:
    """Greatest distance as a share of the greatest value around; infinite where one is NULL and the other not."""
    if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
        return float("inf")
    if np.isnan(one).all():
        return 0.0
    size = max(np.nanmax(np.abs(one)), np.nanmax(np.abs(other)))
    return float(np.nanmax(np.abs(one - other)) / size) if size else 0.0
