-- One row per (source, symbol, session_date) after the newest final session of equities: what the
-- vendor said since.
{{ config(materialized='view') }}
with

stored as (
    from {{ ref('tails') }}
    where asset_class = 'equity' and interval = '1d'
),

series as (
    from {{ ref('series') }}
    where asset_class = 'equity' and interval = '1d'
),

-- What older pulls say of finished sessions is stored.
pulled as (
    from {{ source('raw', 'equities') }}
    where is_pull_since(filename, live_since() - interval 7 day)
),

beginnings as (
    select
        series.source,
        series.symbol,
        coalesce(max(stored.session_date), '-infinity'::date) as after_date
    from series
    left join stored using (source, symbol)
    group by series.source, series.symbol
),

-- Before the newest pull is chosen: years of pulls are not sorted for the sake of one day.
received as (
    select pulled.*
    from pulled
    inner join beginnings
        on pulled.source = beginnings.source
        and pulled.symbol = beginnings.symbol
        and pulled.session_date > beginnings.after_date
    where pulled.interval = '1d'
)

from newest_sessions('received')
