"""The factor regression as DuckDB sees it: lists in, a struct out; NaN and infinity become NULL."""

import numpy as np
import pyarrow as pa

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.factor_regression import Regression, least_squares
from udfs.linear_algebra import FloatArray

LISTS = Regression._fields[:-2]
REGRESSION_FIELDS = dict.fromkeys(LISTS, "DOUBLE[]") | dict.fromkeys(Regression._fields[-2:], "DOUBLE")


def least_squares_struct(y: Column, x: Column, lags: Column) -> Struct:
    """Per row: y over n periods, x as a list of what explains it for each period, lags of the robust errors."""
    fits = [
        least_squares(np.asarray(left.values, float), _matrix(right.values), lag)
        for left, right, lag in zip(y, x, lags.to_pylist(), strict=True)
    ]
    columns = [
        pa.array([_finite(values) for values in column]) for column in zip(*(fit[:-2] for fit in fits), strict=True)
    ]
    shares = [pa.array(_finite(np.array(column))) for column in zip(*(fit[-2:] for fit in fits), strict=True)]
    types = [pa.list_(pa.float64())] * len(columns) + [pa.float64()] * len(shares)
    cast = [column.cast(kind) for column, kind in zip([*columns, *shares], types, strict=True)]
    return pa.StructArray.from_arrays(cast, names=list(REGRESSION_FIELDS))


def _matrix(rows: pa.ListArray) -> FloatArray:
    flat: FloatArray = np.asarray(rows.flatten(), dtype=np.float64)
    return flat.reshape(len(rows), -1)


def _finite(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


REGRESSION_FUNCTIONS = (
    ArrowFunction("least_squares", ("DOUBLE[]", "DOUBLE[][]", "BIGINT"), REGRESSION_FIELDS, least_squares_struct),
)
