-- One row per (portfolio, session_date): trailing performance and risk, by the formulas of a symbol's.
{%- set rf = var('risk_free_rate') %}
{%- set n = var('window_long') %}
with

bars as (
    from {{ ref('portfolio_bars') }}
),

benchmark as (
    from {{ ref('portfolio_benchmark_bars') }}
),

earned as (
    from cumulative_return('bars')
),

drawdowns as (
    from drawdown('bars')
),

sharpes as (
    from rolling_sharpe('bars', n := {{ n }}, rf := {{ rf }})
),

vols as (
    from realized_vol('bars', n := {{ var('window_volatility') }})
),

betas as (
    from rolling_beta('bars', 'benchmark', n := {{ n }})
)

select
    bars.symbol as portfolio,
    bars.session_date,
    earned.value as cumulative_return,
    drawdowns.value as drawdown,
    vols.value as realized_vol,
    sharpes.value as rolling_sharpe,
    betas.value as rolling_beta
from bars
inner join earned using (source, symbol, interval, ts)
inner join drawdowns using (source, symbol, interval, ts)
inner join sharpes using (source, symbol, interval, ts)
inner join vols using (source, symbol, interval, ts)
inner join betas using (source, symbol, interval, ts)
