-- One row per strike of the out-of-the-money side, of one expiry or of all; x0 and x1 are half-way to the neighbours.
-- Of more strikes than the limit each second, third and so on.
with strikes as (
    select
        *, count(*) over () as count_strikes,
        row_number() over (partition by expires_at order by strike) - 1 as place
    from serving.option_snapshot_surface
    where
        source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
        and ($expires_at::timestamptz is null or expires_at = $expires_at)
        and implied_vol is not null
)
select
    expiry_on, expires_at, strike, forward, log_moneyness, is_call, implied_vol, svi_vol, svi_error, ssvi_vol,
    (log_moneyness + coalesce(lag(log_moneyness) over by_strike, log_moneyness)) / 2 as x0,
    (log_moneyness + coalesce(lead(log_moneyness) over by_strike, log_moneyness)) / 2 as x1
from strikes
where place % ((count_strikes + $limit - 1) // $limit) = 0
window by_strike as (partition by expires_at order by strike)
order by expires_at, strike
