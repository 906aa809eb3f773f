"""The correlations as DuckDB sees them: one list of prices of all series in, lists of pairs out; NaN becomes NULL."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.correlations import FloatArray, IndexArray, Rolling, correlations, rolling_correlations

PRICES = "STRUCT(day INTEGER, price DOUBLE)[][]"  # a list per series, which has one price of a day
CORRELATION_FIELDS = {
    "pearson": "DOUBLE[]",
    "spearman": "DOUBLE[]",
    "count_common": "BIGINT[]",
    "first_on": "DATE[]",
    "last_on": "DATE[]",
}
ROLLING_FIELDS = {"a": "BIGINT[]", "b": "BIGINT[]", "days": "DATE[][]", "correlations": "DOUBLE[][]"}


def correlations_struct(prices: Column) -> Struct:
    """Per row: matrices of all series row by row, the pair (a, b) at a times the number of series plus b."""
    rows = []
    for row in prices:
        days, grid = _grid(row.values)
        found = correlations(grid)
        ends = (_days(days, found.first), _days(days, found.last))
        rows.append([_nullable(found.pearson), _nullable(found.spearman), pa.array(found.count_common.ravel()), *ends])
    return _struct(CORRELATION_FIELDS, rows)


def rolling_correlations_struct(prices: Column, n: Column) -> Struct:
    """Per row: pairs a < b, and for each a list of days and of values, over n common returns."""
    rows = []
    for row, length in zip(prices, n.to_pylist(), strict=True):
        days, grid = _grid(row.values)
        rows.append(_rolling_row(days, rolling_correlations(grid, length)))
    return _struct(ROLLING_FIELDS, rows)


def _rolling_row(days: IndexArray, found: list[Rolling]) -> list[pa.Array]:
    whole = np.empty(0, np.int64)
    a, b = (np.concatenate([whole, *(each[place] for each in found)]) for place in (0, 1))
    lengths = [len(each.days) for each in found for _ in each.a]
    dates = [_days(days, np.tile(each.days, len(each.a))) for each in found]
    values = [_nullable(each.values) for each in found]
    return [pa.array(a), pa.array(b), _list(dates, lengths, pa.date32()), _list(values, lengths, pa.float64())]


def _grid(prices: pa.ListArray) -> tuple[IndexArray, FloatArray]:
    """The days that there are, and a row of prices on them for each series; NaN where it has none."""
    lengths = pc.list_value_length(prices).to_numpy(zero_copy_only=False)
    given, price = (each.to_numpy(zero_copy_only=False) for each in prices.flatten().flatten())
    first = int(given.min()) if len(given) else 0
    span = int(given.max()) - first + 1 if len(given) else 0
    grid = np.full((len(lengths), span), np.nan)
    grid[np.repeat(np.arange(len(lengths)), lengths), given - first] = price
    used = np.flatnonzero(~np.isnan(grid).all(axis=0))
    return used + first, grid[:, used]


def _days(days: IndexArray, places: IndexArray) -> pa.Array:
    """Dates by their places; NULL for -1."""
    flat = places.ravel()
    if not len(days):
        return pa.nulls(len(flat), pa.date32())
    none = flat < 0
    return pa.array(days.astype(np.int32)[flat], mask=none if none.any() else None).cast(pa.date32())


def _nullable(values: FloatArray) -> pa.Array:
    flat = values.ravel()
    finite = np.isfinite(flat)
    return pa.array(flat) if finite.all() else pa.array(flat, mask=~finite)


def _list(parts: list[pa.Array], lengths: list[int], kind: pa.DataType) -> pa.ListArray:
    whole = pa.concat_arrays(parts) if parts else pa.nulls(0, kind)
    return pa.ListArray.from_arrays(pa.array(np.cumsum([0, *lengths]), pa.int32()), whole)


def _struct(fields: dict[str, str], rows: list[list[pa.Array]]) -> Struct:
    columns = [_list(list(column), list(map(len, column)), column[0].type) for column in zip(*rows, strict=True)]
    return pa.StructArray.from_arrays(columns, names=list(fields))


CORRELATION_FUNCTIONS = (
    ArrowFunction("correlation_matrices", (PRICES,), CORRELATION_FIELDS, correlations_struct),
    ArrowFunction("rolling_correlations", (PRICES, "BIGINT"), ROLLING_FIELDS, rolling_correlations_struct),
)
