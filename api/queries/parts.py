"""A page of a relation: rows of a few fixed keys, in an order without ties, from where the page before ended."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """An expression by which rows are in order, never null, and its type."""

    expression: str
    type: str


def page_query(
    relation: str,
    columns: Sequence[str],
    order: Sequence[Key],
    where: Sequence[str],
    *,
    goes_on: bool = False,
    is_descending: bool = False,
) -> str:
    """`columns` may name expressions (`x as y`); where it `goes_on`, $after0 ... say after what."""
    conditions = list(where)
    if goes_on:
        keys = ", ".join(key.expression for key in order)
        after = ", ".join(f"$after{place}::{key.type}" for place, key in enumerate(order))
        conditions.append(f"({keys}) {'<' if is_descending else '>'} ({after})")
    direction = " desc" if is_descending else ""
    return (
        f"select {', '.join(columns)}\nfrom {relation if '.' in relation else f'serving.{relation}'}\n"
        f"where {' and '.join(conditions) or 'true'}\n"
        f"order by {', '.join(key.expression + direction for key in order)}\nlimit $limit"
    )


CRYPTO = {"1m": "crypto_minutes", "1d": "crypto_days"}


def bars_of(asset_class: str | None, interval: str) -> str:
    """The part of serving.bars that has them all: the fewer live views a statement names, the sooner it is planned."""
    if asset_class == "crypto":
        return CRYPTO.get(interval, "coarse_crypto_bars")
    return "equity_bars" if asset_class == "equity" else "bars"


def prices_of(asset_class: str | None) -> str:
    """The part of serving.latest_prices that has them."""
    return {"crypto": "crypto_prices", "equity": "equity_prices"}.get(asset_class or "", "latest_prices")


# One series by its key: as a constant it reaches every table that lies below serving.metrics.
OF_SERIES = "series_id = series_id_of($source, $symbol, $interval)"

# The first and the last instant of the page of a series, which bound what is read of all its tables.
PAGE_BOUNDS = """
select min(ts) as first_ts, max(ts) as last_ts
from (
    select ts
    from serving.final_bars
    where {conditions}
    order by ts {direction}
    limit $limit
)
"""

# The days of the exchange are those of the chain's own expiries.
OF_EXPIRY = """expires_at in (
    select expires_at
    from serving.option_snapshot_expiries
    where
        source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id and expiry_on = $expiry
)"""

LISTED = """
select distinct expiry_on
from serving.option_snapshot_expiries
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
order by expiry_on
"""
