-- One row per (source, symbol, month_on) of a symbol or a portfolio: what the month earned, dividends reinvested.
with

returns as (
    select source, symbol, session_date, simple_return
    from {{ ref('returns') }}
    where interval = '1d'
    union all
    select 'portfolio', portfolio, session_date, portfolio_return
    from {{ ref('portfolio_returns') }}
)

select
    source, symbol, date_trunc('month', session_date)::date as month_on,
    total_return(simple_return) as monthly_return, count(simple_return) as n_obs,
    max(session_date) as last_on
from returns
group by source, symbol, month_on
having count(simple_return) > 0
