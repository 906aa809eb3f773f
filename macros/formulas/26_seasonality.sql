-- Do some months, weekdays or hours earn more than others?

-- t statistic of a mean: whether it differs from 0. Unit: 1. NULL for fewer than two values or when
-- constant.
create or replace macro t_of(mean, deviation, n) as
    case when is_moving(deviation) then ratio_of(mean * sqrt(n), deviation) end;

-- Simple returns of bars by the month, weekday (1 Monday to 7 Sunday) and hour in which the bar begins,
-- UTC; hours only of bars shorter than a day. One row per period and value of it that occurs.
create or replace macro seasonality(bars) as table
    with dated as (
        select *, ts at time zone 'UTC' as utc from with_returns(bars) where simple_return is not null
    ),
    assigned as (
        select *, 'month' as period, month(utc) as period_value from dated
        union all
        select *, 'weekday' as period, isodow(utc) as period_value from dated
        union all
        select *, 'hour' as period, hour(utc) as period_value from dated where is_within_day(interval)
    )
    select
        source, symbol, interval, period,
        period_value::integer as period_value,
        count(*) as n_obs,
        avg(simple_return) as mean_return,
        median(simple_return) as median_return,
        sample_std(simple_return) as std,
        win_rate_of(count_if(simple_return > 0), count_if(simple_return < 0)) as win_rate,
        t_of(avg(simple_return), sample_std(simple_return), count(*)) as t_stat
    from assigned
    group by source, symbol, interval, period, period_value;

comment on macro t_of is 'mean over its standard error';
comment on macro table seasonality is 'simple returns by month, weekday and hour (UTC) of the bar';
