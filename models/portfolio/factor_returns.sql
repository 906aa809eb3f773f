-- One row per (factor_set, session_date, factor): what a factor returned. Set 'universe' is made of the equities, set
-- 'file' is the user's.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_universe() }}') }}
with

series as (
    from {{ ref('series') }}
    where interval = '1d' and asset_class = 'equity' and {{ is_universe_lacking() }}
),

-- The date is the clock that all share.
bars as (
    select
        final_bars.source, final_bars.symbol, final_bars.interval, session_date,
        session_date::timestamp at time zone 'UTC' as ts, adj_close, close, volume, final_bars.periods_per_year
    from {{ ref('final_bars') }} as final_bars
    inner join series using (series_id)
),

market as (
    select distinct on (session_date)
        session_date, rate_per_period({{ var('risk_free_rate') }}, bars.periods_per_year) as rate,
        simple_return_of(adj_close, previous(adj_close, bars.source, ts)) as simple_return
    from bars
    inner join series on series.source = bars.source and series.benchmark = bars.symbol and series.symbol = bars.symbol
),

momentum as (
    from momentum_factor('bars')
),

size as (
    from size_factor('bars')
),

united as (
    select 'universe' as factor_set, 'daily' as frequency, session_date, 'rf' as factor, rate as value from market
    union all
    select 'universe', 'daily', session_date, 'benchmark', simple_return - rate from market
    union all
    select 'universe', 'daily', utc_day_of(ts), 'momentum', value from momentum
    union all
    select 'universe', 'daily', utc_day_of(ts), 'size', value from size
    union all
    select 'file', frequency, utc_day_of(ts), factor, value
    from {{ source('config', 'factor_returns') }}
    where {{ is_universe_lacking() }}
)

select factor_set, frequency, session_date, factor, value, {{ universe() }} as universe
from united
