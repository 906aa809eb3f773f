-- Variance without a model, and how far prices are expected to go.

-- The price of a quote for an index of variance: its mid, or the middle of bid and ask where only width or
-- age spoil it; NULL without a bid, crossed, or outside the session. Unit: price.
create or replace macro index_mid(bid, ask, mid, quality) as
    coalesce(mid, case when quality in ('two_sided', 'wide', 'stale') and bid > 0 and ask >= bid
                       then (bid + ask) / 2 end);

-- The options that an index of variance takes, one row per expiry and strike: puts below K0, the greatest
-- strike at or below the forward, and calls above it, outwards until two in a row have no bid, each with a
-- bid; at K0 the mean of both. Unit: price.
create or replace macro index_strikes(relation) as table
    with

    quoted as (
        select
            source, underlying, ingest_run_id, expires_at, strike, is_call, forward, quoted_at, years, rate,
            index_mid(bid, ask, mid, quality) as price,
            coalesce(bid = 0, index_mid(bid, ask, mid, quality) is null) as is_without_bid
        from query_table(relation)
        where years > 0
    ),

    centred as (
        select
            *, max(case when strike <= forward then strike end)
                over (partition by source, underlying, ingest_run_id, expires_at) as center
        from quoted
    ),

    outwards as (
        select
            *, abs(strike - center) as distance,
            coalesce(previous(is_without_bid, (source, underlying, ingest_run_id, expires_at, is_call),
                abs(strike - center)), false) and is_without_bid as is_end
        from centred
        where is_call and strike > center or not is_call and strike < center
    ),

    ended as (
        select
            *, running_max(
                is_end::integer, (source, underlying, ingest_run_id, expires_at, is_call), distance
            ) as past
        from outwards
    )

    select
        source, underlying, ingest_run_id, expires_at, quoted_at, years, forward, rate, strike, center, price
    from ended
    where past = 0 and not is_without_bid and price is not null
    union all by name
    select
        source, underlying, ingest_run_id, expires_at, any_value(quoted_at) as quoted_at,
        any_value(years) as years, any_value(forward) as forward, any_value(rate) as rate, strike,
        any_value(center) as center, avg(price) as price
    from centred
    where strike = center
    group by source, underlying, ingest_run_id, expires_at, strike
    having count(price) = 2;

-- Variance of each expiry by the prices of its options: (2 / T) sum dK / K^2 exp(rT) Q - (F / K0 - 1)^2 / T,
-- dK half the distance between the strikes on either side (at an end: to the next). Unit: 1 per year. NULL
-- without K0, or with options on one side of it only. Source: CBOE (2019), VIX White Paper; Demeterfi,
-- Derman, Kamal and Zou (1999).
create or replace macro model_free_variances(relation) as table
    with
    neighbouring as (
        select
            *, previous(strike, (source, underlying, ingest_run_id, expires_at), strike) as lower,
            lead(strike) over (
                partition by source, underlying, ingest_run_id, expires_at order by strike
            ) as higher
        from index_strikes(relation)
    ),
    summed as (
        select
            source, underlying, ingest_run_id, expires_at, any_value(quoted_at) as quoted_at,
            any_value(years) as years, any_value(forward) as forward, any_value(center) as center,
            bool_or(strike = center) and bool_or(strike < center) and bool_or(strike > center) as is_whole,
            sum(coalesce((higher - lower) / 2, higher - strike, strike - lower) / (strike * strike) * price
                * exp(rate * years)) as weighted
        from neighbouring
        where strike > 0
        group by source, underlying, ingest_run_id, expires_at
    )
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, years,
        case when is_whole
             then (2 * weighted - (forward / center - 1) * (forward / center - 1)) / years end as variance
    from summed;

-- The VIX's method: square root of the variance that the prices of options imply for the next `days` days,
-- linear in total variance between the expiries on either side. Unit: 1 per sqrt(year) (0.2 is 20 on the
-- VIX). NULL without expiries on both sides. Source: CBOE (2019), VIX White Paper.
create or replace macro vix_style_index(priced, days := 30) as table
    with
    chains as (
        select source, underlying, ingest_run_id, max(quoted_at) as quoted_at
        from query_table(priced)
        group by source, underlying, ingest_run_id
    ),
    known as (
        select source, underlying, ingest_run_id, years, variance * years as total
        from model_free_variances(priced)
        where variance is not null
    )
    select
        source, underlying, ingest_run_id, any_value(quoted_at) as quoted_at, null::timestamptz as expires_at,
        vol_of(variance_on(days / 365, years, total), days / 365) as value
    from chains
    left join known using (source, underlying, ingest_run_id)
    group by source, underlying, ingest_run_id;

-- How far the spot is expected to move until expiry, one standard deviation: S sigma sqrt(T), sigma at the
-- forward. Unit: price. Source: Natenberg (2015), Option Volatility and Pricing, ch. 6.
create or replace macro expected_move_of(spot, vol, years) as spot * vol_of(total_variance(vol, years), 1);
create or replace macro expected_move(priced) as table
    select
        source, underlying, ingest_run_id, quoted_at, expires_at,
        expected_move_of(spot, atm_forward_iv, years) as value
    from smile_levels(priced);

-- What call and put of the strike nearest to the forward cost together: the mean distance that the market
-- pays for, 0.8 of the standard deviation. Unit: price. NULL where that strike is not quoted on both sides.
-- Source: Brenner and Subrahmanyam (1988), Financial Analysts J. 44(5).
create or replace macro expected_move_straddle(priced) as table
    with sided as (
        select
            source, underlying, ingest_run_id, expires_at, strike, max(quoted_at) as quoted_at,
            abs(strike - any_value(forward)) as distance,
            max(mid) filter (is_call) + max(mid) filter (not is_call) as straddle
        from query_table(priced)
        group by source, underlying, ingest_run_id, expires_at, strike
    )
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at,
        arg_min_null(straddle, {'distance': distance, 'strike': strike}) as value
    from sided
    group by source, underlying, ingest_run_id, expires_at;

comment on macro index_mid is 'price of a quote for an index of variance';
comment on macro table index_strikes is 'the options of each expiry that an index of variance takes';
comment on macro table model_free_variances is
    'variance of each expiry from the prices of its options, no model';
comment on macro table vix_style_index is
    'volatility of the next days by the prices of options, the VIX''s method';
comment on macro expected_move_of is 'S sigma sqrt(T)';
comment on macro table expected_move is 'one standard deviation of the spot until expiry, S sigma sqrt(T)';
comment on macro table expected_move_straddle is 'price of call and put of the strike nearest to the forward';
