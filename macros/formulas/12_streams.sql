-- Kernels of the stored models: trailing windows from streaming lags over rows that lie in the order (series, ts). Each
-- window touches only its own n values, nothing drifts, and nothing is sorted. For builds only: the 1.5 prompt loses the
-- offset of a stored lag, and the order is that of a table which the build sorts and tests (bars.ordered_returns).
-- Values equal those of 10_windows.sql to rounding: tests/formulas/test_streams.py.
-- A window is put together from blocks of 64, 16 and 4 rows and single rows: x4 is the kernel of x over the last 4, x16
-- that of x4 over the last 4 blocks, and so on; n may be 1 to 447. Lags that n does not need are cut off when the query is
-- planned. A full window (`row_index`, from 0, says when) lies inside its series, so borders
-- need no other care. A NULL in the window makes it NULL.

-- Value n rows before.
create or replace macro earlier(x, n) as case when n = 0 then x else lag(x, n) over () end;
create or replace macro earlier_in_series(x, n, row_index) as case when row_index >= n then earlier(x, n) end;

-- 0 on rows from which on a window of n rows is full, NULL before: added to what is made of the window. Arithmetic
-- inside a CASE is computed on a selection of rows, which costs twice as much as on all.
create or replace macro if_full(n, row_index) as case when row_index >= n - 1 then 0.0::double end;

-- n, not below and not above two bounds.
create or replace macro clipped(n, least_one, greatest_one) as greatest(least(n, greatest_one), least_one);

-- Distance from `center` of up to three blocks, `size` rows long, the first of them `skip` rows back; their sum.
create or replace macro block_sum(x, center, size, skip, count) as
    case when count = 0 then 0.0::double when count = 1 then earlier(x, skip) - center
         when count = 2 then earlier(x, skip) - center + (earlier(x, skip + size) - center)
         else earlier(x, skip) - center + (earlier(x, skip + size) - center) + (earlier(x, skip + 2 * size) - center) end;

-- Mean of four blocks, and of the last n rows (n up to 63 without x64); exactly x where all are equal.
create or replace macro mean_of_4(x, size) as
    ((x + earlier(x, size)) + (earlier(x, 2 * size) + earlier(x, 3 * size))) * 0.25::double;
