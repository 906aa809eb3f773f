-- Rates, and the forward of each expiry as its calls and puts imply it. quotes: source, underlying,
-- ingest_run_id, quoted_at, expires_at, expiry_on, years, strike, is_call, bid, ask, mid (NULL unless
-- two-sided), quality, spot, volume, open_interest, rate, dividend_yield, is_american. A chain is (source,
-- underlying, ingest_run_id), an expiry of it has expires_at besides.

-- Continuous rate that a Treasury bill pays, from its quoted discount in per cent (^IRX: 4.25) of 360 days a
-- year. Unit: 1 per year (0.04 is 4 %). NULL without days, or where the bill would be worth nothing.
-- Source: Hull, Options, Futures and Other Derivatives, ch. 6.1.
create or replace macro bill_rate_of(discount_percent, days) as
    -ln_or_null(1 - discount_percent / 100 * days / 360) * 365 / nullif(days, 0);

-- Rate at `days`, over the points (point_days, point_rate) of a curve: linear between two, flat outside. An
-- aggregate. Unit: that of the rates. NULL without a point.
create or replace macro curve_rate(days, point_days, point_rate) as
    coalesce(
        between_points(
            max(point_days) filter (point_days <= days),
            arg_max(point_rate, point_days) filter (point_days <= days),
            min(point_days) filter (point_days > days),
            arg_min(point_rate, point_days) filter (point_days > days),
            any_value(days)
        ),
        arg_max(point_rate, point_days) filter (point_days <= days),
        arg_min(point_rate, point_days)
    );

-- The rate at each number of days in a relation with `days`, from a relation of points (days, rate).
create or replace macro rates_at(relation, rates) as table
    with
    wanted as (select distinct days as wanted_days from query_table(relation)),
    points as (
        select days as point_days, rate as point_rate from query_table(rates)
        where days is not null and rate is not null
    )
    select wanted_days as days, curve_rate(wanted_days, point_days, point_rate) as rate
    from wanted
    left join points on true
    group by wanted_days;

