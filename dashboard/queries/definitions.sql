-- One row per metric: what it is, where it is kept, and which file its formula stands in.
with files as (
    select macro, min(file) as file
    from meta.formulas
    where kind = 'table'
    group by macro
)
select
    metric, description, unit, range, formula, macro, parameters, stored_in, relation, source, example, family,
    coalesce(regexp_extract(file, '/([0-9]{2})', 1), split_part(relation, '.', 1)) as place
from meta.catalog
left join files using (macro)
order by metric
