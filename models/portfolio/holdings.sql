-- One row per (portfolio, symbol): what is held of it today and adds to the risk, and what it would weigh elsewhere.
with

bars as (
    from {{ ref('held_bars') }}
),

weights as (
    select distinct interval, source, symbol, held_weights[symbol] as weight
    from bars
),

contributions as (
    from risk_contribution('bars', weights := held_weights)
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
    weights.weight,
    contributions.value as risk_contribution,
    least.value as min_variance_weight,
    stakes.value as kelly_multi
from contributions
inner join weights using (source, symbol, interval)
left join least using (source, symbol, interval)
left join stakes using (source, symbol, interval)
