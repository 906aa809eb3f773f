-- One row per (source, symbol): performance and risk of its whole daily history.
{{ config(materialized='table') }}
with

summary as (
    from {{ ref('summary') }}
),

sharpe_ratios as (
    from {{ ref('sharpe_ratios') }}
),

tail_risk as (
    from {{ ref('tail_risk') }}
),

exposure as (
    from {{ ref('benchmark_summary') }}
),

series as (
    from {{ ref('series') }}
    where interval = '1d'
)

select
    series.source, series.symbol, series.asset_class, series.interval, series.benchmark,
    summary.first_session_date, summary.session_date, summary.as_of, summary.n_obs,
    summary.periods_per_year, {{ var('risk_free_rate') }}::double as risk_free_rate,
    {{ var('var_confidence') }}::double as var_confidence, summary.total_return, summary.cagr,
    summary.stability, summary.annual_vol, sharpe_ratios.sharpe, sharpe_ratios.sharpe_se,
    sharpe_ratios.sharpe_low, sharpe_ratios.sharpe_high, sharpe_ratios.sharpe_lo_adjusted,
    sharpe_ratios.probabilistic_sharpe, sharpe_ratios.deflated_sharpe,
    sharpe_ratios.min_track_record_length, summary.downside_deviation, summary.sortino,
    summary.omega, summary.upside_potential_ratio, summary.n_losses, summary.win_rate,
    summary.profit_factor, summary.payoff_ratio, summary.gain_to_pain_per_bar,
    summary.gain_to_pain_monthly, summary.max_drawdown, summary.drawdown, summary.avg_drawdown,
    summary.max_drawdown_duration_bars, summary.ulcer_index, summary.pain_index, summary.calmar,
    summary.martin_ratio, tail_risk.cdar, tail_risk.var_historical, tail_risk.es_historical,
    tail_risk.var_parametric, tail_risk.es_parametric, tail_risk.var_cornish_fisher,
    tail_risk.es_cornish_fisher, tail_risk.tail_ratio, tail_risk.skewness,
    tail_risk.skewness_sample, tail_risk.excess_kurtosis, tail_risk.excess_kurtosis_sample,
    tail_risk.jarque_bera, tail_risk.kelly_discrete, tail_risk.kelly_continuous,
    tail_risk.kelly_exact_log, exposure.correlation, exposure.beta, exposure.jensen_alpha,
    exposure.alpha_geometric, exposure.alpha_t_hac, exposure.r_squared,
    exposure.idiosyncratic_vol, exposure.appraisal_ratio, exposure.tracking_error,
    exposure.information_ratio, exposure.treynor, exposure.m2, exposure.m2_alpha,
    exposure.up_capture, exposure.down_capture, exposure.batting_average, summary.ingest_run_id
from summary
inner join series using (series_id)
inner join sharpe_ratios using (series_id)
inner join tail_risk using (series_id)
left join exposure using (series_id)
