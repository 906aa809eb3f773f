-- Implied volatility beside its own past, and beside what came to pass.

-- The place of a volatility in the range of those before it, today included. Unit: 1, 0 the least, 1 the
-- greatest. NULL where they are all equal.
create or replace macro iv_rank_of(vol, lowest, highest) as
    (vol - least(vol, lowest)) / nullif(greatest(vol, highest) - least(vol, lowest) + 0 * lowest, 0);

-- One row per underlying and day of a history (source, underlying, quoted_at, implied_vol; of several on a
-- day in New York the last): iv_rank, and iv_percentile, the share of the previous n days that were strictly
-- below. Unit: 1, 0 to 1. NULL until n days are known before it. Source: the usual definitions of brokers.
create or replace macro iv_ranks(relation, n := 252) as table
    with

    daily as (
        select source, underlying, quoted_at, implied_vol
        from query_table(relation)
        where implied_vol is not null
        qualify row_number() over (
            partition by source, underlying, timezone('America/New_York', quoted_at)::date
            order by quoted_at desc
        ) = 1
    ),

    remembered as (
        select *, previous_values(implied_vol, n, (source, underlying), quoted_at) as past from daily
    )

    select
        source, underlying, quoted_at, implied_vol,
        iv_rank_of(implied_vol, list_min(past), list_max(past)) as iv_rank,
        len(list_filter(past, lambda vol_before: vol_before < implied_vol)) / nullif(len(past), 0)::double
            as iv_percentile
    from remembered;

-- The rank of the volatility at the forward of `days` days among those of the last n days and itself.
-- Unit: 1, 0 to 1. NULL until n days of chains are known. Source: the usual definition of brokers.
create or replace macro iv_rank(priced, days := 30, n := 252) as table
    with vols as (from constant_maturity_vols(priced, days))
    select
        source, underlying, null::varchar as ingest_run_id, quoted_at, null::timestamptz as expires_at,
        iv_rank as value
    from iv_ranks('vols', n);

-- The share of the previous n days on which it was strictly lower. Unit: 1, 0 to 1. NULL until n days are
-- known. Source: the usual definition of brokers.
create or replace macro iv_percentile(priced, days := 30, n := 252) as table
    with vols as (from constant_maturity_vols(priced, days))
    select
        source, underlying, null::varchar as ingest_run_id, quoted_at, null::timestamptz as expires_at,
        iv_percentile as value
    from iv_ranks('vols', n);

-- The last session that is over at an instant, by the clock of New York: today's from 16:00 on.
create or replace macro last_session_on(instant) as
    (timezone('America/New_York', instant) - interval 16 hours)::date;

-- Implied less realised variance of daily bars, per year, of chains with a volatility (source, underlying,
-- ingest_run_id, quoted_at, implied_vol): ex ante with the mean squared log return of the last n bars that
-- were over when it was quoted, ex post with that of the next n. Unit: 1 per year (0.01: 10 % volatility
-- against none). NULL until n bars are there. Where several sources have bars of a symbol, those of the
-- chain's own count. Source: Carr and Wu (2009), Review of Financial Studies 22(3);
-- there realised less implied.
create or replace macro variance_premia(relation, bars, n, ppy) as table
    with

    earned as (
        select *, utc_day_of(ts) as session_on, row_index_of((source, symbol, interval), ts) as place,
            roll_avg(log_return * log_return, n, (source, symbol, interval), ts)
                * coalesce(ppy, periods_per_year) as realized_variance
        from with_returns(bars)
        where adj_close is not null
    ),

    series as (select distinct source as bars_source, symbol, interval as bars_interval from earned),

    chosen as (
        select chain.source, chain.underlying, chain.ingest_run_id, chain.quoted_at, chain.implied_vol, bars_source,
            bars_interval, last_session_on(chain.quoted_at) as last_on
        from query_table(relation) as chain
        left join series on series.symbol = chain.underlying
        qualify row_number() over (
            partition by chain.source, chain.underlying, chain.ingest_run_id
            order by (bars_source = chain.source) desc, bars_source, bars_interval
        ) = 1
    )

    select
        chosen.source, chosen.underlying, chosen.ingest_run_id, chosen.quoted_at, chosen.implied_vol,
        past.realized_variance as past_variance, coming.realized_variance as coming_variance,
        chosen.implied_vol * chosen.implied_vol - past.realized_variance as ex_ante,
        chosen.implied_vol * chosen.implied_vol - coming.realized_variance as ex_post
    from chosen
    asof left join earned as past on past.symbol = chosen.underlying and past.source = bars_source
        and past.interval = bars_interval and last_on >= past.session_on
    left join earned as coming on coming.symbol = chosen.underlying and coming.source = bars_source
        and coming.interval = bars_interval and coming.place = past.place + n;

-- The premium of the volatility at the forward of `days` days over the last n bars, or, ex post, over the
-- next n. `bars` are daily, their symbol is the underlying. Unit: 1 per year, of variance. NULL until n bars
-- are there. Source: Carr and Wu (2009), Review of Financial Studies 22(3).
create or replace macro variance_risk_premium(
    priced, bars, days := 30, n := 21, is_ex_post := false, ppy := null
) as table
    with vols as (from constant_maturity_vols(priced, days))
    select
        source, underlying, ingest_run_id, quoted_at, null::timestamptz as expires_at,
        case when is_ex_post then ex_post else ex_ante end as value
    from variance_premia('vols', bars, n, ppy);

comment on macro iv_rank_of is 'place of a volatility in the range of those before it';
comment on macro table iv_ranks is 'rank and percentile of each day''s volatility among the n days before it';
comment on macro table iv_rank is 'place of the constant-maturity volatility in the range of the last n days';
comment on macro table iv_percentile is
    'share of the last n days on which constant-maturity volatility was lower';
comment on macro last_session_on is 'day of the last session that is over, by the clock of New York';
comment on macro table variance_premia is 'implied less realised variance, before and after the quote';
comment on macro table variance_risk_premium is 'implied less realised variance, per year';
