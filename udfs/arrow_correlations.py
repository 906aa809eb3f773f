"""The correlations as DuckDB sees them: one list of prices of all series in, lists of pairs out; NaN becomes NULL."""

import numpy as np
import pyarrow as pa

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.correlations import FloatArray, IndexArray, correlations, rolling_correlations

PRICES = "STRUCT(series INTEGER, day INTEGER, price DOUBLE)[]"  # series from 0; a series has one price of a day
CORRELATION_FIELDS = {
    "pearson": "DOUBLE[]",
    "spearman": "DOUBLE[]",
    "count_common": "BIGINT[]",
    "first_day": "BIGINT[]",
    "last_day": "BIGINT[]",
}
ROLLING_FIELDS = {"a": "BIGINT[]", "b": "BIGINT[]", "day": "BIGINT[]", "value": "DOUBLE[]"}


def correlations_struct(prices: Column) -> Struct:
    """Per row: matrices of all series row by row, the pair (a, b) at a times the number of series plus b."""
    rows = []
    for row in prices:
        days, grid = _grid(row.values)
        found = correlations(grid)
        ends = (_days(days, found.first), _days(days, found.last))
        rows.append([_nullable(found.pearson), _nullable(found.spearman), pa.array(found.count_common.ravel()), *ends])
    return _lists(CORRELATION_FIELDS, rows)


def rolling_correlations_struct(prices: Column, n: Column) -> Struct:
    """Per row: pairs a < b by day, over n common returns."""
    rows = []
    for row, length in zip(prices, n.to_pylist(), strict=True):
        days, grid = _grid(row.values)
        found = rolling_correlations(grid, length)
        rows.append([pa.array(found.a), pa.array(found.b), _days(days, found.day), _nullable(found.value)])
    return _lists(ROLLING_FIELDS, rows)


def _grid(prices: pa.StructArray) -> tuple[IndexArray, FloatArray]:
    """The days that there are, and a row of prices on them for each series; NaN where it has none."""
    series, given, price = (each.to_numpy(zero_copy_only=False) for each in prices.flatten())
    first = int(given.min(initial=0)) if len(given) else 0
    span = int(given.max(initial=first)) - first + 1
    grid = np.full((int(series.max(initial=-1)) + 1, span), np.nan)
    grid[series, given - first] = price
    used = np.flatnonzero(~np.isnan(grid).all(axis=0))
    return used + first, grid[:, used]


def _days(days: IndexArray, places: IndexArray) -> pa.Array:
    flat = places.ravel()
    if not len(days):
        return pa.nulls(len(flat), pa.int64())
    return pa.array(days[flat], mask=flat < 0)


def _nullable(values: FloatArray) -> pa.Array:
    flat = values.ravel()
    return pa.array(flat, mask=~np.isfinite(flat))


def _lists(fields: dict[str, str], rows: list[list[pa.Array]]) -> Struct:
    columns = [
        pa.ListArray.from_arrays(pa.array(np.cumsum([0, *map(len, column)]), pa.int32()), pa.concat_arrays(column))
        for column in zip(*rows, strict=True)
    ]
    return pa.StructArray.from_arrays(columns, names=list(fields))


CORRELATION_FUNCTIONS = (
    ArrowFunction("correlation_matrices", (PRICES,), CORRELATION_FIELDS, correlations_struct),
    ArrowFunction("rolling_correlations", (PRICES, "BIGINT"), ROLLING_FIELDS, rolling_correlations_struct),
)
