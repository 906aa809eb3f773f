-- One row per strike near the spot, of one expiry or of all together: what those who sold the options must hedge.
-- A bar reaches from x0 to x1, four tenths of the way to its neighbours.
with strikes as (
    select
        strike, max(spot) as spot,
        sum(strike_gex order by expires_at) as strike_gex,
        sum(call_gex order by expires_at) as call_gex,
        sum(put_gex order by expires_at) as put_gex,
        sum(vanna_exposure order by expires_at) as vanna_exposure,
        sum(charm_exposure order by expires_at) as charm_exposure,
        sum(call_open_interest)::bigint as call_open_interest,
        sum(put_open_interest)::bigint as put_open_interest
    from serving.option_snapshot_exposure
    where
        source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
        and ($expires_at::timestamptz is null or expires_at = $expires_at)
    group by strike
),
nearest as (
    select * from strikes
    order by abs(strike - spot), strike
    limit $limit
),
spaced as (
    select
        *, 0.4 * least(strike - lag(strike) over by_strike, lead(strike) over by_strike - strike) as reach
    from nearest
    window by_strike as (order by strike)
)
select
    * exclude (spot, reach), strike - coalesce(reach, 0.2) as x0, strike + coalesce(reach, 0.2) as x1
from spaced
order by strike
