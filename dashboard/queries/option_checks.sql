-- One row per violation of a rule that prices must keep, the first expiry first.
select rule, expires_at, strike, is_call, excess
from serving.option_snapshot_checks
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
order by expires_at, rule, strike, is_call
limit $limit
