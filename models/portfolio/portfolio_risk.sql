-- One row per portfolio: risk of what it holds today, and how much of it diversification takes away.
with

bars as (
    from {{ ref('held_bars') }}
),

vols as (
    from portfolio_vol('bars', weights := held_weights)
),

ratios as (
    from diversification_ratio('bars', weights := held_weights)
),

bets as (
    from effective_bets_hhi('bars', weights := held_weights)
),

rates as (
    select interval, any_value(periods_per_year) as periods_per_year
    from bars
    group by interval
)

select
    interval as portfolio,
    rates.periods_per_year,
    vols.value as portfolio_vol,
    ratios.value as diversification_ratio,
    bets.value as effective_bets_hhi
from vols
inner join ratios using (interval)
inner join bets using (interval)
inner join rates using (interval)