-- Forward and discount of each expiry. Least squares of call minus put on the strike, over strikes within
-- `near` of the spot that are two-sided on both sides: slope -D, zero at F. D itself is taken from it only
-- for European options of more than `long_years`, else from the given rate: below a month it is off by 100
-- basis points of rate, and what early exercise is worth turns the slope. Without `least_pairs` strikes, or
-- where their slope makes no sense: F = K + (C - P) / D at the strike with the least |C - P|, of equals that
-- next to the spot, then the lower one; without one pair: S exp((r - q) T). forward_method says which:
-- regression, nearest_strike, configured. implied_rate is the regression's, used or not; implied_borrow what F
-- implies above the given dividend yield; parity_error the root mean square of the residuals. Units: price; 1
-- per year. Source: Stoll (1969), J. Finance 24(5); Brenner and Galai (1986), J. Finance 41(5).
create or replace macro forwards(relation, near := 0.1, least_pairs := 3, long_years := 0.5) as table
    with

    sided as (
        select
            source, underlying, ingest_run_id, expires_at, strike,
            max(quoted_at) as quoted_at, any_value(expiry_on) as expiry_on, any_value(years) as years,
            any_value(spot) as spot, any_value(rate) as given_rate, any_value(dividend_yield) as given_yield,
            coalesce(bool_or(is_american), false) as is_american,
            max(mid) filter (is_call) - max(mid) filter (not is_call) as gap
        from query_table(relation)
        group by source, underlying, ingest_run_id, expires_at, strike
    ),

    placed as (  -- a strike of 110 is within 0.1 of a spot of 100, whatever the last bit says
        select *, case when abs(strike - spot) <= (near + 1e-9) * spot then gap end as near_gap from sided
    ),

    fitted as (
        select
            source, underlying, ingest_run_id, expires_at,
            max(quoted_at) as quoted_at, any_value(expiry_on) as expiry_on, any_value(years) as years,
            greatest(any_value(years), 0) as years_left, any_value(spot) as spot,
            any_value(given_rate) as given_rate, any_value(given_yield) as given_yield,
            bool_or(is_american) as is_american,
            count(near_gap) as n_pairs,  -- added up in one order, so that every build has the same last digits
            regr_avgx(near_gap, strike order by strike) as mean_strike,
            avg(near_gap order by strike) as mean_gap,
            finite_or_null(regr_slope(near_gap, strike order by strike)) as slope,
            regr_sxy(near_gap, strike order by strike) as covariation,
            regr_syy(near_gap, strike order by strike) as variation,
            arg_min(strike, (abs(gap), abs(strike - spot), strike)) filter (gap is not null) as level_strike,
            arg_min(gap, (abs(gap), abs(strike - spot), strike)) filter (gap is not null) as level_gap
        from placed
        group by source, underlying, ingest_run_id, expires_at
    ),

    judged as (
        select
            *,
            case when years > 0 and n_pairs >= least_pairs and slope < 0
                     and mean_strike - mean_gap / slope > 0 then 'regression'
                 when years > 0 and level_strike + level_gap * exp(given_rate * years_left) > 0
                     then 'nearest_strike'
                 else 'configured' end as forward_method
        from fitted
    ),

    implied as (
        select
            *,
            case when forward_method = 'regression'
                 then -ln_or_null(-slope) / nullif(years_left, 0) end as implied_rate,
            case when forward_method = 'regression'
                 then sqrt(greatest(variation - slope * covariation, 0) / n_pairs) end as parity_error,
            case forward_method
                when 'regression' then mean_strike - mean_gap / nullif(slope, 0)
                when 'nearest_strike' then level_strike + level_gap * exp(given_rate * years_left)
                else forward_of(spot, years_left, given_rate, given_yield) end as forward
        from judged
    ),

    rated as (
        select
            *,
            case when years > long_years and not is_american then coalesce(implied_rate, given_rate)
                 else given_rate end as rate
        from implied
    ),

    yielding as (
        select
            *,
            coalesce(rate - ln_or_null(forward / nullif(spot, 0)) / nullif(years_left, 0), given_yield)
                as implied_dividend_yield
        from rated
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, spot, forward,
        exp(-rate * years_left) as discount, rate, implied_rate, implied_dividend_yield,
        case when forward_method <> 'configured'
             then implied_dividend_yield - given_yield end as implied_borrow,
        forward_method, n_pairs, parity_error, is_american
    from yielding;

-- The forward that calls and puts imply. Unit: price. NULL where no pair of them is quoted on both sides.
-- Source: Stoll (1969), J. Finance 24(5).
create or replace macro implied_forward(quotes, near := 0.1, least_pairs := 3, long_years := 0.5) as table
    select
        source, underlying, ingest_run_id, quoted_at, expires_at,
        case when forward_method <> 'configured' then forward end as value
    from forwards(quotes, near, least_pairs, long_years);

-- The continuous rate that calls and puts imply, -ln D / T of the regression. Unit: 1 per year. NULL without
-- a regression. Good to a tenth of a per cent beyond half a year, worth little below a month.
-- Source: Brenner and Galai (1986), J. Finance 41(5).
create or replace macro implied_rate(quotes, near := 0.1, least_pairs := 3) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, implied_rate as value
    from forwards(quotes, near, least_pairs);

-- What the forward implies above the given dividend yield: r - q - ln(F / S) / T, the cost of borrowing the
-- share. Unit: 1 per year. NULL where no forward is implied. Source: Hull, Options, Futures and Other
-- Derivatives, ch. 5.
create or replace macro implied_borrow(quotes, near := 0.1, least_pairs := 3, long_years := 0.5) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, implied_borrow as value
    from forwards(quotes, near, least_pairs, long_years);

comment on macro bill_rate_of is 'continuous rate of a Treasury bill from its discount in per cent';
comment on macro curve_rate is 'rate of a curve at a number of days: linear between its points, flat outside';
comment on macro table rates_at is 'the rate of a curve at each number of days';
comment on macro table forwards is 'forward, discount and implied yield of each expiry of a chain';
comment on macro table implied_forward is 'forward price of each expiry, from calls minus puts';
comment on macro table implied_rate is 'rate of each expiry, from the slope of calls minus puts';
comment on macro table implied_borrow is 'what the forward implies above the given dividend yield';
