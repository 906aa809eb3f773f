"""The functions as DuckDB sees them: Arrow arrays in, a struct per row out; NaN and infinity become NULL.

An option with a NULL argument has a struct whose numbers are NULL and whose status is null_input.
"""

import threading
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from udfs.arrow_correlations import CORRELATION_FUNCTIONS
from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.arrow_options import OPTION_FUNCTIONS
from udfs.arrow_paths import PATH_FUNCTIONS
from udfs.arrow_portfolio import PORTFOLIO_FUNCTIONS
from udfs.arrow_regression import REGRESSION_FUNCTIONS
from udfs.arrow_statistics import STATISTICS_FUNCTIONS
from udfs.black_scholes import FloatArray, Greeks, greeks
from udfs.implied_vol import STATUSES, StatusArray, implied_vol

NULLS = {False: FunctionNullHandling.DEFAULT, True: FunctionNullHandling.SPECIAL}
REGISTERING = threading.Lock()  # connections of one process to one file share a database, and so its functions

GREEK_FIELDS = dict.fromkeys(Greeks._fields, "DOUBLE")
IV_FIELDS = {"iv": "DOUBLE", "status": "VARCHAR"}
CHAIN_FIELDS = IV_FIELDS | GREEK_FIELDS


def greeks_struct(is_call: Column, s: Column, k: Column, t: Column, r: Column, sigma: Column, q: Column) -> Struct:
    """Price and its derivatives, raw units (see black_scholes)."""
    side, spot, strike, years, rate, vol, dividend_yield = _inputs(is_call, s, k, t, r, sigma, q)
    matrix = np.empty((len(GREEK_FIELDS), len(s)))
    greeks(side, spot, strike, years, rate, vol, dividend_yield, out=matrix)
    return _struct(GREEK_FIELDS, *_rows(matrix))


def implied_vol_struct(price: Column, is_call: Column, s: Column, k: Column, t: Column, r: Column, q: Column) -> Struct:
    """The volatility that reproduces the price, or NULL and the reason."""
    side, quoted, *inputs = _inputs(is_call, price, s, k, t, r, q)
    iv, status = implied_vol(quoted, side, *inputs)
    return _struct(IV_FIELDS, *_rows(iv[None]), _names(status))


def chain_greeks_struct(
    price: Column, is_call: Column, s: Column, k: Column, t: Column, r: Column, q: Column
) -> Struct:
    """Implied volatility and the greeks at it, in one pass; all of them NULL where the status is not ok."""
    side, quoted, spot, strike, years, rate, dividend_yield = _inputs(is_call, price, s, k, t, r, q)
    matrix = np.empty((1 + len(GREEK_FIELDS), len(s)))
    matrix[0], status = implied_vol(quoted, side, spot, strike, years, rate, dividend_yield)
    greeks(side, spot, strike, years, rate, matrix[0], dividend_yield, out=matrix[1:])
    iv, *values = _rows(matrix)
    return _struct(CHAIN_FIELDS, iv, _names(status), *values)


QUOTE = ("DOUBLE", "BOOLEAN", *["DOUBLE"] * 5)

FUNCTIONS = (
    ArrowFunction("greeks", ("BOOLEAN", *["DOUBLE"] * 6), GREEK_FIELDS, greeks_struct, takes_nulls=True),
    ArrowFunction("implied_vol", QUOTE, IV_FIELDS, implied_vol_struct, takes_nulls=True),
    ArrowFunction("chain_greeks", QUOTE, CHAIN_FIELDS, chain_greeks_struct, takes_nulls=True),
    *CORRELATION_FUNCTIONS,
    *OPTION_FUNCTIONS,
    *PATH_FUNCTIONS,
    *PORTFOLIO_FUNCTIONS,
    *REGRESSION_FUNCTIONS,
    *STATISTICS_FUNCTIONS,
)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create each function that the connection's database does not know yet; any number of threads may ask at once.

    All is done on a cursor of its own, because an unfinished result on the connection would refuse it.
    """
    with REGISTERING, connection.cursor() as cursor:
        listed = "select distinct function_name from duckdb_functions() where function_type = 'scalar'"
        known = {name for (name,) in cursor.sql(listed).fetchall()}  # a metric's table macro may have the same name
        for function in FUNCTIONS:
            if function.name not in known:
                cursor.create_function(
                    function.name,
                    function.call,
                    [duckdb.sqltype(name) for name in function.arguments],
                    duckdb.struct_type({name: duckdb.sqltype(type_) for name, type_ in function.fields.items()}),
                    type=PythonUDFType.ARROW,
                    null_handling=NULLS[function.takes_nulls],
                )


def _inputs(is_call: Column, first: Column, *others: Column) -> list[Any]:
    """NaN for a NULL number; for a NULL side the first number becomes one, so that nothing comes of the row."""
    numbers = [column.to_numpy() for column in (first, *others)]
    if not is_call.null_count:
        return [is_call.to_numpy(), *numbers]
    known = is_call.is_valid().to_numpy()
    return [is_call.fill_null(False).to_numpy(), np.where(known, numbers[0], np.nan), *numbers[1:]]


def _rows(matrix: FloatArray) -> list[pa.Array]:
    """One array per row, all slices of one, which costs a tenth of an array for each."""
    numbers = matrix.ravel()
    finite = np.isfinite(numbers)
    whole = pa.array(numbers) if finite.all() else pa.array(numbers, mask=~finite)
    width = matrix.shape[1]
    return [whole.slice(row * width, width) for row in range(len(matrix))]


def _names(status: StatusArray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(status, pa.array(STATUSES))


def _struct(fields: dict[str, str], *columns: pa.Array) -> Struct:
    return pa.StructArray.from_arrays(list(columns), names=list(fields))
