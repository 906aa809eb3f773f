-- One row per formula that a metric is computed by, as its file has it: what is asked for first.
select macro, kind, signature, body, comment, notes, file, line
from meta.formulas
where macro in ($macro, $formula)
order by macro = $macro desc, kind = 'table' desc, line
