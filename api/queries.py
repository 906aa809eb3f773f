"""Every select of the API, by name. Values are bound by name ($symbol); only ages against now are computed here."""

# Stored rows: which series the build knows. The live view below also sees a symbol that came after the build.
SERIES = """
select distinct source, symbol, asset_class
from serving.latest_metrics
where $symbol::varchar is null or upper(symbol) = upper($symbol)
order by symbol, source
"""

LIVE_SERIES = """
select source, symbol, asset_class
from serving.latest_prices
where $symbol::varchar is null or upper(symbol) = upper($symbol)
order by symbol, source
"""

LATEST_PRICE = """
select ts, price, trade_id, previous_close, change, is_live
from serving.latest_prices
where source = $source and symbol = $symbol
"""

LATEST_METRICS = """
select metric, value, unit, as_of, periods_per_year, ingest_run_id
from serving.latest_metrics
where source = $source and symbol = $symbol and interval = $interval
order by metric
"""

RISK = """
select
    interval, benchmark, first_session_date, session_date, as_of, n_obs,
    periods_per_year, risk_free_rate, var_confidence, ingest_run_id
from serving.latest_risk
where source = $source and symbol = $symbol
"""

# Every other column of the relation is a metric: a new one needs no edit here.
RISK_METRICS = """
with

risk as (
    select
        columns(* exclude (
            source, symbol, asset_class, interval, benchmark, first_session_date, session_date, as_of, n_obs,
            periods_per_year, risk_free_rate, var_confidence, ingest_run_id
        ))::double
    from serving.latest_risk
    where source = $source and symbol = $symbol
),

metrics as (
    select metric, value
    from risk
    unpivot include nulls (value for metric in (columns(*)))
),

units as (
    select metric, any_value(unit) as unit
    from meta.catalog
    group by metric
)

select metric, value, unit
from metrics
left join units using (metric)
order by metric
"""

BARS = """
with

newest as (
    select
        ts, end_ts, as_of, session_date, open, high, low, close, adj_close, volume, trade_count, bar_vwap, is_final,
        simple_return, log_return, sma, bb_upper, bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
    from serving.bars
    where source = $source and symbol = $symbol and interval = $interval
    order by ts desc
    limit $limit
)

select *
from newest
order by ts
"""

METRIC_INTERVALS = """
select distinct interval
from serving.latest_metrics
where source = $source and symbol = $symbol
order by interval
"""

# Of the whole live view: only asked when a series has no bar of an interval.
BAR_INTERVALS = """
select distinct interval
from serving.bars
where source = $source and symbol = $symbol
order by interval
"""

UNDERLYINGS = """
select distinct source, underlying as symbol
from serving.option_quotes
order by underlying, source
"""

EXPIRIES = """
select expiry_on, count(*) as count_quotes, count(implied_vol) as count_implied_vols
from serving.option_quotes
where source = $source and underlying = $underlying
group by expiry_on
order by expiry_on
"""

OPTION_QUOTES = """
select
    contract_symbol, expiry_on, expires_at, years, is_call, strike, bid, ask, mid, last_price, volume, open_interest,
    quality, spot, forward, log_moneyness, implied_vol, iv_status, delta, gamma, vega, theta, theta_per_day, rho,
    vendor_iv, quoted_at, fetched_at, ingest_run_id, is_american, rate, rate_source, dividend_yield, discount,
    forward_method, price, vega_per_point, rho_per_point, dividend_rho, itm_prob, vanna, volga, charm, charm_per_day,
    american_iv, american_iv_status, early_exercise_premium, american_delta, american_gamma, american_theta_per_day,
    american_vega_per_point
from serving.option_quotes
where source = $source and underlying = $underlying and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike, is_call desc
limit $limit
"""

OPTION_SURFACE = """
select
    expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at, expires_at, svi_vol, svi_error,
    ssvi_vol, ingest_run_id
from serving.option_surface
where source = $source and underlying = $underlying and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike
limit $limit
"""

# Only asked when there is no surface.
EMPTY_SURFACE = """
select reason
from serving.option_chains
where source = $source and underlying = $underlying
"""

SIGNALS = """
select
    signal_id, rule, kind, source, symbol, asset_class, interval, ts, end_ts, direction, close, value, threshold,
    explanation, is_of_price, next_return, past_events, past_hit_rate, past_mean_return
from serving.recent_signals
where
    ($symbol::varchar is null or symbol = $symbol)
    and ($source::varchar is null or source = $source)
    and ($rule::varchar is null or rule = $rule)
    and ($kind::varchar is null or kind = $kind)
    and ($interval::varchar is null or interval = $interval)
    and ($direction::varchar is null or direction = $direction)
    and ($since::timestamptz is null or end_ts >= $since)
order by end_ts desc, ts desc, rule, source, symbol, interval, signal_id
limit $limit
"""

RULES = """
select rule
from serving.signal_rules
order by rule
"""

CATALOG = """
select metric, family, relation, stored_in, unit, formula, macro, parameters, source, range, description, example
from meta.catalog
order by relation, metric
"""

BUILD = """
with

aged as (
    select kind, started_at, tested_at, seconds, epoch(now()) - epoch(started_at) as age_seconds
    from meta.builds
    where build_id = $build_id
)

select *, $promised::double as promised_seconds, age_seconds > $promised as is_stale
from aged
"""

FRESHNESS = """
select source, dataset, symbol, last_event_at, last_fetched_at, age_seconds, promised_seconds, is_stale
from serving.health
order by source, dataset, symbol
"""

OPEN_GAPS = """
select count(*) as count_open, coalesce(sum(last_trade_id - first_trade_id + 1), 0)::bigint as count_trades
from meta.gaps
where status = 'open'
"""

COMPLETENESS = """
select
    source, symbol, first_date, newest_date, last_trade_id, row_count, row_count_today, count_missing_today,
    count_unexplained_today, count_missing, count_absent, count_open, count_unexplained, count_duplicates
from serving.completeness
order by source, symbol
"""

FINDINGS = """
select finding, count(*) as count_rows
from meta.quality
group by finding
order by finding
"""
