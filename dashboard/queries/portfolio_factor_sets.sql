-- One row per set of factors that explains the portfolio, and the periods that it is measured over.
select distinct factor_set, frequency, r2, adjusted_r2, n_obs
from serving.factor_exposures
where source = 'portfolio' and symbol = $portfolio
order by factor_set desc, frequency
