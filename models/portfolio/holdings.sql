-- One row per (portfolio, symbol): what is held of it today, and what that adds to the risk.
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
)

select
    interval as portfolio,
    source,
    symbol,
    weights.weight,
    contributions.value as risk_contribution
from contributions
inner join weights using (source, symbol, interval)
