-- What the money in an account earned, however much of it was there when.

-- Of an account that holds `amount` more from each of its dates on (lists of {amount, years}, years since the
-- first) and `worth` after `years`: how far the dated amounts at a growth rate g, as of the first date, exceed
-- what they became. It rises with g.
create or replace macro excess_at(flows, worth, years, g) as
    list_sum(list_transform(flows, lambda flow: flow.amount * exp(-g * flow.years))) - worth * exp(-g * years);

-- The growth rate at which they are equal: halved sixty times between a loss of all but a millionth a year and
-- a millionfold gain, or as far from 1 as exp reaches.
create or replace macro widest_growth_of(years) as least(ln(1e6), 600 / nullif(years, 0));
create or replace macro internal_growth_of(flows, worth, years) as
    case when excess_at(flows, worth, years, -widest_growth_of(years)) < 0
              and excess_at(flows, worth, years, widest_growth_of(years)) > 0
         then list_reduce(
             list_transform(range(1, 61), lambda k: widest_growth_of(years) * pow(0.5::double, k)),
             lambda g, step: g - sign(excess_at(flows, worth, years, g)) * step,
             0.0::double
         ) end;

-- Money-weighted return per year (XIRR): the one rate at which the account's first value and all that was paid
-- in later (`flow` of a bar; negative is taken out; what is NULL or has no such column is 0) grow to its last
-- value. close is the account's value at the bar's end, after the flow; a year has 365 days, the time of a flow is
-- its bar's, also where the value is not known then. Bars of a price without flows give its growth per calendar
-- year. Unit: 1 per year. -1 after a total loss of which nothing was taken out; NULL for one bar, and where no rate
-- between -0.999999 and 1e6 fits.
-- Source: Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., ch. 2.
create or replace macro money_weighted_return(bars) as table
    with given as (
        select null::double as flow where false
        union all by name
        from query_table(bars)
    ),
    edges as (
        select source, symbol, interval, min(ts) as first_ts, max(ts) as last_ts
        from given
        where adj_close is not null
        group by source, symbol, interval
    ),
    dated as (
        select given.*, first_ts, ts = first_ts as is_first
        from given
        join edges using (source, symbol, interval)
        where ts between first_ts and last_ts
    ),
    paid as (
        select
            *, case when is_first then adj_close else coalesce(flow, 0) end as amount,
            epoch_us(ts) / 86400e6 / 365 - epoch_us(first_ts) / 86400e6 / 365 as years
        from dated
    ),
    accounts as (
        select
            source, symbol, interval, arg_max(adj_close, ts) as worth, max(years) as years, min(amount) as least,
            list({'amount': amount::double, 'years': years} order by ts) filter (amount <> 0) as flows
        from paid
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        case when years > 0 and worth = 0 and least >= 0 then -1.0::double
             when years > 0 then exp(internal_growth_of(flows, worth, years)) - 1 end as value
    from accounts;

comment on macro excess_at is 'dated amounts at a growth rate, less what they became, as of the first date';
comment on macro widest_growth_of is 'the greatest growth rate that is looked at';
comment on macro internal_growth_of is 'the growth rate at which dated amounts became what they are worth';
comment on macro table money_weighted_return is
    'internal rate of return of what was paid into an account, per year';
