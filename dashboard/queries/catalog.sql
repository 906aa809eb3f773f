-- One row per metric: what it is.
select metric, family, unit, formula, source, description
from meta.catalog
qualify row_number() over (partition by metric order by relation) = 1
