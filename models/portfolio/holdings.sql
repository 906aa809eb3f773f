-- One row per (portfolio, symbol): what a member adds to the risk of equal weights, and what it would weigh elsewhere.
with

bars as (
    from {{ ref('member_bars') }}
),

contributions as (
    from risk_contribution('bars')
),

least as (
    from min_variance_weight('bars')
),

stakes as (
    from kelly_multi('bars', rf := {{ var('risk_free_rate') }})
)

select
    interval as portfolio,
    source,
    symbol,
    contributions.value as risk_contribution,
    least.value as min_variance_weight,
    stakes.value as kelly_multi
from contributions
left join least using (source, symbol, interval)
left join stakes using (source, symbol, interval)
