"""A page of a relation: rows of a few fixed keys, in an order without ties, from where the page before ended."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """An expression by which rows are in order, ascending and never null, and its type."""

    expression: str
    type: str


def page_query(
    relation: str,
    columns: Sequence[str],
    fixed: Sequence[str],
    order: Sequence[Key],
    where: Sequence[str],
    goes_on: bool,
) -> str:
    """`fixed` are columns that equal the parameter of their name; where it `goes_on`, $after0 ... say after what."""
    conditions = [*(f"{name} = ${name}" for name in fixed), *where]
    if goes_on:
        keys = ", ".join(key.expression for key in order)
        after = ", ".join(f"$after{place}::{key.type}" for place, key in enumerate(order))
        conditions.append(f"({keys}) > ({after})")
    places = ", ".join(f"({key.expression})::varchar" for key in order)
    return (
        f"select {', '.join(columns)}, [{places}] as page_place\nfrom serving.{relation}\n"
        f"where {' and '.join(conditions) or 'true'}\n"
        f"order by {', '.join(key.expression for key in order)}\nlimit $limit"
    )


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
