"""The functions as DuckDB sees them: Arrow arrays in, a struct per row out; NaN and infinity become NULL.

Null handling is DuckDB's default: a row with a NULL argument never reaches us and its struct is NULL as a whole.
"""

import threading
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType

from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.arrow_paths import PATH_FUNCTIONS
from udfs.arrow_portfolio import PORTFOLIO_FUNCTIONS
from udfs.arrow_statistics import STATISTICS_FUNCTIONS
from udfs.black_scholes import FloatArray, Greeks, greeks
from udfs.implied_vol import STATUSES, StatusArray, implied_vol

REGISTERING = threading.Lock()  # connections of one process to one file share a database, and so its functions

GREEK_FIELDS = dict.fromkeys(Greeks._fields, "DOUBLE")
IV_FIELDS = {"iv": "DOUBLE", "status": "VARCHAR"}


def greeks_struct(is_call: Column, s: Column, k: Column, t: Column, r: Column, sigma: Column, q: Column) -> Struct:
    """Price and its derivatives, raw units (see black_scholes)."""
    return _struct(GREEK_FIELDS, *map(_nullable, greeks(*map(_numpy, (is_call, s, k, t, r, sigma, q)))))


def implied_vol_struct(price: Column, is_call: Column, s: Column, k: Column, t: Column, r: Column, q: Column) -> Struct:
    """The volatility that reproduces the price, or NULL and the reason."""
    iv, status = implied_vol(*map(_numpy, (price, is_call, s, k, t, r, q)))
    return _struct(IV_FIELDS, _nullable(iv), _names(status))


def chain_greeks_struct(
    price: Column, is_call: Column, s: Column, k: Column, t: Column, r: Column, q: Column
) -> Struct:
    """Implied volatility and the greeks at it, in one pass; all of them NULL where the status is not ok."""
    quoted, side, spot, strike, years, rate, dividend_yield = map(_numpy, (price, is_call, s, k, t, r, q))
    iv, status = implied_vol(quoted, side, spot, strike, years, rate, dividend_yield)
    values = greeks(side, spot, strike, years, rate, iv, dividend_yield)
    return _struct(IV_FIELDS | GREEK_FIELDS, _nullable(iv), _names(status), *map(_nullable, values))


FUNCTIONS = (
    ArrowFunction("greeks", ("BOOLEAN", *["DOUBLE"] * 6), GREEK_FIELDS, greeks_struct),
    ArrowFunction("implied_vol", ("DOUBLE", "BOOLEAN", *["DOUBLE"] * 5), IV_FIELDS, implied_vol_struct),
    ArrowFunction(
        "chain_greeks", ("DOUBLE", "BOOLEAN", *["DOUBLE"] * 5), IV_FIELDS | GREEK_FIELDS, chain_greeks_struct
    ),
    *PATH_FUNCTIONS,
    *PORTFOLIO_FUNCTIONS,
    *STATISTICS_FUNCTIONS,
)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create each function that the connection's database does not know yet; any number of threads may ask at once.

    All is done on a cursor of its own, because an unfinished result on the connection would refuse it.
    """
    with REGISTERING, connection.cursor() as cursor:
        known = {name for (name,) in cursor.sql("select distinct function_name from duckdb_functions()").fetchall()}
        for function in FUNCTIONS:
            if function.name not in known:
                cursor.create_function(
                    function.name,
                    function.call,
                    [duckdb.sqltype(name) for name in function.arguments],
                    duckdb.struct_type({name: duckdb.sqltype(type_) for name, type_ in function.fields.items()}),
                    type=PythonUDFType.ARROW,
                )


def _numpy(column: pa.ChunkedArray) -> Any:
    return column.to_numpy()


def _nullable(values: FloatArray) -> pa.Array:
    finite = np.isfinite(values)
    return pa.array(values) if finite.all() else pa.array(values, mask=~finite)


def _names(status: StatusArray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(status, pa.array(STATUSES)).dictionary_decode()


def _struct(fields: dict[str, str], *columns: pa.Array) -> Struct:
    return pa.StructArray.from_arrays(list(columns), names=list(fields))
