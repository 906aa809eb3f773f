-- Pairs of symbols of a relation of bars. Each pair stands in both orders, (a, b) and (b, a), so that either
-- is found.

-- Returns of every pair, over the bars at which both have a price: prices are joined first, returns come
-- after.
create or replace macro pair_returns(relation) as table
    with prices as (
        select source, symbol, interval, ts, adj_close from query_table(relation) where adj_close is not null
    ),
    joined as (
        select
            one.source, one.symbol as a, other.source as other_source, other.symbol as b, interval, ts,
            one.adj_close as price, other.adj_close as other_price
        from prices as one
        join prices as other using (interval, ts)
        where (one.source, one.symbol) <> (other.source, other.symbol)
    )
    select
        source, a, other_source, b, interval, ts,
        simple_return_of(price, previous(price, (source, a, other_source, b, interval), ts)) as r,
        simple_return_of(other_price, previous(other_price, (source, a, other_source, b, interval), ts)) as other
    from joined;

-- Pearson correlation of simple returns. Unit: 1, -1 to 1. NULL when either is constant.
-- Source: Pearson (1895), Proc. Royal Society 58.
create or replace macro correlation_pair(bars) as table
    select
        source, a as symbol, interval, null::timestamptz as ts, a, b, correlation(r, other) as value
    from pair_returns(bars)
    where r is not null and other is not null
    group by source, a, other_source, b, interval;

-- Place of a value among its group, 1 the least; equal values share the mean of their places.
create or replace macro mid_rank(x, series) as
    rank() over (partition by series order by x) + (count(*) over (partition by series, x) - 1) / 2.0::double;

-- How many returns both have: what a correlation stands on. Unit: returns.
create or replace macro count_common(bars) as table
    select source, a as symbol, interval, null::timestamptz as ts, a, b, count(r + other) as value
    from pair_returns(bars)
    group by source, a, other_source, b, interval;

-- Pearson's correlation of the last n returns that both have. Unit: 1, -1 to 1. NULL when either is constant.
create or replace macro rolling_correlation_pair(bars, n := 63) as table
    select
        source, a as symbol, interval, ts, a, b,
        roll_correlation(r, other, n, (source, a, other_source, b, interval), ts) as value
    from pair_returns(bars);

-- Spearman's correlation: Pearson's of the mid-ranks. Unit: 1, -1 to 1. NULL when either is constant.
-- Source: Spearman (1904), American J. Psychology 15(1).
create or replace macro spearman_pair(bars) as table
    with ranked as (
        select
            *,
            mid_rank(r, (source, a, other_source, b, interval)) as place,
            mid_rank(other, (source, a, other_source, b, interval)) as other_place
        from pair_returns(bars)
        where r is not null and other is not null
    )
    select
        source, a as symbol, interval, null::timestamptz as ts, a, b,
        case when correlation(r, other) is not null then correlation(place, other_place) end as value
    from ranked
    group by source, a, other_source, b, interval;

comment on macro table pair_returns is 'simple returns of every pair over the bars that both have';
comment on macro table correlation_pair is 'Pearson correlation of the returns of every pair';
comment on macro table count_common is 'number of returns that both of every pair have';
comment on macro table rolling_correlation_pair is 'Pearson correlation of every pair over its last n common returns';
comment on macro mid_rank is 'place from the least; equal values share the mean of their places';
comment on macro table spearman_pair is 'Spearman correlation of the returns of every pair';
