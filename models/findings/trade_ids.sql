-- One row per final minute of the last week whose trade ids are not contiguous, though no open gap
-- is known.
with

minutes as (
    from {{ ref('whole_minutes') }}
)

select
    case
        when trade_count > last_trade_id - first_trade_id + 1 then 'duplicate_trades'
        else 'unexplained_hole'
    end as finding,
    source,
    symbol,
    ts,
    format('{} trades with ids {} to {}', trade_count, first_trade_id, last_trade_id) as detail
from minutes
where trade_count <> last_trade_id - first_trade_id + 1
