-- Kernels over the past of one series: the only file in which a frame is written.
-- `series` tells the series apart, `ts` orders it; n counts bars, not time. A trailing value is
-- NULL until
-- its window is full, and where the window holds a NULL (metrics: "rows whose window has a NULL
-- give NULL").

-- Rows of the last n, this one included, whose x is known.
create or replace macro roll_count(x, n, series, ts) as
    count(x) over (partition by series order by ts rows between n - 1 preceding and current row);

create or replace macro roll_sum(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then sum(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

create or replace macro roll_avg(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then avg(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

create or replace macro roll_min(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then min(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

create or replace macro roll_max(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then max(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

-- Whether all n values are equal. Dispersion is tested so, because a rounded standard deviation
-- misses zero.
create or replace macro roll_is_constant(x, n, series, ts) as
    roll_max(x, n, series, ts) = roll_min(x, n, series, ts);

-- Sample standard deviation (n - 1); exactly 0 for a constant window, NULL for a window of one.
create or replace macro roll_std(x, n, series, ts) as
    case when n < 2 then null
         when roll_is_constant(x, n, series, ts) then 0.0::double
         when roll_count(x, n, series, ts) = n
         then stddev_samp(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

-- Population standard deviation (n); exactly 0 for a constant window.
create or replace macro roll_std_pop(x, n, series, ts) as
    case when roll_is_constant(x, n, series, ts) then 0.0::double
         when roll_count(x, n, series, ts) = n
         then stddev_pop(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

-- Type-7 quantile (numpy's linear) of the n values before this row: what was known before the bar.
create or replace macro previous_quantile(x, q, n, series, ts) as
    case when count(x) over (partition by series order by ts rows between n preceding and 1 preceding) = n
         then quantile_cont(x, q) over (partition by series order by ts rows between n preceding and 1 preceding) end;

-- The same of the n values that end `distance` rows before this one; 0 includes it.
create or replace macro quantile_before(x, q, n, distance, series, ts) as
    case when count(x) over (
             partition by series order by ts rows between n + distance - 1 preceding and distance preceding) = n
         then quantile_cont(x, q) over (
             partition by series order by ts rows between n + distance - 1 preceding and distance preceding) end;

-- The n values before this row, and the n up to it, as lists. For what no aggregate says.
create or replace macro previous_values(x, n, series, ts) as
    case when count(x) over (partition by series order by ts rows between n preceding and 1 preceding) = n
         then list(x) over (partition by series order by ts rows between n preceding and 1 preceding) end;
create or replace macro roll_values(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then list(x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

-- Least-squares slope of y on x; NULL when x is constant.
create or replace macro roll_slope(y, x, n, series, ts) as
    case when roll_count(y, n, series, ts) = n and not roll_is_constant(x, n, series, ts)
         then finite_or_null(
             regr_slope(y, x) over (partition by series order by ts rows between n - 1 preceding and current row)
         ) end;

-- Pearson correlation; NULL when either is constant.
create or replace macro roll_corr(y, x, n, series, ts) as
    case when not roll_is_constant(y, n, series, ts) and not roll_is_constant(x, n, series, ts)
         then finite_or_null(
             corr(y, x) over (partition by series order by ts rows between n - 1 preceding and current row)
         ) end;

-- Population covariance.
create or replace macro roll_covar_pop(y, x, n, series, ts) as
    case when roll_count(y, n, series, ts) = n
         then covar_pop(y, x) over (partition by series order by ts rows between n - 1 preceding and current row) end;

-- The values themselves, oldest first, for what no aggregate says: up to n of them, or NULL until n are known.
create or replace macro recent_list(x, n, series, ts) as
    list(x) over (partition by series order by ts rows between n - 1 preceding and current row);
create or replace macro roll_list(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n then recent_list(x, n, series, ts) end;

-- Mid-rank of x among the last n, as a share of n: equal values share the mean of their places. Unit: 1, above 0 to 1.
-- The same as mid_rank_share (57_regimes.sql) of a list, without the list. NULL until n are known.
create or replace macro roll_rank_share(x, n, series, ts) as
    case when roll_count(x, n, series, ts) = n then (
        rank(order by x) over (partition by series order by ts rows between n - 1 preceding and current row)
        - rank(order by x desc) over (partition by series order by ts rows between n - 1 preceding and current row)
        + n + 1
    ) / nullif(2.0::double * n, 0) end;

-- row_index of the greatest of the last n; of equal ones the newest. Of -x: of the least.
create or replace macro roll_max_index(x, row_index, n, series, ts) as
    case when roll_count(x, n, series, ts) = n
         then struct_extract(
             max({'x': x, 'row_index': row_index})
                 over (partition by series order by ts rows between n - 1 preceding and current row),
             'row_index'
         ) end;

-- Place of a bar in its series: 0, 1, 2, ...
create or replace macro row_index_of(series, ts) as row_number() over (partition by series order by ts) - 1;

-- Value n bars before. A frame and not lag(x, n): the 1.5 prompt loses the n of a stored lag.
create or replace macro value_before(x, n, series, ts) as
    first_value(x) over (partition by series order by ts rows between n preceding and n preceding);

-- The row before, the newest known x before, the first row, the highest so far,
-- the highest before, the lowest after.
create or replace macro previous(x, series, ts) as lag(x) over (partition by series order by ts);
create or replace macro previous_known(x, series, ts) as
    last_value(x ignore nulls) over (partition by series order by ts rows between unbounded preceding and 1 preceding);
create or replace macro first_known(x, series, ts) as
    first_value(x ignore nulls) over (partition by series order by ts rows between unbounded preceding and current row);
create or replace macro newest_known(x, series, ts) as
    last_value(x ignore nulls) over (partition by series order by ts rows between unbounded preceding and current row);
create or replace macro first_of(x, series, ts) as
    first_value(x) over (partition by series order by ts);
create or replace macro running_max(x, series, ts) as
    max(x) over (partition by series order by ts rows between unbounded preceding and current row);
create or replace macro running_min(x, series, ts) as
    min(x) over (partition by series order by ts rows between unbounded preceding and current row);
create or replace macro max_before(x, series, ts) as
    max(x) over (partition by series order by ts rows between unbounded preceding and 1 preceding);
create or replace macro min_after(x, series, ts) as
    min(x) over (partition by series order by ts rows between 1 following and unbounded following);

-- Sum from the first row on.
create or replace macro running_sum(x, series, ts) as
    sum(x) over (partition by series order by ts rows between unbounded preceding and current row);

-- How many of the values before this row are known, and their mean.
create or replace macro count_before(x, series, ts) as
    count(x) over (partition by series order by ts rows between unbounded preceding and 1 preceding);
create or replace macro mean_before(x, series, ts) as
    avg(x) over (partition by series order by ts rows between unbounded preceding and 1 preceding);

-- Growth from the first row on: the product of all x so far.
create or replace macro running_product(x, series, ts) as
    product(x) over (partition by series order by ts rows between unbounded preceding and current row);

-- Product of all x after this row; 1 for the last one. What adjusts a price for later dividends.
create or replace macro product_after(x, series, ts) as
    coalesce(product(x) over (partition by series order by ts rows between 1 following and unbounded following), 1.0);

-- The sign (+1, -1) of the newest x before this row that was neither 0 nor NULL.
create or replace macro last_nonzero_sign(x, series, ts) as
    last_value(nullif(sign(x), 0) ignore nulls)
    over (partition by series order by ts rows between unbounded preceding and 1 preceding);

-- Over rows as they lie (12_streams.sql): x on the newest row so far where `is_marked`; `place` counts the rows.
create or replace macro newest_so_far(x, is_marked, place) as
    arg_max(x, case when is_marked then place end) over (rows between unbounded preceding and current row);

comment on macro roll_count is 'known values among the last n bars';
comment on macro roll_sum is 'sum of the last n bars; NULL until n are known';
comment on macro roll_avg is 'mean of the last n bars; NULL until n are known';
comment on macro roll_min is 'least of the last n bars; NULL until n are known';
comment on macro roll_max is 'greatest of the last n bars; NULL until n are known';
comment on macro roll_is_constant is 'whether the last n bars are all equal; NULL until n are known';
comment on macro roll_std is 'sample standard deviation of the last n bars; 0 if constant, NULL of one';
comment on macro roll_std_pop is 'population standard deviation of the last n bars; 0 if constant';
comment on macro previous_quantile is 'type-7 quantile q of the n bars before this one';
comment on macro quantile_before is 'type-7 quantile q of the n bars that end `distance` bars before this one';
comment on macro previous_values is 'the n values before this bar, as a list; NULL until n are known';
comment on macro roll_values is 'the last n values, as a list; NULL until n are known';
comment on macro roll_slope is 'least-squares slope of y on x over n bars; NULL if x is constant';
comment on macro roll_corr is 'Pearson correlation over n bars; NULL if either is constant';
comment on macro roll_covar_pop is 'population covariance of the last n bars; NULL until n are known';
comment on macro recent_list is 'up to n values, oldest first';
comment on macro roll_list is 'the last n values, oldest first; NULL until n are known';
comment on macro roll_rank_share is 'mid-rank of x among the last n, over n; NULL until n are known';
comment on macro count_before is 'known values before this bar';
comment on macro mean_before is 'mean of the known values before this bar';
comment on macro roll_max_index is 'place of the newest greatest of the last n bars; NULL until n are known';
comment on macro row_index_of is '0-based place of a bar in its series';
comment on macro value_before is 'value n bars before; NULL where there is none';
comment on macro previous is 'value of the bar before; NULL for the first';
comment on macro previous_known is 'newest value before this bar that is not NULL';
comment on macro first_known is 'oldest value up to this bar that is not NULL';
comment on macro newest_known is 'newest value up to this bar that is not NULL';
comment on macro first_of is 'value of the first bar of the series';
comment on macro running_max is 'greatest value so far';
comment on macro running_min is 'least value so far';
comment on macro max_before is 'greatest value before this row; NULL for the first';
comment on macro min_after is 'least value after this row; NULL for the last';
comment on macro running_sum is 'sum of all values so far';
comment on macro running_product is 'product of all values so far';
comment on macro product_after is 'product of all later values; 1 for the last bar';
comment on macro last_nonzero_sign is 'sign of the newest earlier value that was neither 0 nor NULL';
comment on macro newest_so_far is 'x on the newest marked row so far, as the rows lie; builds only';
