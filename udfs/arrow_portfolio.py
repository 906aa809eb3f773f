"""The linear algebra as DuckDB sees it: lists in, lists out; NaN and infinity become NULL."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.linear_algebra import (
    FloatArray,
    explained_shares,
    growth_weights,
    least_squares,
    min_variance_weights,
)

REGRESSION_FIELDS = {"coefficients": "DOUBLE[]", "t_values": "DOUBLE[]", "r_squared": "DOUBLE"}
VECTOR_FIELDS = {"values": "DOUBLE[]"}


def least_squares_struct(y: Column, x: Column) -> Struct:
    """Per row: y over n bars, x as one list per explaining series."""
    fits = [
        least_squares(np.asarray(left, float), np.atleast_2d(np.asarray(right, float)).T)
        for left, right in zip(y.to_pylist(), x.to_pylist(), strict=True)
    ]
    return pa.StructArray.from_arrays(
        [
            _lists([fit.coefficients for fit in fits]),
            _lists([fit.t_values for fit in fits]),
            pa.array(_finite(np.array([fit.r_squared for fit in fits]))),
        ],
        names=list(REGRESSION_FIELDS),
    )


def explained_shares_struct(returns: Column) -> Struct:
    """Per row: a list of returns per member."""
    return _vectors(explained_shares, returns)


def min_variance_weights_struct(returns: Column) -> Struct:
    """Per row: a list of returns per member."""
    return _vectors(min_variance_weights, returns)


def growth_weights_struct(returns: Column, rate: Column) -> Struct:
    """Per row: a list of returns per member, and the risk-free rate per bar."""
    return _vectors(growth_weights, returns, rate)


def _vectors(function: Callable[..., FloatArray], returns: Column, *others: Column) -> Struct:
    rows = zip(returns.to_pylist(), *(other.to_pylist() for other in others), strict=True)
    values = [function(np.asarray(matrix, float), *rest) for matrix, *rest in rows]
    return pa.StructArray.from_arrays([_lists(values)], names=list(VECTOR_FIELDS))


def _lists(values: list[FloatArray]) -> pa.Array:
    return pa.array([_finite(value) for value in values], type=pa.list_(pa.float64()))


def _finite(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


PORTFOLIO_FUNCTIONS = (
    ArrowFunction("least_squares", ("DOUBLE[]", "DOUBLE[][]"), REGRESSION_FIELDS, least_squares_struct),
    ArrowFunction("explained_shares", ("DOUBLE[][]",), VECTOR_FIELDS, explained_shares_struct),
    ArrowFunction("min_variance_weights", ("DOUBLE[][]",), VECTOR_FIELDS, min_variance_weights_struct),
    ArrowFunction("growth_weights", ("DOUBLE[][]", "DOUBLE"), VECTOR_FIELDS, growth_weights_struct),
)
