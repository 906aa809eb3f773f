"""Queries of analysts, which must pass and answer as DuckDB answers them unguarded."""

QUERIES = [
    "select * from serving.final_bars order by symbol, interval, ts limit 5",
    "from serving.final_bars where symbol = 'SPY' and interval = '1d' order by ts desc limit 5",
    "from serving.final_bars select symbol, count(*), max(ts) group by all order by all",
    "values (1, 'a'), (2, 'b')",
    "table serving.correlations",
    "select symbol, avg(close) filter (where volume > 1100) as a, quantile_cont(close, [0.1, 0.5]) "
    "from serving.final_bars group by symbol having count(*) > 3 order by symbol",
    "pivot serving.final_bars on symbol using avg(close) group by interval order by interval",
    "pivot (select symbol, interval, close from serving.final_bars) on symbol in ('SPY', 'AAPL') "
    "using max(close) as hi, min(close) as lo group by interval order by interval",
    "unpivot (select 1 as a, 2 as b) on a, b into name n value v",
    "select * from (select symbol, interval, close from serving.final_bars) "
    "pivot (avg(close) for symbol in ('SPY', 'AAPL')) order by interval",
    "select * from (select 1 as a, 2 as b) unpivot (v for n in (a, b))",
    "with p as (pivot serving.final_bars on symbol using avg(close) group by interval) from p order by interval",
    "pivot (from (pivot serving.final_bars on symbol using sum(volume) group by interval, ts)) "
    "on interval using max(SPY) group by ts order by ts",
    "select symbol, ts, close / lag(close) over (partition by symbol, interval order by ts) - 1 as r "
    "from serving.final_bars window w as (partition by symbol, interval order by ts) "
    "qualify row_number() over w <= 5 order by all",
    "select a.symbol, a.ts, b.close from serving.final_bars a asof join serving.final_bars b "
    "on a.symbol = b.symbol and a.interval = b.interval and a.ts > b.ts order by all",
    "select list_transform([1, 2, 3], lambda x: x + 1), list_filter([1, 2], lambda x: x > 1), "
    "[x * 2 for x in [1, 2, 3] if x > 1], list_reduce([1, 2, 3], lambda a, b: a + b)",
    "select list_sort([3, 1, 2], 'desc'), {'a': 1, 'b': 'x'}.a, map {'k': 1}['k'], [1, 2, 3][1:2], [1, 2, 3][-1]",
    "select symbol, interval, count(*) from serving.final_bars "
    "group by grouping sets ((symbol), (interval), ()) order by all",
    "select symbol, interval, count(*), grouping(symbol) from serving.final_bars "
    "group by rollup (symbol, interval) order by all",
    "select symbol, interval, sum(volume) from serving.final_bars group by cube (symbol, interval) order by all",
    "select date_trunc('month', ts) as m, sum(volume) from serving.final_bars group by 1 order by 1",
    "select date_diff('day', min(ts), max(ts)), date_part('year', max(ts)), extract(dow from max(ts)), "
    "max(ts) - interval '3 days', max(ts) + interval 1 month, strftime(max(ts), '%Y-%m-%d'), "
    "max(ts) at time zone 'America/New_York' from serving.final_bars",
    "select symbol, ts, close from serving.final_bars a "
    "where close = (select max(close) from serving.final_bars b where b.symbol = a.symbol) order by all",
    "select unnest([1, 2, 3]) as x, unnest({'a': 1, 'b': 2})",
    "select * from unnest([1, 2]) as t(x), range(3) as r(i), generate_series(1, 3) g order by all",
    "select 1 as a union all by name select 2 as b",
    "select 1 union select 2 except select 3 intersect select 1 order by 1",
    "(select 1) union all (select 2 order by 1 limit 1) order by 1",
    "select * exclude (open, high) replace (round(close, 2) as close) from serving.final_bars order by all limit 20",
    "select min(columns(*)), max(columns(* exclude (symbol))) from serving.final_bars",
    "select columns('c.*') from serving.final_bars order by all limit 20",
    "select columns(lambda c: c like 'c%') from serving.final_bars order by all limit 20",
    "select * like 'c%' from serving.final_bars order by all limit 3",
    "select * rename (close as last) from serving.final_bars order by all limit 3",
    "select count(*) between 0 and 280 from serving.final_bars using sample 50 percent (bernoulli, 42)",
    "select count(*) from (from serving.final_bars using sample reservoir(50 rows) repeatable (100))",
    "select * from sma('serving.final_bars', n := 10) where symbol = 'SPY' order by all",
    "with bars as (from serving.final_bars where symbol = 'AAPL' and interval = '1d') "
    "from macd_hist('bars', fast := 8, slow := 21, signal := 5) order by ts desc limit 5",
    "select symbol, value from beta('serving.final_bars', 'serving.benchmark_bars', rf := 0.02) order by symbol",
    "select symbol, sharpe(r, 252) from (select symbol, ln(close / lag(close) over "
    "(partition by symbol, interval order by ts)) as r from serving.final_bars) group by symbol order by symbol",
    "select symbol, ts, roll_avg(close, 20, (symbol, interval), ts) as m from serving.final_bars order by all",
    "select symbol, arg_max(close, ts), arg_min(ts, close), first(close order by ts, interval), "
    "string_agg(distinct interval, ', ' order by interval), median(close), mad(close), mode(interval), "
    "regr_slope(close, volume), corr(open, close), skewness(close), stddev_samp(close) "
    "from serving.final_bars where interval = '1d' group by symbol order by symbol",
    "select percentile_cont(0.5) within group (order by close), quantile_disc(close, 0.5), max(close, 3), "
    "arg_max(symbol, volume, 2) from serving.final_bars where interval = '1d' and symbol = 'SPY'",
    "select symbol, first_value(nullif(close, 101) ignore nulls) over w, nth_value(close, 3) over w, ntile(4) over w, "
    "percent_rank() over w, lead(close, 1, 0) over w, avg(close) over (partition by symbol order by ts "
    "range between interval 7 days preceding and current row exclude current row) "
    "from serving.final_bars where interval = '1d' window w as (partition by symbol order by ts) order by all",
    "select case when close > open then 'up' when close < open then 'down' else 'flat' end as way, count(*), "
    "coalesce(max(close), 0), nullif(1, 1), ifnull(null, 1), greatest(1, 2), if(1 > 0, 1, 2) "
    "from serving.final_bars group by way order by way",
    "select close::integer, cast(close as decimal(10, 2)), try_cast('x' as int), '2026-01-01'::date, 1::hugeint, "
    "[1]::bigint[], {'a': 1}::struct(a int), 1.5e3, 5 // 2, 5 % 2, 2 ** 3, 'a' || 'b', 1 is distinct from null, "
    "'a' ilike 'A', 'abc' similar to 'a.*', 'abc' ~ 'b', 'a' glob 'a*', regexp_extract('a1', '(\\d)', 1) "
    "from serving.final_bars order by all limit 5",
    "select substring('abc' from 1 for 2), trim(both 'x' from 'xax'), position('a' in 'bab'), 'abc'[1:2], "
    "split_part('a,b', ',', 1), concat_ws(',', 'a', 'b'), format('{} {}', 1, 2), 'it''s', $$dollar$$, '日本', 'a\\b'",
    "select '{\"a.b\": {\"c\": 1}}'::json -> 'a.b' ->> '$.c', json_extract('{\"a\": [1, 2]}', '$.a[1]')",
    "select symbol not in ('SPY') < true, not symbol = 'SPY', (symbol !~ 'S') = true "
    "from serving.final_bars order by all",
    "select exists (from serving.final_bars), 1 = any (select 1), 'SPY' in (select symbol from serving.final_bars), "
    "5 > all (select 4)",
    "select a.symbol, b.x from serving.final_bars a, lateral (select a.close * 2 as x) b order by all limit 5",
    "select count(*) from serving.final_bars semi join (select 'SPY' as symbol) using (symbol)",
    "select count(*) from serving.final_bars anti join (select 'SPY' as symbol) using (symbol)",
    "with a as materialized (select 1 as x), b(y) as (select x + 1 from a) select * from a, b",
    "with a as (select 1 as x), b as (with a as (select 2 as x) from a) select * from a, b",
    "select x: 1, y: 2",
    'select b.symbol, b."close" as "Schluss kurs" from "serving"."final_bars" b '
    "order by b.symbol collate nocase nulls first, 2 limit 10 offset 5",
    "select distinct on (symbol) symbol, ts, close from serving.final_bars order by symbol, ts desc, interval",
    "select time_bucket(interval '1 week', ts) as w, count(*) from serving.final_bars group by w order by w",
    "select struct_pack(a := 1, b := 2), (1, 2), list_aggregate([1, 2], 'sum'), list_zip([1], [2]), "
    "map_from_entries([('a', 1)]), 'a'.upper().lower(), [3, 1].list_sort()",
    "select list(ts order by ts desc)[1:3], count(distinct symbol), sum(volume)::bigint from serving.final_bars",
    "SELECT Symbol, COUNT(*) AS N FROM Serving.Final_Bars GROUP BY SYMBOL ORDER BY 1; -- the end",
    "/* a remark */ select symbol -- another\nfrom serving.final_bars group by symbol order by symbol",
    "select coalesce(*columns(['open', 'close'])), list_value(*columns('high|low')), max(columns(['open', 'high'])) "
    "from serving.final_bars group by 1, 2 order by all limit 5",
    "select array(select distinct symbol from serving.final_bars order by 1), [1] <@ [1, 2], 7::uint64, [1]::uint8[], "
    "t.user from (select 1 as user) t",
    "select relation, count(*) from meta.columns group by relation order by relation",
]
