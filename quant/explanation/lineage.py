"""The columns that a figure is made of, step by step, from meta.lineage."""

from quant.explanation.places import Row
from quant.warehouse import Reading

# UNION drops what is reached twice, so that the recursion ends with the columns.
STEPS = """
with recursive

reached as (
    select $relation::varchar as relation, $column::varchar as column_name
    union
    select steps.parent_relation, steps.parent_column
    from reached
    inner join meta.lineage as steps
        on steps.relation = reached.relation and steps.column_name = reached.column_name and steps.kind = 'step'
)

select steps.relation, steps.column_name, steps.parent_relation, steps.parent_column, steps.macros, steps.is_exact
from reached
inner join meta.lineage as steps using (relation, column_name)
where steps.kind = 'step'
order by all
"""
ORIGINS = """
select dataset, parent_relation as relation, parent_column as column_name, depth, is_exact
from meta.lineage
where kind = 'origin' and relation = $relation and column_name = $column
order by dataset, relation, column_name
"""


def lineage_of(reading: Reading, stored_in: str) -> Row:
    """Of a stored column: its origins in raw datasets and the configuration, and every step between."""
    relation, _, column = stored_in.rpartition(".")
    given = {"relation": relation, "column": column}
    return {"column": stored_in, "origins": reading.rows(ORIGINS, given), "steps": reading.rows(STEPS, given)}
