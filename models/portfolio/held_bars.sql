-- One row per (portfolio, source, symbol, session_date): bars of the members, with what the portfolio holds today.
{{ config(materialized='view') }}
with

bars as (
    from {{ ref('member_bars') }}
),

newest as (
    select *
    from {{ ref('weights') }}
    qualify session_date = max(session_date) over (partition by portfolio)
),

-- A map by name, as `weights :=` takes it: after the rebalancing at the end of the newest session, if there was one.
held as (
    select
        portfolio,
        map(
            list(symbol order by symbol),
            list(coalesce(target_weight, drifted_weight) order by symbol)
        ) as held_weights
    from newest
    group by portfolio
    having count(drifted_weight) = count(*)
)

select bars.*, held.held_weights
from bars
inner join held using (portfolio)
