"""Candles written by hand, one a day from 2024-01-01, for indicators of high, low and volume."""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa


class Candle(NamedTuple):
    """None in every field: a day whose prices are not known."""

    high: float | None
    low: float | None
    close: float | None
    volume: float | None = 100.0


UNKNOWN = Candle(None, None, None, None)


def flat(price: float, volume: float = 100.0) -> Candle:
    """A day that stood still."""
    return Candle(price, price, price, volume)


def create_candles(connection: duckdb.DuckDBPyConnection, name: str, candles: Sequence[Candle]) -> None:
    """A temporary table of one series of bars, shuffled."""
    columns = zip(*candles, strict=True)
    given = pa.table(
        {"day": range(len(candles))}
        | {field: pa.array(column, pa.float64()) for field, column in zip(Candle._fields, columns, strict=True)}
    )
    connection.register("given", given)
    connection.execute(
        f"create or replace temp table {name} as select 'x' as source, 'A' as symbol, '1d' as interval, "
        "timestamptz '2024-01-01 00:00:00+00' + to_days(day::integer) as ts, close as open, high, low, close, "
        "close as adj_close, volume, 252.0::double as periods_per_year from given order by hash(day)"
    )
    connection.unregister("given")
