-- One row per (portfolio, source, symbol): what a member added to the return and to the risk of the weights held.
with

held as (
    select
        portfolio as interval, source, symbol, session_date as ts, weight, drifted_weight, simple_return,
        portfolio_return, periods_per_year
    from {{ ref('weights') }}
),

members as (
    select
        interval, source, symbol,
        avg(case when portfolio_return is not null then weight end) as mean_weight,
        arg_max(drifted_weight, ts) as last_weight
    from held
    group by interval, source, symbol
),

earned as (
    from linked_contributions('held')
),

swung as (
    from held_risk_contribution('held')
),

risked as (
    from held_component_var('held', {{ var('var_confidence') }}, 'parametric')
),

feared as (
    from held_component_es('held', {{ var('var_confidence') }}, 'historical')
)

select
    interval as portfolio, source, symbol, members.mean_weight, members.last_weight,
    earned.value as contribution_carino,
    swung.value as risk_contribution,
    risked.value as component_var,
    feared.value as component_es
from members
left join earned using (interval, source, symbol)
left join swung using (interval, source, symbol)
left join risked using (interval, source, symbol)
left join feared using (interval, source, symbol)
