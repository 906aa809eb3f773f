-- One row per (source, symbol, interval, ts): bars with their indicators, up to the open bar. A live view.
with

series as (
    from {{ ref('series') }}
),

live_bars as (
    from {{ ref('live_bars') }}
)

-- Lateral, so that a filter on symbol and interval reaches the files before any window is computed.
select
    source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low, close, adj_close, volume,
    trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper, bb_middle, bb_lower, realized_vol,
    periods_per_year, ingest_run_id
from series
cross join lateral (
    select
        * exclude (source, symbol, interval),
        simple_return_of(adj_close, previous_adj_close) as simple_return,
        sma(close, {{ var('window_short') }}, series_id, ts) as sma,
        bb_upper(close, {{ var('window_short') }}, {{ var('bollinger_width') }}, series_id, ts) as bb_upper,
        bb_middle(close, {{ var('window_short') }}, series_id, ts) as bb_middle,
        bb_lower(close, {{ var('window_short') }}, {{ var('bollinger_width') }}, series_id, ts) as bb_lower,
        roll_realized_vol(log_return, {{ var('window_volatility') }}, series.periods_per_year, series_id, ts)
            as realized_vol
    from (
        select
            *,
            series.series_id as series_id,
            previous(adj_close, series.series_id, ts) as previous_adj_close,
            log_return_of(adj_close, previous(adj_close, series.series_id, ts)) as log_return
        from live_bars
        where live_bars.source = series.source and live_bars.symbol = series.symbol
            and live_bars.interval = series.interval
    ) as stepped
) as charted
