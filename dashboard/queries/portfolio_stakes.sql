-- One row per stake, on the whole first, and fraction of it: how much of one's wealth, and what to expect.
select symbol, fraction, kelly_discrete, kelly_continuous, kelly_exact_log, kelly_growth, kelly_vol
from serving.portfolio_stakes
where portfolio = $portfolio
order by source <> 'portfolio', source, symbol, fraction desc
