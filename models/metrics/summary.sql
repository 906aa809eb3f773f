-- One row per series_id: growth, risk and reward of its whole history.
with

bars as (
    from {{ ref('final_bars') }}
),

drawdowns as (
    from {{ ref('drawdown') }}
),

-- The first bar is the peak that all starts from, and no observation.
observed as (
    select *, case when drawdowns.has_return then drawdowns.drawdown end as observed_drawdown
    from {{ ref('returns') }}
    inner join drawdowns using (series_id, ts)
),

runs as (select series_id, arg_max(ingest_run_id, ts) as ingest_run_id from {{ ref('bars') }} group by all),

episodes as (
    select series_id, avg(depth) as avg_drawdown, max(bars_underwater) as longest
    from {{ ref('drawdown_episodes') }} group by series_id
),

steady as (
    select series_id_of(source, symbol, interval) as series_id, value as stability from stability('bars')
),

months as (
    select series_id, total_return(simple_return) as month_return
    from observed
    group by series_id, date_trunc('month', ts at time zone 'UTC')
),

monthly as (select series_id, gain_to_pain(month_return) as gain_to_pain_monthly from months group by all),

aggregated as (
    select
        series_id, periods_per_year,
        min(session_date) as first_session_date,
        max(session_date) as session_date,
        max(end_ts) as as_of,
        count(simple_return) as n_obs,
        n_losses(simple_return)::bigint as n_losses,
        total_return(simple_return) as total_return,
        cagr(simple_return, periods_per_year) as cagr,
        annual_vol(simple_return, periods_per_year) as annual_vol,
        downside_deviation(excess_return, periods_per_year) as downside_deviation,
        sortino(excess_return, periods_per_year) as sortino,
        omega(excess_return) as omega,
        avg(positive_part_of(excess_return)) as mean_gain,
        downside_deviation(excess_return, 1) as bar_downside,
        win_rate(simple_return) as win_rate,
        profit_factor(simple_return) as profit_factor,
        payoff_ratio(simple_return) as payoff_ratio,
        gain_to_pain(simple_return) as gain_to_pain_per_bar,
        max_drawdown(drawdown) as max_drawdown,
        arg_max(drawdown, ts) as drawdown,
        ulcer_index(observed_drawdown) as ulcer_index,
        pain_index(observed_drawdown) as pain_index
    from observed
    group by series_id, periods_per_year
)

select
    series_id, aggregated.periods_per_year, first_session_date, session_date, as_of,
    true as is_final, n_obs, n_losses, steady.stability, total_return, cagr, annual_vol,
    downside_deviation, sortino, omega,
    upside_potential_ratio_of(mean_gain, bar_downside) as upside_potential_ratio, win_rate,
    profit_factor, payoff_ratio, gain_to_pain_per_bar, gain_to_pain_monthly, max_drawdown,
    drawdown, episodes.avg_drawdown, ulcer_index, pain_index,
    case when n_obs > 0 then coalesce(episodes.longest, 0) end as max_drawdown_duration_bars,
    calmar_of(cagr, max_drawdown) as calmar,
    martin_ratio_of(cagr, {{ var('risk_free_rate') }}, ulcer_index) as martin_ratio, ingest_run_id
from aggregated
inner join steady using (series_id)
left join runs using (series_id)
left join episodes using (series_id)
left join monthly using (series_id)
