-- A source has been silent for longer than promised. It stands while the silence lasts; ts is the instant
-- at which the promise broke.
select
    source, symbol, dataset as part,
    last_fetched_at + to_microseconds((1e6 * promised_seconds)::bigint) as ts,
    promised_seconds as value,
    promised_seconds as threshold,
    format(
        'No {} of {} came from {} since {} UTC; {} are promised.', dataset, symbol, source,
        strftime(timezone('UTC', last_fetched_at), '%Y-%m-%d %H:%M:%S'), duration_text(promised_seconds)
    ) as explanation
from {{ ref('health') }}
where is_stale and last_fetched_at is not null
