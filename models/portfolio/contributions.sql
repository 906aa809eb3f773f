-- One row per (portfolio, source, symbol): what a member added to the return and to the risk of the weights held.
with

held as (
    select
        portfolio as interval, source, symbol, session_date as ts, weight, simple_return, portfolio_return
    from {{ ref('weights') }}
),

members as (
    select
        interval, source, symbol,
        avg(case when portfolio_return is not null then weight end) as mean_weight
    from held
    group by interval, source, symbol
),

earned as (
    from linked_contributions('held')
),

risked as (
    from held_component_var('held', {{ var('var_confidence') }}, 'parametric')
),

feared as (
    from held_component_es('held', {{ var('var_confidence') }}, 'historical')
)

select
    interval as portfolio, source, symbol, members.mean_weight,
    earned.value as contribution_carino,
    risked.value as component_var,
    feared.value as component_es
from members
left join earned using (interval, source, symbol)
left join risked using (interval, source, symbol)
left join feared using (interval, source, symbol)
