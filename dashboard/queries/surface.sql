-- One row per strike of the out-of-the-money side; x0 and x1 are half-way to the neighbouring strikes.
select
    source, expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at,
    (log_moneyness + coalesce(lag(log_moneyness) over by_strike, log_moneyness)) / 2 as x0,
    (log_moneyness + coalesce(lead(log_moneyness) over by_strike, log_moneyness)) / 2 as x1
from serving.option_surface
where underlying = $underlying and implied_vol is not null
window by_strike as (partition by expires_at order by strike)
order by expires_at, strike
limit $limit
