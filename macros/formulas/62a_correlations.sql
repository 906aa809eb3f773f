-- Correlations of every pair of many symbols at once, by a function in Python: the same numbers as the metrics
-- of 62_pairs.sql, which the tests hold against these, in a thousandth of the time. `relation`: source, symbol,
-- interval, session_date, adj_close; the date is the clock that markets share.

-- One row per interval: its symbols in order, and for each a list of its days and prices.
create or replace macro price_lists_of(relation) as table
    with series as (
        select
            interval, source, symbol,
            list({'day': (session_date - date '1970-01-01')::int, 'price': adj_close}) as prices
        from query_table(relation)
        where adj_close is not null
        group by interval, source, symbol
    )
    select
        interval,
        list({'source': source, 'symbol': symbol} order by source, symbol) as names,
        list(prices order by source, symbol) as prices
    from series
    group by interval;

-- Both orders of each pair, and each symbol with itself. correlation_pair, spearman_pair: 1, -1 to 1, NULL where
-- either does not move; count_common: returns that both have; first_on, last_on: days on which both have a
-- price, NULL where there is none.
create or replace macro correlations_of(relation) as table
    with solved as (
        select interval, names, correlation_matrices(prices) as found from price_lists_of(relation)
    ),
    pairs as (
        select
            interval, names, generate_subscripts(found.pearson, 1) - 1 as pair,
            unnest(found.pearson) as correlation_pair, unnest(found.spearman) as spearman_pair,
            unnest(found.count_common) as count_common,
            unnest(found.first_on) as first_on, unnest(found.last_on) as last_on
        from solved
    )
    select
        interval,
        names[pair // len(names) + 1].source as source_a, names[pair // len(names) + 1].symbol as a,
        names[pair % len(names) + 1].source as source_b, names[pair % len(names) + 1].symbol as b,
        correlation_pair, spearman_pair, count_common, first_on, last_on
    from pairs;

-- Each pair once, a before b in the order of (source, symbol): session_dates, the days that both have from the
-- n-th return on, and to each of them Pearson's correlation of the last n, in `correlations`.
create or replace macro rolling_correlations_of(relation, n) as table
    with solved as (
        select interval, names, rolling_correlations(prices, n) as found from price_lists_of(relation)
    ),
    pairs as (
        select
            interval, names, unnest(found.a) + 1 as place, unnest(found.b) + 1 as other_place,
            unnest(found.days) as session_dates, unnest(found.correlations) as correlations
        from solved
    )
    select
        interval, names[place].source as source_a, names[place].symbol as a,
        names[other_place].source as source_b, names[other_place].symbol as b, session_dates, correlations
    from pairs;

comment on macro table price_lists_of is 'the symbols of an interval, and a list of days and prices for each';
comment on macro table correlations_of is 'correlations of every pair of symbols, with the number of common returns';
comment on macro table rolling_correlations_of is
    'correlations of every pair of symbols over its last n common returns, a list for each';
