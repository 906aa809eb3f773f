"""The path-dependent indicators as DuckDB sees them: lists of a series in, a struct of lists out; NaN becomes NULL."""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.black_scholes import FloatArray
from udfs.paths import adaptive_average, parabolic_sar, supertrend

Path = Callable[..., tuple[FloatArray, ...]]


def adaptive_path_struct(x: Column, weight: Column) -> Struct:
    """y = y + weight * (x - y), seeded with the x before the first known weight."""
    return _struct(("value",), lambda *series: (adaptive_average(*series),), x, weight)


def supertrend_path_struct(lower: Column, upper: Column, close: Column) -> Struct:
    """The trailing band of each bar, and its side."""
    return _struct(("line", "direction"), supertrend, lower, upper, close)


def parabolic_path_struct(high: Column, low: Column, step: Column, limit: Column) -> Struct:
    """Wilder's stop and reverse."""
    return _struct(("value",), lambda *series: (parabolic_sar(*series),), high, low, step, limit)


LIST = "DOUBLE[]"
VALUE_FIELDS = {"value": LIST}
SUPERTREND_FIELDS = {"line": LIST, "direction": LIST}

PATH_FUNCTIONS = (
    ArrowFunction("adaptive_path", (LIST, LIST), VALUE_FIELDS, adaptive_path_struct),
    ArrowFunction("supertrend_path", (LIST, LIST, LIST), SUPERTREND_FIELDS, supertrend_path_struct),
    ArrowFunction("parabolic_path", (LIST, LIST, "DOUBLE", "DOUBLE"), VALUE_FIELDS, parabolic_path_struct),
)


def _struct(fields: tuple[str, ...], path: Path, *columns: Column) -> Struct:
    """The path of each row's series, field by field."""
    rows = [path(*series) for series in zip(*map(_series, columns), strict=True)]
    return pa.StructArray.from_arrays([_lists(row[i] for row in rows) for i in range(len(fields))], names=list(fields))


def _series(column: Column) -> list[FloatArray] | list[float]:
    """A list as an array with NaN for NULL, a number as it is."""
    if not pa.types.is_list(column.type):
        return [float(number) for number in column.to_pylist()]
    return [row.values.to_numpy(zero_copy_only=False) for row in column]


def _lists(arrays: Iterable[FloatArray]) -> pa.Array:
    parts = list(arrays)
    offsets = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    values = np.concatenate(parts) if parts else np.empty(0)
    return pa.ListArray.from_arrays(offsets, pa.array(values, mask=~np.isfinite(values)))
