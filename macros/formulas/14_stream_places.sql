-- More kernels over rows as they lie (see 12_streams.sql; for builds only): where in its window a value stands.

-- Sum over up to three blocks of their distance from `center`, weighted by how far before the `middle` of the window each
-- lies; newer rows weigh more.
create or replace macro block_tilt(x, center, size, skip, count, middle) as
    case when count > 0 then (middle - skip - (size - 1) / 2.0::double) * (earlier(x, skip) - center) else 0.0::double end
    + case when count > 1 then (middle - skip - size - (size - 1) / 2.0::double) * (earlier(x, skip + size) - center)
           else 0.0::double end
    + case when count > 2 then (middle - skip - 2 * size - (size - 1) / 2.0::double) * (earlier(x, skip + 2 * size) - center)
           else 0.0::double end;

-- The same of four rows and of four blocks: c4 and c16 of x.
create or replace macro tilt_of_rows(x) as block_tilt(x, x, 1, 1, 3, 1.5::double);
create or replace macro tilt_of_4(c, x, size) as
    c + block_sum(c, 0.0::double, size, size, 3) + size * block_tilt(x, x, size, size, 3, (4 * size - 1) / 2.0::double);

-- Population covariance of x with the place in the window of the last n rows, n up to 63. Unit: of x.
create or replace macro last_covariance(x, x4, x16, c4, c16, n, row_index) as
    if_full(n, row_index)
    + (16 * block_tilt(x16, x, 16, 0, n // 16, (n - 1) / 2.0::double) + block_sum(c16, 0.0::double, 16, 0, n // 16)
       + 4 * block_tilt(x4, x, 4, n // 16 * 16, n // 4 % 4, (n - 1) / 2.0::double)
       + block_sum(c4, 0.0::double, 4, n // 16 * 16, n // 4 % 4)
       + block_tilt(x, x, 1, n // 4 * 4, n % 4, (n - 1) / 2.0::double)) / nullif(n, 0);

-- Covariance of a few rows, n up to 15, without blocks.
create or replace macro last_covariance_of_few(x, n) as
    (block_tilt(x, x, 1, 0, clipped(n, 0, 3), (n - 1) / 2.0::double)
     + block_tilt(x, x, 1, 3, clipped(n - 3, 0, 3), (n - 1) / 2.0::double)
     + block_tilt(x, x, 1, 6, clipped(n - 6, 0, 3), (n - 1) / 2.0::double)
     + block_tilt(x, x, 1, 9, clipped(n - 9, 0, 3), (n - 1) / 2.0::double)
     + block_tilt(x, x, 1, 12, clipped(n - 12, 0, 3), (n - 1) / 2.0::double)) / nullif(n, 0);

-- Length of the short average in Hull's, hma of 71_moving_averages.sql. Unit: bars.
create or replace macro hma_half(n) as greatest(n // 2, 1);

-- Mean distance of the last n rows, up to 64, from `mean`.
create or replace macro four_distances(x, mean, j, n) as
    case when j < n then abs(earlier(x, j) - mean) else 0.0::double end
    + case when j + 1 < n then abs(earlier(x, j + 1) - mean) else 0.0::double end
    + case when j + 2 < n then abs(earlier(x, j + 2) - mean) else 0.0::double end
    + case when j + 3 < n then abs(earlier(x, j + 3) - mean) else 0.0::double end;
create or replace macro distances(x, mean, j, n) as
    four_distances(x, mean, j, n) + four_distances(x, mean, j + 4, n) + four_distances(x, mean, j + 8, n)
    + four_distances(x, mean, j + 12, n);
create or replace macro last_mean_distance(x, mean, n) as
    (distances(x, mean, 0, n) + distances(x, mean, 16, n) + distances(x, mean, 32, n) + distances(x, mean, 48, n)) / nullif(n, 0);

-- How many rows ago x was last at the extreme x4 of its last four rows; in which of up to four blocks that cover n rows
-- (see block_max) it last had the `value`; and when it last had the extreme `value` of the last n, from 4 to 64. Unit: rows.
create or replace macro age_in_4(x, x4) as
    case when x = x4 then 0 when earlier(x, 1) = x4 then 1 when earlier(x, 2) = x4 then 2 when x4 is not null then 3 end;
create or replace macro age_in_blocks(x, age, value, n, size) as
    case when x = value then age
         when earlier(x, least(size, n - size)) = value then least(size, n - size) + earlier(age, least(size, n - size))
         when earlier(x, least(2 * size, n - size)) = value
         then least(2 * size, n - size) + earlier(age, least(2 * size, n - size))
         when earlier(x, n - size) = value then n - size + earlier(age, n - size) end;
create or replace macro last_age(x4, age4, x16, age16, value, n) as
    case when n <= 16 then age_in_blocks(x4, age4, value, n, 4) else age_in_blocks(x16, age16, value, n, 16) end;

comment on macro block_tilt is 'sum of up to three blocks'' distances from a center, weighted by their place';
comment on macro tilt_of_rows is 'the last four rows, weighted by their place about the middle';
comment on macro tilt_of_4 is 'four blocks of rows, weighted by their place about the middle';
comment on macro last_covariance is 'population covariance of the last n rows with their place; builds only';
comment on macro four_distances is 'sum of four rows'' distances from a mean, of those among the last n';
comment on macro distances is 'sum of sixteen rows'' distances from a mean, of those among the last n';
comment on macro last_mean_distance is 'mean distance of the last n rows from a mean, n up to 64; builds only';
comment on macro last_covariance_of_few is 'population covariance of the last n rows with their place, n up to 15; builds only';
comment on macro age_in_4 is 'rows since x was last at the extreme of its last four rows';
comment on macro age_in_blocks is 'rows since x last had the value, in up to four blocks';
comment on macro last_age is 'rows since x last was at the extreme of the last n, from 4 to 64; builds only';
comment on macro hma_half is 'half of n, at least 1';
