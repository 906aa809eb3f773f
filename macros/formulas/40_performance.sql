-- Growth and dispersion of simple returns r. `ppy` bars per year; rates are effective per year.

-- Compound return of the whole sample. Unit: 1. NULL without returns.
create or replace macro total_return(r) as finite_or_null(product(1 + r)) - 1;

-- Compound annual growth rate from n bars: (prod(1 + r))^(ppy / n) - 1. Unit: 1 per year; -1 after a total
-- loss, NULL below one or where it is no finite number.
create or replace macro cagr_of(total, n, ppy) as
    power_or_null(1 + total, ppy / nullif(n, 0)) - 1;
create or replace macro cagr(r, ppy) as cagr_of(total_return(r), count(r), ppy);

-- Sample standard deviation of simple returns, annualised. Unit: 1.
create or replace macro annual_vol(r, ppy) as annualise(sample_std(r), ppy);

-- Bars with what they earned above an annual effective rate: adds simple_return, log_return, excess_return
-- and bars_per_year. At a rate of 0 the two returns are the same, known or not how often the bars come.
create or replace macro excess_returns(relation, rate, ppy) as table
    select
        *,
        coalesce(ppy, periods_per_year)::double as bars_per_year,
        case when rate = 0 then simple_return
             else excess_return_of(simple_return, rate, coalesce(ppy, periods_per_year)) end as excess_return
    from with_returns(relation);

create or replace macro total_return(bars) as table
    select source, symbol, interval, null::timestamptz as ts, total_return(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;

create or replace macro cagr(bars, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        cagr(simple_return, any_value(bars_per_year)) as value
    from excess_returns(bars, 0, ppy)
    group by source, symbol, interval;

create or replace macro annual_vol(bars, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        annual_vol(simple_return, any_value(bars_per_year)) as value
    from excess_returns(bars, 0, ppy)
    group by source, symbol, interval;

-- How steadily wealth grew: squared correlation of log wealth with time. Unit: 1, 0 to 1. NULL for constant
-- wealth, for fewer than three returns and after a total loss, whose logarithm does not exist. Source:
-- empyrical.
create or replace macro stability_of(log_wealth, place) as
    case when count(log_wealth) > 2 and max(log_wealth) > min(log_wealth)
         then finite_or_null(pow(corr(log_wealth, place), 2)) end;
create or replace macro stability(bars) as table
    with placed as (
        select
            *,
            running_sum(log_return, (source, symbol, interval), ts) as log_wealth,
            running_sum((adj_close is not null)::integer, (source, symbol, interval), ts) as place
        from with_returns(bars)
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        case when min(adj_close) > 0
             then stability_of(case when log_return is not null then log_wealth end, place) end as value
    from placed
    group by source, symbol, interval;

comment on macro total_return is 'product of (1 + return), less 1';
comment on macro table total_return is 'compound return of the whole sample';
comment on macro cagr_of is 'annual growth rate of a total return earned in n bars';
comment on macro cagr is 'compound annual growth rate';
comment on macro table cagr is 'compound annual growth rate';
comment on macro annual_vol is 'sample standard deviation of simple returns, annualised';
comment on macro table annual_vol is 'sample standard deviation of simple returns, annualised';
comment on macro table excess_returns is 'bars with simple return, and that less the rate per bar';
comment on macro stability_of is 'squared correlation of log wealth with time';
comment on macro table stability is 'squared correlation of log wealth with time, 1 for steady growth';
