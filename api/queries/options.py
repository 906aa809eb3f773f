"""Option chains: which snapshot is meant, and what it holds."""

# One row per source of the underlying: the newest of its snapshots that fit, and the oldest of all.
SNAPSHOTS = """
with

snapshots as (
    select
        *,
        ($snapshot::varchar is null or ingest_run_id = $snapshot)
            and ($as_of::timestamptz is null or fetched_at <= $as_of) as is_meant
    from serving.option_snapshots
    where upper(underlying) = upper($underlying)
)

select
    source, underlying as symbol, min(fetched_at) as oldest_at,
    unnest(arg_max(
        {
            'ingest_run_id': ingest_run_id, 'quoted_at': quoted_at, 'fetched_at': fetched_at, 'reason': reason,
            'is_newest': is_newest
        },
        {'fetched_at': fetched_at, 'ingest_run_id': ingest_run_id}
    ) filter (is_meant))
from snapshots
group by source, underlying
order by source
"""

# Live rows: also of an underlying of which the vendor lists no contract. Only asked where there is no snapshot.
CHAINS = """
select source, underlying as symbol, fetched_at, reason
from serving.option_chains
order by underlying, source
"""

SUMMARY_COLUMNS = (
    "spot", "count_expiries", "count_quotes", "count_two_sided", "count_priced", "atm_iv_30d", "vix_style_index", "gex",
    "gamma_flip", "call_wall", "put_wall", "call_open_interest", "put_open_interest", "call_volume", "put_volume",
    "put_call_ratio_oi", "put_call_ratio_volume",
)  # fmt: skip
SUMMARY = f"""
select {", ".join(SUMMARY_COLUMNS)}
from serving.option_snapshots
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
"""

EXPIRIES = """
select expiry_on, count(*) as count_quotes, count(implied_vol) as count_implied_vols
from serving.option_snapshot_quotes
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
group by expiry_on
order by expiry_on
"""

OPTION_QUOTES = """
select * exclude (source, underlying)
from serving.option_snapshot_quotes
where
    source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
    and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike, is_call desc
limit $limit
"""

OPTION_SURFACE = """
select * exclude (source, underlying)
from serving.option_snapshot_surface
where
    source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
    and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike
limit $limit
"""
