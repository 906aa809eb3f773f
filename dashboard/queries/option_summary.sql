-- One row: a chain as a whole, its expiry nearest to 30 days, and where its volatility stands in its past, which
-- only the last chain of a day is asked of.
with month as (
    select expiry_on, expires_at as month_expires_at, risk_reversal_25d, expected_move
    from serving.option_snapshot_expiries
    where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
    order by risk_reversal_25d is null, abs(years - 30 / 365), expires_at
    limit 1
),
past as (
    select iv_rank, iv_percentile, realized_vol, iv_minus_realized, variance_risk_premium
    from serving.option_history
    where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
)
select
    source, underlying, ingest_run_id, is_newest, quoted_at, fetched_at, reason, count_expiries, count_quotes,
    count_two_sided, count_priced, spot, atm_iv_30d, vix_style_index, expiry_on, month_expires_at, risk_reversal_25d,
    expected_move, put_call_ratio_oi, put_call_ratio_volume, gex, gamma_flip, call_wall, put_wall, call_open_interest,
    put_open_interest, call_volume, put_volume,
    iv_rank, iv_percentile, realized_vol, iv_minus_realized, variance_risk_premium
from serving.option_snapshots
left join month on true
left join past on true
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
