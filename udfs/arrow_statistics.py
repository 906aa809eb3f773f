"""The statistics as DuckDB sees them: a list per series in, a struct out; NaN becomes NULL. No input raises."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.black_scholes import FloatArray
from udfs.garch import Garch, garch11
from udfs.regressions import arch_lm, dickey_fuller

UNIT_ROOT_FIELDS = {"statistic": "DOUBLE", "lags": "DOUBLE"}
STATISTIC_FIELDS = {"statistic": "DOUBLE"}
GARCH_FIELDS = dict.fromkeys(Garch._fields[:-1], "DOUBLE") | {"variance": "DOUBLE[]"}


def dickey_fuller_struct(x: Column, lags: Column, trend: Column, search: Column) -> Struct:
    """Dickey-Fuller statistic of each list, and the lags that it was found with."""
    rows = zip(_lists(x), lags.to_pylist(), trend.to_pylist(), search.to_pylist(), strict=True)
    results = [dickey_fuller(*row) for row in rows]
    return _struct(UNIT_ROOT_FIELDS, *(_numbers(field) for field in zip(*results, strict=True)))


def arch_lm_struct(x: Column, lags: Column) -> Struct:
    """ARCH-LM statistic of each list."""
    rows = zip(_lists(x), lags.to_pylist(), strict=True)
    return _struct(STATISTIC_FIELDS, _numbers(arch_lm(*row) for row in rows))


def garch11_struct(x: Column) -> Struct:
    """Fit of each list: parameters, log likelihood, and the variance of each value."""
    fits = [garch11(series) for series in _lists(x)]
    offsets = np.cumsum([0, *(len(fit.variance) for fit in fits)], dtype=np.int32)
    values = np.concatenate([np.empty(0), *(fit.variance for fit in fits)])
    variances = pa.ListArray.from_arrays(offsets, _nullable(values))
    return _struct(
        GARCH_FIELDS, *(_numbers(field) for field in zip(*(fit[:-1] for fit in fits), strict=True)), variances
    )


STATISTICS_FUNCTIONS = (
    ArrowFunction(
        "dickey_fuller", ("DOUBLE[]", "BIGINT", "VARCHAR", "BOOLEAN"), UNIT_ROOT_FIELDS, dickey_fuller_struct
    ),
    ArrowFunction("arch_lm", ("DOUBLE[]", "BIGINT"), STATISTIC_FIELDS, arch_lm_struct),
    ArrowFunction("garch11_fit", ("DOUBLE[]",), GARCH_FIELDS, garch11_struct),
)


def _lists(column: Column) -> list[FloatArray]:
    """NaN for a NULL within a list."""
    return [row.values.to_numpy(zero_copy_only=False).astype(float) for row in column]


def _numbers(values: Iterable[float]) -> pa.Array:
    return _nullable(np.array(list(values), dtype=float))


def _nullable(values: FloatArray) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _struct(fields: dict[str, str], *columns: pa.Array) -> Struct:
    return pa.StructArray.from_arrays(list(columns), names=list(fields))
