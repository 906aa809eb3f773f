"""American options and fitted smiles as DuckDB sees them: numbers and lists in, a struct per row out."""

from typing import Any

import numpy as np
import pyarrow as pa

from udfs.american import American, american
from udfs.american_implied import AmericanVol, american_implied_vol
from udfs.arrow_function import ArrowFunction, Column, Struct
from udfs.black_scholes import BoolArray, FloatArray
from udfs.contracts import Contracts, clean_dividends
from udfs.implied_vol import BAD_INPUT, NULL_INPUT, STATUSES, StatusArray
from udfs.ssvi import ssvi_fit
from udfs.svi_fit import STATUSES as SVI_STATUSES
from udfs.svi_fit import SviFit, svi_fit

LIST = "DOUBLE[]"


def american_price_struct(
    is_call: Column, s: Column, k: Column, t: Column, r: Column, sigma: Column, q: Column, times: Column, cash: Column
) -> Struct:
    """Price, derivatives in raw units and early exercise premium of an American option."""
    contracts, faults = _contracts(is_call, s, k, t, r, q, times, cash)
    values = american(contracts, _numpy(sigma))
    return _struct(AMERICAN_FIELDS, *values[:-1], status=_overruled(values.status, faults))


def american_implied_vol_struct(
    price: Column, is_call: Column, s: Column, k: Column, t: Column, r: Column, q: Column, times: Column, cash: Column
) -> Struct:
    """The volatility at which an American option is worth the price, or NULL and the reason."""
    contracts, faults = _contracts(is_call, s, k, t, r, q, times, cash)
    values = american_implied_vol(_numpy(price), contracts)
    return _struct(AMERICAN_VOL_FIELDS, *values[:-1], status=_overruled(values.status, faults))


def svi_fit_struct(k: Column, w: Column, weight: Column) -> Struct:
    """The arbitrage-free SVI curve of each row's smile, its errors, and how many strikes it rests on."""
    fit = svi_fit(*map(_series, (k, w, weight)))
    numbers = [*map(_nullable, fit[:-2]), pa.array(fit.n_strikes)]
    return pa.StructArray.from_arrays([*numbers, _names(fit.status, SVI_STATUSES)], names=list(SVI_FIELDS))


def ssvi_fit_struct(k: Column, w: Column, weight: Column) -> Struct:
    """The arbitrage-free surface through each row's smiles, one list per expiry."""
    fits = [ssvi_fit(*lists) for lists in zip(*map(_smiles, (k, w, weight)), strict=True)]
    thetas = pa.array([[_finite(theta) for theta in fit.thetas] for fit in fits], type=pa.list_(pa.float64()))
    numbers = [_nullable(np.array([getattr(fit, name) for fit in fits], dtype=float)) for name in SSVI_NUMBERS]
    status = _names(np.array([fit.status for fit in fits], dtype=np.int8), SVI_STATUSES)
    return pa.StructArray.from_arrays([thetas, *numbers, status], names=list(SSVI_FIELDS))


AMERICAN_FIELDS = dict.fromkeys(American._fields[:-1], "DOUBLE") | {"status": "VARCHAR"}
AMERICAN_VOL_FIELDS = dict.fromkeys(AmericanVol._fields[:-1], "DOUBLE") | {"status": "VARCHAR"}
SVI_FIELDS = dict.fromkeys(SviFit._fields[:-2], "DOUBLE") | {"n_strikes": "BIGINT", "status": "VARCHAR"}
SSVI_NUMBERS = ("rho", "eta", "gamma", "rmse")
SSVI_FIELDS = {"thetas": LIST} | dict.fromkeys(SSVI_NUMBERS, "DOUBLE") | {"status": "VARCHAR"}

OPTION_FUNCTIONS = (
    ArrowFunction(
        "american_price",
        ("BOOLEAN", *["DOUBLE"] * 6, LIST, LIST),
        AMERICAN_FIELDS,
        american_price_struct,
        takes_nulls=True,
    ),
    ArrowFunction(
        "american_implied_vol",
        ("DOUBLE", "BOOLEAN", *["DOUBLE"] * 5, LIST, LIST),
        AMERICAN_VOL_FIELDS,
        american_implied_vol_struct,
        takes_nulls=True,
    ),
    ArrowFunction("svi_fit", (LIST, LIST, LIST), SVI_FIELDS, svi_fit_struct, takes_nulls=True),
    ArrowFunction("ssvi_fit", ("DOUBLE[][]",) * 3, SSVI_FIELDS, ssvi_fit_struct, takes_nulls=True),
)


def _contracts(is_call: Column, *columns: Column) -> tuple[Contracts, StatusArray]:
    """The terms of each row, and what is wrong with its lists: times and amounts that do not pair, or a missing one.

    NULL is NaN, and so is the spot of a row whose side is NULL. A NULL list is an empty one.
    """
    *numbers, times, cash = columns
    spot, strike, years, rate, dividend_yield = map(_numpy, numbers)
    spot = np.where(is_call.is_valid().to_numpy(), spot, np.nan)
    ex_years, ex_amounts = _padded(times), _padded(cash)
    faults = np.where(_lengths(times) == _lengths(cash), 0, BAD_INPUT)
    height = max(len(ex_years), len(ex_amounts), 1)
    ex_years, ex_amounts = (np.pad(x, ((0, height - len(x)), (0, 0))) for x in (ex_years, ex_amounts))
    faults[~np.isfinite(ex_years + ex_amounts).all(axis=0)] = NULL_INPUT
    ex_years, ex_amounts = clean_dividends(ex_years, ex_amounts, years)
    ex_amounts[0, faults != 0] = np.nan
    side = is_call.fill_null(False).to_numpy()
    return Contracts(side, spot, strike, years, rate, dividend_yield, ex_years, ex_amounts), faults.astype(np.int8)


def _overruled(status: StatusArray, faults: StatusArray) -> StatusArray:
    return np.where(faults != 0, faults, status).astype(np.int8)


def _lengths(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().value_lengths().fill_null(0).to_numpy(zero_copy_only=False)


def _padded(column: pa.ChunkedArray) -> FloatArray:
    """Lists as columns, shape (longest, rows): 0 below a list's end, NaN for a NULL in it."""
    rows = column.combine_chunks()
    lengths = _lengths(column)
    padded = np.zeros((int(lengths.max(initial=0)), len(rows)))
    inside: BoolArray = np.arange(len(padded))[:, None] < lengths
    padded.T[inside.T] = rows.flatten().to_numpy(zero_copy_only=False)
    return padded


def _series(column: pa.ChunkedArray) -> list[FloatArray]:
    """Each row's list as an array, with NaN for a NULL in it; none for a NULL list."""
    rows = column.combine_chunks()
    values = rows.flatten().to_numpy(zero_copy_only=False)
    return np.split(values, np.cumsum(_lengths(column))[:-1])


def _smiles(column: pa.ChunkedArray) -> list[list[FloatArray]]:
    """Each row's lists as arrays, with NaN for a NULL in one; none for a NULL list."""
    return [[np.array(smile or [], dtype=float) for smile in row or []] for row in column.to_pylist()]


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _numpy(column: pa.ChunkedArray) -> Any:
    return column.to_numpy()


def _nullable(values: FloatArray) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _struct(fields: dict[str, str], *values: FloatArray, status: StatusArray) -> Struct:
    names = _names(status, STATUSES)
    return pa.StructArray.from_arrays([*map(_nullable, values), names], names=list(fields))


def _names(status: StatusArray, statuses: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(status, pa.array(statuses)).dictionary_decode()
