"""The linear algebra as DuckDB sees it: lists in, lists out; NaN and infinity become NULL."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from udfs.allocation import growth_weights, max_sharpe_weights, min_variance_weights, risk_parity_weights
from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.covariances import ledoit_wolf
from udfs.linear_algebra import FloatArray, explained_shares, principal_loadings

VECTOR_FIELDS = {"values": "DOUBLE[]"}
MATRIX_FIELDS = {"values": "DOUBLE[][]"}
SHRUNK_FIELDS = {"covariance": "DOUBLE[][]", "shrinkage": "DOUBLE"}


def explained_shares_struct(returns: Column) -> Struct:
    """Per row: a list of returns per member."""
    return _vectors(explained_shares, returns)


def principal_loadings_struct(returns: Column) -> Struct:
    """Per row: a list of returns per member; a list of loadings per component."""
    found = [principal_loadings(matrix) for matrix in _members(returns)]
    return pa.StructArray.from_arrays([_matrices(found)], names=list(MATRIX_FIELDS))


def min_variance_weights_struct(returns: Column, kind: Column) -> Struct:
    """Per row: a list of returns per member, and which covariance."""
    return _vectors(min_variance_weights, returns, kind)


def risk_parity_weights_struct(returns: Column, kind: Column) -> Struct:
    """Per row: a list of returns per member, and which covariance."""
    return _vectors(risk_parity_weights, returns, kind)


def max_sharpe_weights_struct(returns: Column, rate: Column, kind: Column) -> Struct:
    """Per row: a list of returns per member, the risk-free rate per bar, and which covariance."""
    return _vectors(max_sharpe_weights, returns, rate, kind)


def growth_weights_struct(returns: Column, rate: Column) -> Struct:
    """Per row: a list of returns per member, and the risk-free rate per bar."""
    return _vectors(growth_weights, returns, rate)


def ledoit_wolf_struct(returns: Column, target: Column) -> Struct:
    """Per row: a list of returns per member, and the target."""
    found = [ledoit_wolf(*row) for row in zip(_members(returns), target.to_pylist(), strict=True)]
    shares = pa.array(_finite(np.array([each.shrinkage for each in found])), type=pa.float64())
    return pa.StructArray.from_arrays([_matrices([each.covariance for each in found]), shares], names=[*SHRUNK_FIELDS])


def _vectors(function: Callable[..., FloatArray], returns: Column, *others: Column) -> Struct:
    rows = zip(_members(returns), *(other.to_pylist() for other in others), strict=True)
    values = [function(matrix, *rest) for matrix, *rest in rows]
    return pa.StructArray.from_arrays([_lists(values)], names=list(VECTOR_FIELDS))


def _members(returns: Column) -> list[FloatArray]:
    """Shape (members, bars) of each row, without a Python object for each number."""
    flat = [(len(row), row.values.flatten().to_numpy(zero_copy_only=False)) for row in returns]
    return [numbers.astype(float).reshape(count, -1) for count, numbers in flat]


def _lists(values: list[FloatArray]) -> pa.Array:
    return pa.array([_finite(value) for value in values], type=pa.list_(pa.float64()))


def _matrices(values: list[FloatArray]) -> pa.Array:
    return pa.array([[_finite(row) for row in value] for value in values], type=pa.list_(pa.list_(pa.float64())))


def _finite(values: FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


PORTFOLIO_FUNCTIONS = (
    ArrowFunction("explained_shares", ("DOUBLE[][]",), VECTOR_FIELDS, explained_shares_struct),
    ArrowFunction("principal_loadings", ("DOUBLE[][]",), MATRIX_FIELDS, principal_loadings_struct),
    ArrowFunction("min_variance_weights", ("DOUBLE[][]", "VARCHAR"), VECTOR_FIELDS, min_variance_weights_struct),
    ArrowFunction("risk_parity_weights", ("DOUBLE[][]", "VARCHAR"), VECTOR_FIELDS, risk_parity_weights_struct),
    ArrowFunction("max_sharpe_weights", ("DOUBLE[][]", "DOUBLE", "VARCHAR"), VECTOR_FIELDS, max_sharpe_weights_struct),
    ArrowFunction("ledoit_wolf", ("DOUBLE[][]", "VARCHAR"), SHRUNK_FIELDS, ledoit_wolf_struct),
    ArrowFunction("growth_weights", ("DOUBLE[][]", "DOUBLE"), VECTOR_FIELDS, growth_weights_struct),
)
