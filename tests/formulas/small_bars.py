"""Bars written by hand: one price a day from 2024-01-01, so that expected numbers can be worked out on paper."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import duckdb
import pyarrow as pa

Prices = Sequence[float | None]


def create_bars(connection: duckdb.DuckDBPyConnection, name: str, series: Mapping[str, Prices], ppy: int = 252) -> None:
    """A temporary table of bars, symbol by symbol; a price of None is a bar without one."""
    rows = [(symbol, day, price) for symbol, prices in series.items() for day, price in enumerate(prices)]
    symbols, days, prices = zip(*rows, strict=True)
    given = pa.table({"symbol": symbols, "day": days, "price": pa.array(prices, pa.float64())})
    connection.register("given", given)
    connection.execute(
        f"create or replace temp table {name} as select 'x' as source, symbol, '1d' as interval, "
        "timestamptz '2024-01-01 00:00:00+00' + to_days(day::integer) as ts, price as open, price as high, "
        "price as low, price as close, price as adj_close, 100.0::double as volume, "
        f"{ppy}::double as periods_per_year from given order by hash(day)"
    )
    connection.unregister("given")


def earned(returns: Iterable[float], first: float = 100.0) -> list[float]:
    """The prices that earn these returns, one after the other."""
    return list(accumulate(returns, lambda price, r: price * (1 + r), initial=first))


def by_symbol(connection: duckdb.DuckDBPyConnection, metric: str) -> dict[str, float | None]:
    """Symbol -> value of a whole-sample metric."""
    rows = connection.execute(f"select symbol, value from {metric}").fetchall()
    assert len(rows) == len({symbol for symbol, _ in rows}), "more than one row for a series"
    return dict(rows)


def by_day(connection: duckdb.DuckDBPyConnection, metric: str) -> list[float | None]:
    """Values of a trailing metric of the only series, bar by bar."""
    return [value for (value,) in connection.execute(f"select value from {metric} order by ts").fetchall()]
