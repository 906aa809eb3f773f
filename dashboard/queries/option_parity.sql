-- One row per strike quoted on both sides: how far call less put is from what parity makes of it.
-- Of more strikes than the limit each second, third and so on, and every violation.
with strikes as (
    select
        *, count(*) over () as count_strikes,
        row_number() over (partition by expires_at order by strike) - 1 as place
    from serving.option_snapshot_parity
    where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
)
select
    expires_at, strike, put_call_parity_residual, least_gap, greatest_gap, lower_bound, upper_bound, breach,
    is_violation
from strikes
where is_violation or place % ((count_strikes + $limit - 1) // $limit) = 0
order by expires_at, strike
limit 2 * $limit