create or replace macro last_mean
    (x, x4, x16, n, row_index) as
        x + if_full(n, row_index)
        + (block_sum(x16, x, 16, 0, n // 16) * 16 + block_sum(x4, x, 4, n // 16 * 16, n // 4 % 4) * 4
           + block_sum(x, x, 1, n // 4 * 4, n % 4)) / nullif(n, 0),
    (x, x4, x16, x64, n, row_index) as
        x + if_full(n, row_index)
        + (block_sum(x64, x, 64, 0, clipped(n // 64, 0, 3)) * 64 + block_sum(x64, x, 64, 192, clipped(n // 64 - 3, 0, 3)) * 64
           + block_sum(x16, x, 16, n // 64 * 64, n // 16 % 4) * 16 + block_sum(x4, x, 4, n // 16 * 16, n // 4 % 4) * 4
           + block_sum(x, x, 1, n // 4 * 4, n % 4)) / nullif(n, 0);

-- A relation with the means of 4, 16 and 64 rows of each column of_x: of4_x, of16_x and of64_x.
create or replace macro with_blocks(relation) as table
    with fours as (select *, mean_of_4(columns('^of_(.*)$'), 1) as 'of4_\1' from query_table(relation)),
    sixteens as (select *, mean_of_4(columns('^of4_(.*)$'), 4) as 'of16_\1' from fours)
    select *, mean_of_4(columns('^of16_(.*)$'), 16) as 'of64_\1' from sixteens;

-- Sum of the squared distances from `mean` of up to three blocks' means, as often as they have rows.
create or replace macro square_of(x) as x * x;
create or replace macro block_squares(x, mean, size, skip, count) as
    case when count = 0 then 0.0::double when count = 1 then size * square_of(earlier(x, skip) - mean)
         when count = 2 then size * (square_of(earlier(x, skip) - mean) + square_of(earlier(x, skip + size) - mean))
         else size * (square_of(earlier(x, skip) - mean) + square_of(earlier(x, skip + size) - mean)
                      + square_of(earlier(x, skip + 2 * size) - mean)) end;

-- Sum of squares about their own mean: of four rows, of four blocks, of the last n rows; exactly 0 where all are equal.
create or replace macro squares_of_rows(x, x4) as square_of(x - x4) + block_squares(x, x4, 1, 1, 3);
create or replace macro squares_of_4(s, x, mean, size) as
    s + block_sum(s, 0.0::double, size, size, 3) + size * square_of(x - mean) + block_squares(x, mean, size, size, 3);
create or replace macro last_squares
    (x, x4, x16, s4, s16, mean, n) as
        block_squares(x16, mean, 16, 0, n // 16) + block_sum(s16, 0.0::double, 16, 0, n // 16)
        + block_squares(x4, mean, 4, n // 16 * 16, n // 4 % 4) + block_sum(s4, 0.0::double, 4, n // 16 * 16, n // 4 % 4)
        + block_squares(x, mean, 1, n // 4 * 4, n % 4),
    (x, x4, x16, x64, s4, s16, s64, mean, n) as
        block_squares(x64, mean, 64, 0, clipped(n // 64, 0, 3))
        + block_sum(s64, 0.0::double, 64, 0, clipped(n // 64, 0, 3))
        + block_squares(x64, mean, 64, 192, clipped(n // 64 - 3, 0, 3))
        + block_sum(s64, 0.0::double, 64, 192, clipped(n // 64 - 3, 0, 3))
        + block_squares(x16, mean, 16, n // 64 * 64, n // 16 % 4)
        + block_sum(s16, 0.0::double, 16, n // 64 * 64, n // 16 % 4)
        + block_squares(x4, mean, 4, n // 16 * 16, n // 4 % 4) + block_sum(s4, 0.0::double, 4, n // 16 * 16, n // 4 % 4)
        + block_squares(x, mean, 1, n // 4 * 4, n % 4);

-- Variance and standard deviations of n values from their sum of squares.
create or replace macro variance_of(squares, n) as squares / nullif(n - 1, 0);
create or replace macro std_of(squares, n) as sqrt(squares / nullif(n - 1, 0));
create or replace macro std_pop_of(squares, n) as sqrt(squares / nullif(n, 0));

-- Greatest and least of up to four blocks that cover n rows and may overlap, and of the last n rows, n up to 64. A value
-- times 0 is there for its NULL, which greatest and least leave out.
create or replace macro block_max(x, n, size) as
    case when n <= size then x
         when n <= 2 * size
         then case when x >= earlier(x, n - size) then x when x < earlier(x, n - size) then earlier(x, n - size) end
         else greatest(x, earlier(x, size), earlier(x, least(2 * size, n - size)), earlier(x, n - size))
              + 0 * (x + earlier(x, size) + earlier(x, least(2 * size, n - size)) + earlier(x, n - size)) end;
create or replace macro last_max(x, x4, x16, n, row_index) as
    if_full(n, row_index)
    + case when n <= 4 then block_max(x, n, 1) when n <= 16 then block_max(x4, n, 4) when n <= 64 then block_max(x16, n, 16) end;
create or replace macro block_min(x, n, size) as
    case when n <= size then x
         when n <= 2 * size
         then case when x <= earlier(x, n - size) then x when x > earlier(x, n - size) then earlier(x, n - size) end
         else least(x, earlier(x, size), earlier(x, least(2 * size, n - size)), earlier(x, n - size))
              + 0 * (x + earlier(x, size) + earlier(x, least(2 * size, n - size)) + earlier(x, n - size)) end;
create or replace macro last_min(x, x4, x16, n, row_index) as
    if_full(n, row_index)
    + case when n <= 4 then block_min(x, n, 1) when n <= 16 then block_min(x4, n, 4) when n <= 64 then block_min(x16, n, 16) end;

-- Half way between the extremes of the last n rows.
create or replace macro last_middle(high, high4, high16, low, low4, low16, n, row_index) as
    (last_max(high, high4, high16, n, row_index) + last_min(low, low4, low16, n, row_index)) / 2;

-- Mean of a few rows, n up to 15, without blocks.
create or replace macro last_mean_of_few(x, n, row_index) as
    x + if_full(n, row_index)
    + (block_sum(x, x, 1, 0, clipped(n, 0, 3)) + block_sum(x, x, 1, 3, clipped(n - 3, 0, 3))
       + block_sum(x, x, 1, 6, clipped(n - 6, 0, 3)) + block_sum(x, x, 1, 9, clipped(n - 9, 0, 3))
       + block_sum(x, x, 1, 12, clipped(n - 12, 0, 3))) / nullif(n, 0);

comment on macro earlier is 'value n rows before, as the rows lie; builds only';
comment on macro if_full is '0 where a window of n rows is full, NULL before';
comment on macro block_sum is 'sum of up to three blocks'' distances from a center';
comment on macro mean_of_4 is 'mean of four blocks of rows';
comment on macro last_mean is 'mean of the last n rows, from blocks of 4, 16 and 64; builds only';
comment on macro square_of is 'x times x';
comment on macro block_squares is 'sum of up to three blocks'' squared distances from a mean';
comment on macro squares_of_rows is 'sum of squares of four rows about their mean';
comment on macro squares_of_4 is 'sum of squares of four blocks of rows about their mean';
comment on macro last_squares is 'sum of squares of the last n rows about their mean; builds only';
comment on macro std_of is 'sample standard deviation from a sum of squares of n values';
comment on macro std_pop_of is 'population standard deviation from a sum of squares of n values';
comment on macro block_max is 'greatest of up to four blocks that cover n rows';
comment on macro last_max is 'greatest of the last n rows, up to 64; builds only';
comment on macro block_min is 'least of up to four blocks that cover n rows';
comment on macro last_min is 'least of the last n rows, up to 64; builds only';
comment on macro earlier_in_series is 'value n rows before in the same series; builds only';
comment on macro last_middle is 'half way between the extremes of the last n rows; builds only';
comment on macro clipped is 'n, not below and not above two bounds';
comment on macro last_mean_of_few is 'mean of the last n rows, n up to 15; builds only';
comment on macro table with_blocks is 'the relation with the means of 4, 16 and 64 rows of each column of_x; builds only';
comment on macro variance_of is 'sample variance from a sum of squares of n values';
