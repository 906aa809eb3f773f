"""One row of a relation as figures: every column that does not say what they are of is a metric, a row each."""

from collections.abc import Sequence


def facts_query(relation: str, facts: Sequence[str], where: str) -> str:
    """What the figures are of."""
    return f"select {', '.join(facts)}\nfrom serving.{relation}\nwhere {where}"


# A new column of the relation needs no edit here.
def figures_query(relation: str, others: Sequence[str], where: str) -> str:
    """metric, value and unit of every column but `others`, by name."""
    return f"""
with

figures as (
    select columns(* exclude ({", ".join(others)}))::double
    from serving.{relation}
    where {where}
),

metrics as (
    select metric, value
    from figures
    unpivot include nulls (value for metric in (columns(*)))
),

units as (
    select metric, any_value(unit) as unit
    from meta.catalog
    group by metric
)

select metric, value, unit
from metrics
left join units using (metric)
order by metric
"""
