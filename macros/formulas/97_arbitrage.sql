-- What quotes may not do: each check gives its rows, with by how much a rule is broken. Only what can be
-- traded counts: sold at the bid, bought at the ask (the mid where nobody says more), of two-sided quotes
-- before expiry.
-- They take quotes or priced (93_forwards.sql, 94_smile.sql), with the rate and yield that these have.

-- One row per expiry and strike quoted on both sides. residual: C - P - S exp(-qT) + K exp(-rT) at the mids,
-- 0 for European options; least_gap and greatest_gap: what call minus put can be sold and bought for; breach:
-- how far that lies outside the bounds, 0 or more. Unit: price.
create or replace macro parity_checks(relation) as table
    with

    sided as (
        select
            source, underlying, ingest_run_id, expires_at, strike, max(quoted_at) as quoted_at,
            any_value(spot) as spot, greatest(any_value(years), 0) as years_left, any_value(rate) as rate,
            any_value(dividend_yield) as dividend_yield, coalesce(bool_or(is_american), false) as is_american,
            max(mid) filter (is_call) as call_mid, max(mid) filter (not is_call) as put_mid,
            max(coalesce(bid, mid)) filter (is_call and mid is not null)
                - max(coalesce(ask, mid)) filter (not is_call and mid is not null) as least_gap,
            max(coalesce(ask, mid)) filter (is_call and mid is not null)
                - max(coalesce(bid, mid)) filter (not is_call and mid is not null) as greatest_gap
        from query_table(relation)
        group by source, underlying, ingest_run_id, expires_at, strike
    ),

    bounded as (
        select
            *, parity_gap(call_mid, put_mid, spot, strike, years_left, rate, dividend_yield) as residual,
            parity_lower_bound(spot, strike, years_left, rate, dividend_yield, is_american) as lower_bound,
            parity_upper_bound(spot, strike, years_left, rate, dividend_yield, is_american) as upper_bound
        from sided
        where call_mid is not null and put_mid is not null
    ),

    gauged as (
        select
            *, greatest(least_gap - upper_bound, lower_bound - greatest_gap, 0 * spot) as breach
        from bounded
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_american, residual, least_gap,
        greatest_gap, lower_bound, upper_bound, breach, breach > 1e-9 * spot and years_left > 0 as is_violation
    from gauged;

-- Call minus put minus what they must be by parity. Unit: price; 0 for European quotes without arbitrage,
-- within the bounds of parity_checks for American ones. NULL where one side has no mid. Source: Stoll (1969),
-- J. Finance 24(5).
create or replace macro put_call_parity_residual(quotes) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike, residual as value
    from parity_checks(quotes);

-- One row per expiry, side and strike with a two-sided quote, beside the next lower and the next higher such
-- strike. spread_breach: what the spread to the next strike pays at once, of one that must cost something (a
-- call at the lower strike is worth no less, a put no more), or costs less than it must pay, of one worth no
-- more than the discounted distance of the strikes (American: the distance itself, if that is more, as it is
-- unless rates are negative). butterfly_breach: what is left of the middle's bid after both wings were
-- bought, the price being convex in the strike. 0 or more; NULL without neighbours. Unit: price. Source: Carr and Madan (2005), Finance Research Letters 2(3).
create or replace macro strike_checks(relation) as table
    with

    tradable as (
        select
            source, underlying, ingest_run_id, quoted_at, expires_at, is_call, strike, spot, years,
            exp(-rate * greatest(years, 0)) as discount,
            case when is_american then greatest(discount, 1) else discount end as discounting,
            {'strike': strike, 'bid': coalesce(bid, mid), 'ask': coalesce(ask, mid)} as quote
        from query_table(relation)
        where mid is not null
    ),

    neighbouring as (
        select
            *,
            previous(quote, (source, underlying, ingest_run_id, expires_at, is_call), strike) as lower,
            lead(quote) over (
                partition by source, underlying, ingest_run_id, expires_at, is_call order by strike
            ) as higher
        from tradable
    ),

    gauged as (
        select
            *,
            case when is_call
                 then greatest(higher.bid - quote.ask, quote.bid - higher.ask
                     - discounting * (higher.strike - strike), 0 * higher.ask)
                 else greatest(quote.bid - higher.ask, higher.bid - quote.ask
                     - discounting * (higher.strike - strike), 0 * higher.ask) end as spread_breach,
            greatest(quote.bid - between_points(lower.strike, lower.ask, higher.strike, higher.ask, strike),
                0 * lower.ask * higher.ask) as butterfly_breach
        from neighbouring
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, is_call, strike,
        lower.strike as lower_strike, higher.strike as higher_strike, spread_breach, butterfly_breach,
        spread_breach > 1e-9 * spot and years > 0 as is_spread_violation,
        butterfly_breach > 1e-9 * spot and years > 0 as is_butterfly_violation
    from gauged;

-- One row per expiry and strike of its smile that the smile of the expiry before it reaches: by how much
-- total variance at that log moneyness falls in time. excess counts what bid and ask leave open on either
-- side as allowed. Unit: 1, of total variance; 0 or more. Source: Gatheral and Jacquier (2014), lemma 2.1.
create or replace macro calendar_checks(relation) as table
    with

    ordered as (
        select source, underlying, ingest_run_id, expires_at as later_at,
            previous(expires_at, (source, underlying, ingest_run_id), expires_at) as earlier_at
        from (select distinct source, underlying, ingest_run_id, expires_at from smile(relation))
    ),

    pieces as (select * from smile_pieces(relation)),

    met as (
        select
            later.source, later.underlying, later.ingest_run_id, later.quoted_at, later.expires_at,
            ordered.earlier_at as previous_expires_at, later.strike, later.log_moneyness,
            later.total_variance,
            cubic_of(c0, c1, c2, c3, later.log_moneyness - k0) as previous_variance,
            later.variance_band + pieces.variance_band as allowed
        from smile(relation) as later
        join ordered on later.source = ordered.source and later.underlying = ordered.underlying
            and later.ingest_run_id = ordered.ingest_run_id and later.expires_at = ordered.later_at
        join pieces on pieces.source = ordered.source and pieces.underlying = ordered.underlying
            and pieces.ingest_run_id = ordered.ingest_run_id and pieces.expires_at = ordered.earlier_at
            and later.log_moneyness >= k0 and later.log_moneyness < k1
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, previous_expires_at, strike, log_moneyness,
        total_variance, previous_variance,
        greatest(previous_variance - total_variance - allowed, 0) as excess,
        previous_variance - total_variance - allowed > 1e-9 as is_violation
    from met;

-- All violations of a chain as rows: which rule (parity, spread, butterfly, calendar), where, and by how much
-- (price; total variance of the calendar).
create or replace macro arbitrage_violations(relation) as table
    select
        'parity' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, strike,
        null::boolean as is_call, breach as excess
    from parity_checks(relation) where is_violation
    union all by name
    select 'spread' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call,
        spread_breach as excess
    from strike_checks(relation) where is_spread_violation
    union all by name
    select 'butterfly' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call,
        butterfly_breach as excess
    from strike_checks(relation) where is_butterfly_violation
    union all by name
    select 'calendar' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, strike,
        null::boolean as is_call, excess
    from calendar_checks(relation) where is_violation;

comment on macro table parity_checks is 'call minus put of each strike beside its bounds, at bid and ask';
comment on macro table put_call_parity_residual is
    'C - P - S exp(-qT) + K exp(-rT) of each strike, at the mids';
comment on macro table strike_checks is 'spreads and butterflies of neighbouring strikes, at bid and ask';
comment on macro table calendar_checks is 'total variance of each strike beside that of the expiry before';
comment on macro table arbitrage_violations is 'every rule that the quotes of a chain break, and by how much';
