-- Volatility over time to expiry: total variance at the forward, linear in time between expiries. Source:
-- Gatheral (2006), The Volatility Surface, ch. 3; CBOE (2019), VIX White Paper, for the interpolation.

-- Volatility between two instants from the total variances up to them. Unit: 1 per sqrt(year). NULL where the
-- later one is less: calendar arbitrage.
create or replace macro forward_vol_of(variance, years, later_variance, later_years) as
    vol_of(later_variance - variance, later_years - years);

-- Total variance at `years`, over the expiries (point_years, point_variance) of a chain: linear between the
-- two on either side. An aggregate. Unit: 1. NULL without expiries on both sides.
create or replace macro variance_on(years, point_years, point_variance) as
    coalesce(
        arg_max(point_variance, point_years) filter (point_years = years),
        between_points(
            max(point_years) filter (point_years < years),
            arg_max(point_variance, point_years) filter (point_years < years),
            min(point_years) filter (point_years > years),
            arg_min(point_variance, point_years) filter (point_years > years),
            any_value(years)
        )
    );

-- One row per expiry with a volatility at the forward: its total variance, that of the expiry before it, and
-- the volatility between the two. is_calendar_arbitrage: the later variance is less, forward_vol is NULL.
-- Units: 1 per sqrt(year); 1.
create or replace macro term_structure(relation) as table
    with
    known as (
        select *, total_variance(atm_forward_iv, years) as atm_variance
        from smile_levels(relation)
        where atm_forward_iv is not null and years > 0
    ),
    followed as (
        select
            *,
            previous({'expires_at': expires_at, 'years': years, 'variance': atm_variance},
                (source, underlying, ingest_run_id), expires_at) as before
        from known
    )
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, forward, atm_forward_iv,
        atm_variance,
        before.expires_at as previous_expires_at,
        forward_vol_of(before.variance, before.years, atm_variance, years) as forward_vol,
        atm_variance < before.variance as is_calendar_arbitrage
    from followed;

-- Volatility at the forward of a maturity of `maturity_days` days, of each chain. Unit: 1 per sqrt(year).
create or replace macro constant_maturity_vols(relation, maturity_days) as table
    with
    listed as (
        select source, underlying, ingest_run_id, max(quoted_at) as quoted_at
        from query_table(relation)
        group by source, underlying, ingest_run_id
    ),
    points as (
        select source, underlying, ingest_run_id, years, total_variance(atm_forward_iv, years) as atm_variance
        from smile_levels(relation)
        where atm_forward_iv is not null and years > 0
    )
    select
        source, underlying, ingest_run_id, any_value(quoted_at) as quoted_at, maturity_days as days,
        vol_of(variance_on(maturity_days / 365, years, atm_variance), maturity_days / 365) as implied_vol
    from listed
    left join points using (source, underlying, ingest_run_id)
    group by source, underlying, ingest_run_id;

-- Volatility at the forward over time to expiry: a row per expiry that has one. Unit: 1 per sqrt(year).
-- Source: Gatheral (2006), The Volatility Surface, ch. 3.
create or replace macro atm_term_structure(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, years, atm_forward_iv as value
    from term_structure(priced);

-- The same for a constant time to expiry, of the chain: linear in total variance between the expiries on
-- either side. Unit: 1 per sqrt(year). NULL without expiries on both sides.
-- Source: Gatheral (2006), The Volatility Surface, ch. 3.
create or replace macro atm_iv_constant_maturity(
    priced, days := 30, interp := 'linear in total variance'
) as table
    select
        source, underlying, ingest_run_id, quoted_at, null::timestamptz as expires_at,
        case when interp = 'linear in total variance' then implied_vol end as value
    from constant_maturity_vols(priced, days);

-- Volatility at the forward between two expiries: up to each from the one before it, or, with d1 and d2,
-- between those numbers of days, linear in total variance. Unit: 1 per sqrt(year). NULL of the first expiry,
-- and where the later total variance is less (calendar arbitrage). Source: Gatheral (2006), The Volatility
-- Surface, ch. 3.
create or replace macro forward_vol(priced, d1 := null, d2 := null) as table
    with
    earlier as (from constant_maturity_vols(priced, d1)),
    later as (from constant_maturity_vols(priced, d2))
    select source, underlying, ingest_run_id, quoted_at, expires_at, forward_vol as value
    from term_structure(priced)
    where d1 is null and d2 is null
    union all by name
    select
        source, underlying, ingest_run_id, earlier.quoted_at, null::timestamptz as expires_at,
        forward_vol_of(
            total_variance(earlier.implied_vol, d1 / 365), d1 / 365,
            total_variance(later.implied_vol, d2 / 365), d2 / 365
        ) as value
    from earlier
    join later using (source, underlying, ingest_run_id)
    where d1 is not null or d2 is not null;

comment on macro forward_vol_of is 'volatility between two instants, from the total variances up to them';
comment on macro variance_on is 'total variance at a time, linear between the expiries on either side';
comment on macro table term_structure is
    'volatility at the forward of each expiry, and between it and the one before';
comment on macro table constant_maturity_vols is 'volatility at the forward of a constant time to expiry';
comment on macro table atm_term_structure is 'implied volatility at the forward over time to expiry';
comment on macro table atm_iv_constant_maturity is
    'implied volatility at the forward of a constant time to expiry';
comment on macro table forward_vol is 'implied volatility at the forward between two expiries';
