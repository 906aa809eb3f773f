-- Kernels for a new bar: aggregates over the bars up to it. `past` bars are joined with the `newest` one and grouped by it,
-- `age` says how many bars before it each lies, 0 is the new one itself. The same values as those of 10_windows.sql and
-- 12_streams.sql to rounding: NULL until the window is full, and where it holds a NULL (tests/formulas/test_recent.py).

-- Whether all of the n values that end `skip` bars before the new one are known.
create or replace macro recent_is_full(x, n, skip, age) as count(x) filter (age >= skip and age < skip + n) = n;

-- Mean of the last n. `newest` is the x of the new bar: distances from it neither cancel nor drift, and give exactly x where
-- all are equal.
create or replace macro recent_mean(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age) then any_value(newest) + avg(x - newest) filter (age < n) end;

-- Standard deviation and variance of the last n: sample's (NULL of one) and the population's. Exactly 0 where all are equal.
create or replace macro recent_std(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age) then stddev_samp(x - newest) filter (age < n) end;
create or replace macro recent_std_pop(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age) then stddev_pop(x - newest) filter (age < n) end;
create or replace macro recent_variance(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age) then var_samp(x - newest) filter (age < n) end;

-- Population covariance of the last n with their place in the window. Unit: of x.
create or replace macro recent_covariance(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age) then covar_pop(x - newest, -age) filter (age < n) end;

-- Greatest and least of the n bars that end `skip` bars before the new one, and half way between.
create or replace macro recent_max(x, n, skip, age) as
    case when recent_is_full(x, n, skip, age) then max(x) filter (age >= skip and age < skip + n) end;
create or replace macro recent_min(x, n, skip, age) as
    case when recent_is_full(x, n, skip, age) then min(x) filter (age >= skip and age < skip + n) end;
create or replace macro recent_middle(high, low, n, skip, age) as
    (recent_max(high, n, skip, age) + recent_min(low, n, skip, age)) / 2;

-- Bars since x was last at the greatest, and at the least, of the last n; of equal ones the newest counts.
create or replace macro recent_max_age(x, n, age) as
    case when recent_is_full(x, n, 0, age) then -(max({'x': x, 'place': -age}) filter (age < n)).place end;
create or replace macro recent_min_age(x, n, age) as
    case when recent_is_full(x, n, 0, age) then (min({'x': x, 'age': age}) filter (age < n)).age end;

-- Mean distance of the last n from their mean.
create or replace macro recent_mean_distance(x, newest, n, age) as
    case when recent_is_full(x, n, 0, age)
         then mean_abs_deviation_of(
             list(x - newest order by age) filter (age < n), avg(x - newest) filter (age < n)) end;

-- Value n bars before.
create or replace macro recent_value(x, n, age) as max(x) filter (age = n);

-- Type-7 quantile of the n bars before the new one.
create or replace macro recent_previous_quantile(x, q, n, age) as
    case when recent_is_full(x, n, 1, age) then quantile_cont(x, q) filter (age > 0 and age <= n) end;

-- Whether a row is the last of its series, as the rows lie (12_streams.sql; builds only).
create or replace macro is_newest_of_series(series) as lead(series, 1) over () is distinct from series;

-- One step of the recursions of 13_stream_filters.sql: the average, Wilder's sum and a sum that starts with the first known
-- x, as they stand a bar later.
create or replace macro next_average(x, before, weight, n, start, row_index) as
    coalesce(before + newest_weight(weight, n, start, row_index) * (x - before), before);
create or replace macro next_wilder_sum(x, before, n, row_index) as
    coalesce(before * case when row_index < n then 1 else 1 - wilder_weight(n) end + x, before);
create or replace macro next_sum(x, before) as coalesce(before + x, before, x);

comment on macro recent_is_full is 'whether all of the n values that end `skip` bars before are known';
comment on macro recent_mean is 'mean of the last n bars up to a new one';
comment on macro recent_std is 'sample standard deviation of the last n bars up to a new one';
comment on macro recent_std_pop is 'population standard deviation of the last n bars up to a new one';
comment on macro recent_variance is 'sample variance of the last n bars up to a new one';
comment on macro recent_covariance is 'population covariance of the last n bars with their place';
comment on macro recent_max is 'greatest of the n bars that end `skip` bars before a new one';
comment on macro recent_min is 'least of the n bars that end `skip` bars before a new one';
comment on macro recent_middle is 'half way between the extremes of n bars that end `skip` bars before a new one';
comment on macro recent_max_age is 'bars since the newest greatest of the last n';
comment on macro recent_min_age is 'bars since the newest least of the last n';
comment on macro recent_mean_distance is 'mean distance of the last n bars from their mean';
comment on macro recent_value is 'value n bars before a new one';
comment on macro recent_previous_quantile is 'type-7 quantile of the n bars before a new one';
comment on macro is_newest_of_series is 'whether a row is the last of its series, as the rows lie; builds only';
comment on macro next_average is 'a moving average one bar later';
comment on macro next_wilder_sum is 'Wilder''s running sum one bar later';
comment on macro next_sum is 'a sum one bar later; what is not known leaves it as it is';
