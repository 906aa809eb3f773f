-- Open interest and volume of a chain: where contracts lie, and how many puts there are to a call.

-- What writers pay out if an expiry settles at each of its strikes: open interest times intrinsic value, a
-- contract being 100 shares. One row per expiry and strike. Unit: currency. NULL without any open interest.
create or replace macro settlement_payouts(relation) as table
    with
    open_contracts as (
        select source, underlying, ingest_run_id, expires_at, quoted_at, strike, is_call, open_interest
        from query_table(relation)
    ),
    levels as (
        select distinct source, underlying, ingest_run_id, expires_at, strike as level from open_contracts
    )
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at, level,
        case when sum(open_interest) > 0
             then sum(open_interest * 100 * greatest((2 * is_call::integer - 1) * (level - strike), 0))
        end as payout
    from levels
    join open_contracts using (source, underlying, ingest_run_id, expires_at)
    group by source, underlying, ingest_run_id, expires_at, level;

-- The strike at which writers pay out least, of each expiry; of several the lowest. Unit: price. NULL without
-- open interest. Source: Ni, Pearson and Poteshman (2005), J. Financial Economics 78(1), for the effect.
create or replace macro max_pain(quotes) as table
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at,
        arg_min(level, {'payout': round(payout, 4), 'level': level}) filter (payout is not null) as value
    from settlement_payouts(quotes)
    group by source, underlying, ingest_run_id, expires_at;

-- One row per chain (per expiry if so asked): open interest and volume of calls and puts, their ratios, and
-- the strikes with most of either, all expiries together; of several the lowest. call_wall, put_wall: NULL
-- without open interest of that side; the ratios: NULL without calls. Units: contracts; 1; price.
create or replace macro positions(relation, per_expiry := false) as table
    with

    placed as (
        select * replace (case when per_expiry then expires_at end as expires_at) from query_table(relation)
    ),

    stacked as (
        select
            source, underlying, ingest_run_id, expires_at, strike, max(quoted_at) as quoted_at,
            sum(open_interest) filter (is_call) as call_open_interest,
            sum(open_interest) filter (not is_call) as put_open_interest,
            sum(volume) filter (is_call) as call_volume,
            sum(volume) filter (not is_call) as put_volume
        from placed
        group by source, underlying, ingest_run_id, expires_at, strike
    ),

    summed as (
        select
            source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at,
            sum(call_open_interest) as call_open_interest, sum(put_open_interest) as put_open_interest,
            sum(call_volume) as call_volume, sum(put_volume) as put_volume,
            arg_min(strike, {'depth': -call_open_interest, 'strike': strike}) filter (call_open_interest > 0)
                as call_wall,
            arg_min(strike, {'depth': -put_open_interest, 'strike': strike}) filter (put_open_interest > 0)
                as put_wall
        from stacked
        group by source, underlying, ingest_run_id, expires_at
    )

    select
        *, put_open_interest / nullif(call_open_interest, 0) as put_call_ratio_oi,
        put_volume / nullif(call_volume, 0) as put_call_ratio_volume
    from summed;

-- The strike with most open interest in calls, and in puts. Unit: price. NULL without any. Source: the usual
-- definition of vendors.
create or replace macro call_wall(quotes, per_expiry := false) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, call_wall as value
    from positions(quotes, per_expiry);
create or replace macro put_wall(quotes, per_expiry := false) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, put_wall as value
    from positions(quotes, per_expiry);

-- Puts to a call, by open interest and by the volume of the day. Unit: 1. NULL without calls.
-- Source: Pan and Poteshman (2006), Review of Financial Studies 19(3).
create or replace macro put_call_ratio_oi(quotes, per_expiry := false) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, put_call_ratio_oi as value
    from positions(quotes, per_expiry);
create or replace macro put_call_ratio_volume(quotes, per_expiry := false) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, put_call_ratio_volume as value
    from positions(quotes, per_expiry);

comment on macro table settlement_payouts is
    'what writers pay out if an expiry settles at each of its strikes';
comment on macro table max_pain is 'strike at which writers pay out least, of each expiry';
comment on macro table positions is 'open interest and volume of calls and puts, their ratios and walls';
comment on macro table call_wall is 'strike with most open interest in calls';
comment on macro table put_wall is 'strike with most open interest in puts';
comment on macro table put_call_ratio_oi is 'open interest of puts over that of calls';
comment on macro table put_call_ratio_volume is 'volume of puts over that of calls';
