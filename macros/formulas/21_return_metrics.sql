-- What each bar earned, as metrics of any bars: on adjusted closes, since the newest bar before that has a
-- price.

-- Simple return. Unit: 1 (0.01 = 1 %). NULL on the first bar.
create or replace macro simple_return(bars) as table
    select source, symbol, interval, ts, simple_return as value from with_returns(bars);

-- Log return. Unit: 1. NULL on the first bar, and where a price is 0.
create or replace macro log_return(bars) as table
    select source, symbol, interval, ts, log_return as value from with_returns(bars);

-- Return since the first bar that has a price. Unit: 1. NULL on that bar: nothing has been earned yet.
create or replace macro cumulative_return(bars) as table
    with based as (
        select
            *,
            first_known(adj_close, (source, symbol, interval), ts) as first_price,
            previous_known(adj_close, (source, symbol, interval), ts) is not null as has_previous
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        case when has_previous then cumulative_return_of(adj_close, first_price) end as value
    from based;

comment on macro table simple_return is 'price / previous price - 1';
comment on macro table log_return is 'ln(price / previous price)';
comment on macro table cumulative_return is 'price / first price - 1';
