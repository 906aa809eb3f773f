-- Hurst exponent from rescaled ranges: how the range of the summed deviations grows with the length of the
-- window. 0.5 for independent returns, more where they run on. Source: Hurst (1951), Trans. Am. Soc. Civil
-- Engineers 116.

-- Rescaled range of each whole window of log returns, side by side from the first return on: one row per
-- window, with its length. NULL in a window whose returns are all equal but for rounding.
create or replace macro rescaled_ranges(relation, lengths) as table
    with lists as (
        select source, symbol, interval, log_returns, len(log_returns) as n, unnest(lengths)::bigint as length
        from series_lists(relation)
        where len(log_returns) >= list_max(lengths)
    ),
    numbered as (
        select source, symbol, interval, length, n, unnest(log_returns) as r, unnest(range(n)) as i from lists
    ),
    grouped as (
        select source, symbol, interval, length, i, r, i // nullif(length, 0) as window_index
        from numbered
        where i < length * (n // nullif(length, 0))
    ),
    centred as (
        select *, r - avg(r) over (partition by source, symbol, interval, length, window_index) as deviation
        from grouped
    ),
    summed as (
        select *, running_sum(deviation, (source, symbol, interval, length, window_index), i) as profile from centred
    )
    select
        source, symbol, interval, length, window_index,
        case when has_moved(max(r), min(r))
             then (max(profile) - min(profile)) / nullif(stddev_pop(r), 0) end as rescaled_range
    from summed
    group by source, symbol, interval, length, window_index;

-- Rescaled range that independent normal returns have in a window of w; 1.77 is the root of pi. Source:
-- Anis and Lloyd (1976), Biometrika 63(1).
create or replace macro anis_lloyd_of(w) as
    case when w > 1 then exp(lgamma((w - 1) / 2.0::double) - lgamma(w / 2.0::double)) / 1.7724538509055160e0
    * list_sum(list_transform(range(1, w), lambda i: sqrt((w - i) / nullif(i::double, 0)))) end;

-- Slope of ln(mean rescaled range) on ln(window), measured and for independent returns. NULL for fewer
-- returns than the longest window, for windows of fewer than two, and when constant.
create or replace macro hurst_slopes(relation, lengths) as table
    with measured as (
        select source, symbol, interval, length, avg(rescaled_range) as mean_range
        from rescaled_ranges(relation, lengths)
        group by source, symbol, interval, length
    ),
    sloped as (
        select
            source, symbol, interval,
            case when count(mean_range) = len(any_value(lengths))
                 then log_log_slope(mean_range, length) end as measured,
            log_log_slope(anis_lloyd_of(length), length) as expected
        from measured
        group by source, symbol, interval
    ),
    series as (select distinct source, symbol, interval from query_table(relation))
    from series left join sloped using (source, symbol, interval);

-- Uncorrected: independent returns give about 0.56 with the windows below.
create or replace macro hurst_rs(bars, windows := [16, 32, 64, 128, 256]) as table
    select source, symbol, interval, null::timestamptz as ts, measured as value
    from hurst_slopes(bars, list_distinct(windows));

-- Corrected for what independent returns would give: the one to show.
create or replace macro hurst_corrected_of(measured, expected) as measured - expected + 0.5::double;
create or replace macro hurst_rs_corrected(bars, windows := [16, 32, 64, 128, 256]) as table
    select source, symbol, interval, null::timestamptz as ts, hurst_corrected_of(measured, expected) as value
    from hurst_slopes(bars, list_distinct(windows));

comment on macro table rescaled_ranges is 'rescaled range of each whole window of log returns';
comment on macro anis_lloyd_of is 'expected rescaled range of w independent normal returns';
comment on macro table hurst_slopes is 'Hurst exponent measured, and as independent returns would give it';
comment on macro hurst_corrected_of is 'slope less that of independent returns, plus 0.5';
comment on macro table hurst_rs is 'slope of ln(rescaled range) on ln(window), uncorrected';
comment on macro table hurst_rs_corrected is
    'Hurst exponent from rescaled ranges less what chance gives, plus 0.5';
