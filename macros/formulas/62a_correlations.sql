-- Correlations of every pair of many symbols at once, by a function in Python: the same numbers as the metrics of
-- 62_pairs.sql, which the tests hold against these, in a thousandth of the time. `relation`: source, symbol, interval,
-- session_date, adj_close; the date is the clock that markets share.

-- One row per symbol and interval: its place among them, from 0. Symbols without any price have none.
create or replace macro places_of(relation) as table
    select
        interval, source, symbol,
        row_number() over (partition by interval order by source, symbol)::int - 1 as place
    from query_table(relation)
    where adj_close is not null
    group by interval, source, symbol;

-- All prices of an interval as one list, by the place of their symbol and the number of their day.
create or replace macro price_lists_of(relation) as table
    select
        interval, list({'series': place, 'day': (session_date - date '1970-01-01')::int, 'price': adj_close}) as prices
    from query_table(relation)
    inner join places_of(relation) using (interval, source, symbol)
    where adj_close is not null
    group by interval;

-- Both orders of each pair, and each symbol with itself. correlation_pair, spearman_pair: 1, -1 to 1, NULL where
-- either does not move; count_common: returns that both have; first_on, last_on: days on which both have a price, NULL
-- where there is none.
create or replace macro correlations_of(relation) as table
    with solved as (
        select interval, correlation_matrices(prices) as found from price_lists_of(relation)
    ),
    pairs as (
        select
            interval, generate_subscripts(found.pearson, 1) - 1 as pair,
            unnest(found.pearson) as correlation_pair, unnest(found.spearman) as spearman_pair,
            unnest(found.count_common) as count_common, unnest(found.first_day)::int as first_day,
            unnest(found.last_day)::int as last_day
        from solved
    ),
    counted as (
        select interval, count(*) as count_symbols from places_of(relation) group by interval
    )
    select
        pairs.interval, one.source as source_a, one.symbol as a, other.source as source_b, other.symbol as b,
        correlation_pair, spearman_pair, count_common,
        date '1970-01-01' + first_day as first_on, date '1970-01-01' + last_day as last_on
    from pairs
    inner join counted using (interval)
    inner join places_of(relation) as one on one.interval = pairs.interval and one.place = pair // count_symbols
    inner join places_of(relation) as other on other.interval = pairs.interval and other.place = pair % count_symbols;

-- Each pair once, a before b, by the days that both have from the n-th return on: Pearson's correlation of the last n.
create or replace macro rolling_correlations_of(relation, n) as table
    with solved as (
        select interval, rolling_correlations(prices, n) as found from price_lists_of(relation)
    ),
    pairs as (
        select
            interval, unnest(found.a) as place, unnest(found.b) as other_place, unnest(found.day)::int as day,
            unnest(found.value) as rolling_correlation_pair
        from solved
    )
    select
        pairs.interval, one.source as source_a, one.symbol as a, other.source as source_b, other.symbol as b,
        date '1970-01-01' + day as session_date, rolling_correlation_pair
    from pairs
    inner join places_of(relation) as one on one.interval = pairs.interval and one.place = pairs.place
    inner join places_of(relation) as other on other.interval = pairs.interval and other.place = other_place;

comment on macro table places_of is 'the symbols of each interval, numbered from 0 by source and symbol';
comment on macro table price_lists_of is 'all prices of an interval as one list of series, day and price';
comment on macro table correlations_of is 'correlations of every pair of symbols, with the number of common returns';
comment on macro table rolling_correlations_of is 'correlation of every pair of symbols over its last n common returns';
