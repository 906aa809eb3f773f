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
    case when row_index >= n - 1
         then (16 * block_tilt(x16, x, 16, 0, n // 16, (n - 1) / 2.0::double) + block_sum(c16, 0.0::double, 16, 0, n // 16)
               + 4 * block_tilt(x4, x, 4, n // 16 * 16, n // 4 % 4, (n - 1) / 2.0::double)
               + block_sum(c4, 0.0::double, 4, n // 16 * 16, n // 4 % 4)
               + block_tilt(x, x, 1, n // 4 * 4, n % 4, (n - 1) / 2.0::double)) / nullif(n, 0) end;

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

-- How many rows ago x was last `value`, looked for in the last n rows, up to 64. Unit: rows.
create or replace macro age_among_four(x, value, j, n) as
    case when j < n and earlier(x, j) = value then j when j + 1 < n and earlier(x, j + 1) = value then j + 1
         when j + 2 < n and earlier(x, j + 2) = value then j + 2 when j + 3 < n and earlier(x, j + 3) = value then j + 3 end;
create or replace macro age_among(x, value, j, n) as
    coalesce(
        age_among_four(x, value, j, n), age_among_four(x, value, j + 4, n),
        age_among_four(x, value, j + 8, n), age_among_four(x, value, j + 12, n)
    );
create or replace macro last_age(x, value, n) as
    coalesce(
        age_among(x, value, 0, n), age_among(x, value, 16, n), age_among(x, value, 32, n), age_among(x, value, 48, n)
    );

comment on macro block_tilt is 'sum of up to three blocks'' distances from a center, weighted by their place';
comment on macro tilt_of_rows is 'the last four rows, weighted by their place about the middle';
comment on macro tilt_of_4 is 'four blocks of rows, weighted by their place about the middle';
comment on macro last_covariance is 'population covariance of the last n rows with their place; builds only';
comment on macro four_distances is 'sum of four rows'' distances from a mean, of those among the last n';
comment on macro distances is 'sum of sixteen rows'' distances from a mean, of those among the last n';
comment on macro last_mean_distance is 'mean distance of the last n rows from a mean, n up to 64; builds only';
comment on macro age_among_four is 'which of four rows has the value';
comment on macro age_among is 'which of sixteen rows has the value';
comment on macro last_age is 'rows since x last had the value, among the last n; builds only';
