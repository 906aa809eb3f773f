-- What explains a return: least squares of a symbol's excess returns on the returns of factors. `factors`: ts
-- (any instant of the period), a column per factor, and rf, the riskless return, if there is one; all decimals of
-- a period. Give total returns: a price index lacks dividends, and its alpha shows it.

-- Start of a period in UTC: 'daily', 'weekly', 'monthly'; other names are refused. And of the one before.
create or replace macro period_start_of(freq, ts) as
    case freq when 'daily' then date_trunc('day', ts at time zone 'UTC')
              when 'weekly' then date_trunc('week', ts at time zone 'UTC')
              when 'monthly' then date_trunc('month', ts at time zone 'UTC')
              else error('freq is daily, weekly or monthly') end;
create or replace macro period_before_of(freq, period) as
    case freq when 'daily' then period - interval 1 day when 'weekly' then period - interval 7 days
              else period - interval 1 month end;

-- One row per factor and instant, of one column per factor; rf is one of them.
create or replace macro factor_rows_of(factors) as table
    with wide as (
        select ts, columns(* exclude (ts))::double from query_table(factors)
    )
    from wide unpivot include nulls (value for factor in (columns(* exclude (ts))));

-- One row per period: the factors' returns as a list in the order of `names`, the riskless rate (0 where there is
-- no rf), the period before among them. NULL in `returns` where any is unknown. Of several rows of a period the
-- last counts.
create or replace macro factor_periods_of(factor_rows, freq) as table
    with dated as (
        select ts, period_start_of(freq, ts) as period, lower(factor) as factor, finite_or_null(value) as value
        from query_table(factor_rows)
    ),
    numbered as (
        from dated qualify row_number() over (partition by period, factor order by ts desc) = 1
    ),
    periods as (
        select
            period, list(factor order by factor) filter (factor <> 'rf') as names,
            case when count(value) = max(count_columns)
                 then list(value order by factor) filter (factor <> 'rf') end as returns,
            coalesce(any_value(value) filter (factor = 'rf'), 0) as rate
        from numbered
        cross join (select count(distinct lower(factor)) as count_columns from query_table(factor_rows))
        group by period
    ),
    anchored as (
        from periods
        union all by name
        select period_before_of(freq, min(period)) as period from periods
    )
    select *, previous(period, 1, period) as period_before from anchored where period is not null;

-- One row per series: least squares of its excess returns from one period's last price to the next on the factors
-- of `factor_rows` (ts, factor, value). A return counts if it spans one period of the factors: none after a hole.
-- `lags` NULL: floor(4 (n / 100)^(2/9)), for the robust errors.
create or replace macro factor_fit(relation, factor_rows, freq, lags) as table
    with prices as (
        select
            source, symbol, interval, period_start_of(freq, ts) as period, arg_max(adj_close, ts) as adj_close
        from query_table(relation)
        where adj_close is not null
        group by source, symbol, interval, period_start_of(freq, ts)
    ),
    held as (
        from prices inner join factor_periods_of(factor_rows, freq) using (period)
    ),
    returned as (
        select
            *,
            previous(period, (source, symbol, interval), period) as held_before,
            simple_return_of(adj_close, previous(adj_close, (source, symbol, interval), period)) - rate as excess
        from held
    ),
    listed as (
        select
            source, symbol, interval, any_value(names) as names, count(*) as n_obs,
            list(excess order by period) as excesses, list(returns order by period) as explaining
        from returned
        where held_before = period_before and excess is not null and returns is not null
        group by source, symbol, interval
    )
    select
        source, symbol, interval, names, n_obs,
        least_squares(excesses, explaining, coalesce(lags, newey_west_lags(n_obs))) as fit
    from listed;

-- One row per series and factor, and one for 'alpha', the return per period that no factor explains: exposure (what
-- the symbol moves when the factor moves by 1), its standard error and t value for errors that are independent and
-- equal, the same for errors that depend on each other and change (hac_, no small-sample correction), r2 and
-- adjusted_r2 of all factors together, n_obs. NULL with no more returns than coefficients, or where factors say the
-- same. Sources: Greene, Econometric Analysis, ch. 4; Newey and West (1987), Econometrica 55(3).
create or replace macro exposures_of(relation, factor_rows, freq, lags) as table
    select
        source, symbol, interval, unnest(['alpha'] || names) as factor,
        unnest(fit.coefficients) as exposure,
        unnest(fit.standard_errors) as standard_error, unnest(fit.t_values) as t_value,
        unnest(fit.hac_standard_errors) as hac_standard_error, unnest(fit.hac_t_values) as hac_t_value,
        fit.r_squared as r2, fit.adjusted_r_squared as adjusted_r2, n_obs
    from factor_fit(relation, factor_rows, freq, lags);
create or replace macro factor_exposure(bars, factors, freq := 'monthly', lags := null) as table
    with factor_rows as (
        from factor_rows_of(factors)
    )
    from exposures_of(bars, 'factor_rows', freq, lags);

-- Ends of the interval in which the true exposure lies with the confidence given, if its error is normal, as it is
-- of many returns. Source: Greene (2018), Econometric Analysis, ch. 4.
create or replace macro exposure_low_of(exposure, standard_error, confidence) as
    exposure - standard_error * normal_quantile((1 + confidence) / 2);
create or replace macro exposure_high_of(exposure, standard_error, confidence) as
    exposure + standard_error * normal_quantile((1 + confidence) / 2);

comment on macro period_start_of is 'start of the day, week or month of an instant';
comment on macro period_before_of is 'start of the day, week or month before a period';
comment on macro table factor_rows_of is 'a row per factor and instant';
comment on macro table factor_periods_of is 'the factors'' returns of each period as a list, and the riskless rate';
comment on macro table factor_fit is 'least squares of excess returns on all factors';
comment on macro table exposures_of is 'a row per series and factor: exposure, its errors, what all factors explain';
comment on macro table factor_exposure is
    'exposure of excess returns to each factor, with plain and robust standard errors';
comment on macro exposure_low_of is 'exposure less as many standard errors as the confidence asks';
comment on macro exposure_high_of is 'exposure and as many standard errors as the confidence asks';
