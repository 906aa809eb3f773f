-- One row per (portfolio, session_date) on which all its members have a bar: equal weights,
-- rebalanced every day.
with

members as (
    select *, count(*) over (partition by portfolio) as count_members
    from {{ source('config', 'portfolios') }}
),

bars as (
    from {{ ref('bars') }}
    where interval = '1d'
),

-- Prices first, returns after: a return spans to the day before on which all members traded.
priced as (
    select members.portfolio, members.count_members, bars.session_date, bars.symbol, bars.adj_close
    from members
    inner join bars using (symbol)
    qualify count(*) over (partition by members.portfolio, bars.session_date) = members.count_members
),

earned as (
    select
        *,
        simple_return_of(adj_close, previous(adj_close, (portfolio, symbol), session_date)) as simple_return
    from priced
),

averaged as (
    select portfolio, session_date, count_members,
    equal_weight_return(simple_return) as portfolio_return
    from earned
    group by portfolio, session_date, count_members
),

grown as (
    select *, running_product(1 + coalesce(portfolio_return, 0), portfolio, session_date) as wealth
    from averaged
)

select
    portfolio,
    session_date,
    count_members,
    portfolio_return,
    wealth - 1 as cumulative_return,
    drawdown(wealth, portfolio, session_date) as drawdown
from grown
