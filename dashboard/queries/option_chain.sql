-- One row per strike of an expiry, the nearest to the forward: its call and its put. Of two contracts of a strike and
-- side the one that more is open of.
with quotes as (
    select *
    from serving.option_snapshot_quotes
    where
        source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
        and expires_at = $expires_at
    qualify row_number() over (
        partition by strike, is_call order by open_interest desc nulls last, contract_symbol
    ) = 1
),
calls as (
    select
        strike, forward, bid as call_bid, ask as call_ask, implied_vol as call_implied_vol, iv_status as call_iv_status,
        quality as call_quality, delta as call_delta, gamma as call_gamma, vega_per_point as call_vega_per_point,
        theta_per_day as call_theta_per_day, volume as call_volume, open_interest as call_open_interest
    from quotes
    where is_call
),
puts as (
    select
        strike, forward as put_forward, bid as put_bid, ask as put_ask, implied_vol as put_implied_vol,
        iv_status as put_iv_status, quality as put_quality, delta as put_delta, gamma as put_gamma,
        vega_per_point as put_vega_per_point, theta_per_day as put_theta_per_day, volume as put_volume,
        open_interest as put_open_interest
    from quotes
    where not is_call
),
strikes as (
    select * exclude (put_forward) replace (coalesce(forward, put_forward) as forward)
    from calls
    full join puts using (strike)
),
nearest as (
    select
        *, row_number() over (order by abs(strike - forward), strike) as place
    from strikes
)
select
    * exclude (place), place = 1 and forward is not null as is_at_the_money,
    call_open_interest / nullif(max(greatest(call_open_interest, put_open_interest)) over (), 0) as call_share,
    put_open_interest / nullif(max(greatest(call_open_interest, put_open_interest)) over (), 0) as put_share
from nearest
where place <= $limit
order by strike
