"""Chains of options by hand, or of one volatility each, as the relation `quotes`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from quant.formulas import load_formulas

QUOTED_AT = datetime(2026, 11, 20, 21, tzinfo=UTC)
SCHEMA = pa.schema(
    {
        **{name: pa.string() for name in ("source", "underlying", "ingest_run_id")},
        **{name: pa.timestamp("us", "UTC") for name in ("quoted_at", "expires_at")},
        "expiry_on": pa.date32(),
        **{name: pa.float64() for name in ("years", "strike", "bid", "ask", "mid", "spot", "rate", "dividend_yield")},
        "quality": pa.string(),
        **{name: pa.int64() for name in ("volume", "open_interest")},
        **{name: pa.bool_() for name in ("is_call", "is_american")},
    }
)


def opened() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    load_formulas(connection)
    return connection


def quote(strike: float, is_call: bool, mid: float | None = None, days: float = 30, **others: Any) -> dict[str, Any]:
    """One contract; two-sided at its mid unless bid and ask say more."""
    expires_at = QUOTED_AT + timedelta(days=days)
    bid, ask = others.get("bid", mid), others.get("ask", mid)
    middle = mid if mid is not None or not bid else (bid + ask) / 2
    return {
        "source": "hand", "underlying": "X", "ingest_run_id": "run", "quoted_at": QUOTED_AT, "expires_at": expires_at,
        "expiry_on": expires_at.date(), "years": days / 365, "strike": strike, "is_call": is_call, "spot": 100.0,
        "rate": 0.04, "dividend_yield": 0.01, "quality": "two_sided" if middle else "no_quote", "is_american": False,
        **others, "bid": bid, "ask": ask, "mid": middle,
    }  # fmt: skip


def give(connection: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, Any]], name: str = "quotes") -> None:
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    connection.register("given_rows", table)
    connection.execute(f"create or replace table {name} as from given_rows")
    connection.unregister("given_rows")


def chain_of(
    connection: duckdb.DuckDBPyConnection, vols: dict[float, float], strikes: Sequence[float], spread: float = 0.0
) -> None:
    """Calls and puts at every strike, by days to expiry of one volatility each; `quotes`, and the same `priced`."""
    rows = [
        quote(strike, side, days=days) | {"volume": 1} for days in vols for strike in strikes for side in (True, False)
    ]
    give(connection, rows)
    sigma = " ".join(f"when {days} then {vol}" for days, vol in vols.items())
    connection.execute(
        "create or replace table quotes as "
        f"select * replace (model - {spread} as bid, model + {spread} as ask, model as mid, 'two_sided' as quality) "
        f"from (select *, bs_price(is_call, spot, strike, years, rate, case round(365 * years) {sigma} end::double, "
        "dividend_yield) as model from quotes)"
    )
    connection.execute("alter table quotes drop column model")
    connection.execute("create or replace table priced as from priced('quotes')")


def value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    [(only,)] = connection.execute(query).fetchall()
    return only


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return list(connection.sql(query).to_arrow_table().to_pylist())
