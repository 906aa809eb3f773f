-- One row per portfolio of the configuration: its rules, performance, risk, and what it is beside its benchmark.
{{ config(materialized='table') }}
with

portfolios as (
    from {{ source('config', 'portfolios') }}
),

members as (
    select
        portfolio,
        count(*) as count_members,
        string_agg(members.symbol, ', ' order by members.symbol) filter (series.symbol is null) as lacking
    from {{ source('config', 'portfolio_members') }} as members
    left join {{ ref('histories') }} as series
        on series.source = members.source and series.symbol = members.symbol and series.interval = '1d'
    group by portfolio
),

summary as (
    from {{ ref('portfolio_summary') }}
),

comparison as (
    from {{ ref('portfolio_benchmark_summary') }}
),

risk as (
    from {{ ref('portfolio_risk') }}
)

select
    portfolios.portfolio, weighting, rebalance, volatility_window, portfolios.benchmark,
    members.count_members, summary.periods_per_year, first_session_date, session_date,
    summary.n_obs, n_losses, total_return, cagr, annual_vol, sharpe, sharpe_se, sharpe_low,
    sharpe_high, probabilistic_sharpe, downside_deviation, sortino, omega, win_rate,
    profit_factor, payoff_ratio, max_drawdown, drawdown, avg_drawdown,
    max_drawdown_duration_bars, ulcer_index, pain_index, calmar, martin_ratio, var_historical,
    es_historical, var_parametric, es_parametric, var_cornish_fisher, es_cornish_fisher,
    tail_ratio, skewness, excess_kurtosis, annual_turnover, comparison.n_obs as n_common,
    benchmark_return, correlation, beta, jensen_alpha, r_squared, tracking_error,
    information_ratio, treynor, up_capture, down_capture, batting_average, portfolio_vol,
    diversification_ratio, effective_bets_hhi,
    case
        when lacking is not null then concat('no daily bar of ', lacking)
        when volatility_window is not null and summary.n_obs is null
        then format('fewer than {} returns that all members share', volatility_window)
        when summary.n_obs is null then 'no session that all members share'
    end as reason_empty
from portfolios
inner join members using (portfolio)
left join summary using (portfolio)
left join comparison using (portfolio)
left join risk using (portfolio)
