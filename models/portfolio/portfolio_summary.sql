-- One row per portfolio: growth, risk and reward of its whole history, by the formulas of a symbol's.
{%- set rf = var('risk_free_rate') %}
{%- set confidence = var('var_confidence') %}
{%- set certainty = var('sharpe_confidence') %}
with

bars as (
    from {{ ref('portfolio_bars') }}
),

observed as (
    select
        *,
        excess_return_of(simple_return, {{ rf }}, periods_per_year) as excess_return,
        case when has_return then drawdown end as observed_drawdown
    from drawdowns('bars')
),

edges as (
    select symbol, var_historical(simple_return, {{ confidence }}) as var_historical from observed group by symbol
),

episodes as (
    select symbol, avg(depth) as avg_drawdown, max(bars_underwater) as longest
    from drawdown_episodes('bars') group by symbol
),

traded as (
    select portfolio as symbol, annual_turnover(turnover, any_value(periods_per_year)) as annual_turnover
    from {{ ref('portfolio_returns') }} group by portfolio
),

aggregated as (
    select
        symbol, periods_per_year as ppy,
        min(session_date) as first_session_date, max(session_date) as session_date,
        count(simple_return) as n_obs, n_losses(simple_return)::bigint as n_losses,
        total_return(simple_return) as total_return, cagr(simple_return, ppy) as cagr,
        annual_vol(simple_return, ppy) as annual_vol, sharpe(excess_return, ppy) as sharpe,
        sharpe_se(excess_return, ppy) as sharpe_se, sharpe(excess_return, 1.0::double) as bar_sharpe,
        downside_deviation(excess_return, ppy) as downside_deviation, sortino(excess_return, ppy) as sortino,
        omega(excess_return) as omega, win_rate(simple_return) as win_rate,
        profit_factor(simple_return) as profit_factor, payoff_ratio(simple_return) as payoff_ratio,
        max_drawdown(drawdown) as max_drawdown, arg_max(drawdown, ts) as drawdown,
        ulcer_index(observed_drawdown) as ulcer_index, pain_index(observed_drawdown) as pain_index,
        avg(simple_return) as mean, sample_std(simple_return) as deviation,
        any_value(var_historical) as var_historical,
        es_historical(simple_return, var_historical) as es_historical,
        tail_ratio(simple_return, {{ confidence }}) as tail_ratio,
        skewness_biased(simple_return) as skewness, excess_kurtosis_biased(simple_return) as excess_kurtosis
    from observed
    inner join edges using (symbol)
    group by symbol, ppy
),

-- A column, because the normal distribution function names what it is of many times.
judged as (
    select *, sharpe_distance_of(bar_sharpe, 0, n_obs, skewness, 3 + excess_kurtosis) as distance from aggregated
)

select
    symbol as portfolio, ppy as periods_per_year, first_session_date, session_date, n_obs, n_losses,
    total_return, cagr, annual_vol, sharpe, sharpe_se,
    sharpe_low_of(sharpe, sharpe_se, {{ certainty }}) as sharpe_low,
    sharpe_high_of(sharpe, sharpe_se, {{ certainty }}) as sharpe_high,
    normal_cdf(distance) as probabilistic_sharpe,
    downside_deviation, sortino, omega, win_rate, profit_factor, payoff_ratio, max_drawdown, drawdown,
    avg_drawdown, case when n_obs > 0 then coalesce(longest, 0) end as max_drawdown_duration_bars,
    ulcer_index, pain_index, calmar_of(cagr, max_drawdown) as calmar,
    martin_ratio_of(cagr, {{ rf }}, ulcer_index) as martin_ratio, var_historical, es_historical,
    var_parametric_of(mean, deviation, {{ confidence }}) as var_parametric,
    es_parametric_of(mean, deviation, {{ confidence }}) as es_parametric,
    var_cornish_fisher_of(mean, deviation, skewness, excess_kurtosis, {{ confidence }}) as var_cornish_fisher,
    es_cornish_fisher_of(mean, deviation, skewness, excess_kurtosis, {{ confidence }}) as es_cornish_fisher,
    tail_ratio, skewness, excess_kurtosis, annual_turnover
from judged
left join episodes using (symbol)
left join traded using (symbol)
