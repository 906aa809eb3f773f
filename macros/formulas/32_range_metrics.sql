-- The range estimators as metrics of any bars: one value per bar, NULL before n bars and where one of them
-- is not known. `ppy` bars per year; NULL: what the bars say themselves. Unit: 1 (0.2 = 20 % a year).

-- Parkinson (1980), J. Business 53(1).
create or replace macro parkinson_vol(bars, n := 21, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_parkinson_vol(
            case when encloses(open, high, low, close) then high end, low,
            n, coalesce(ppy, periods_per_year), (source, symbol, interval), ts
        ) as value
    from query_table(bars);

-- Garman and Klass (1980), J. Business 53(1).
create or replace macro garman_klass_vol(bars, n := 21, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_garman_klass_vol(
            open, high, low, close, n, coalesce(ppy, periods_per_year), (source, symbol, interval), ts
        ) as value
    from query_table(bars);

-- Rogers and Satchell (1991), Annals of Applied Probability 1(4).
create or replace macro rogers_satchell_vol(bars, n := 21, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_rogers_satchell_vol(
            open, high, low, close, n, coalesce(ppy, periods_per_year), (source, symbol, interval), ts
        ) as value
    from query_table(bars);

-- Yang and Zhang (2000), J. Business 73(3). The night is from the newest close that is known.
create or replace macro yang_zhang_vol(bars, n := 21, ppy := null) as table
    with stepped as (
        select *, previous_known(close, (source, symbol, interval), ts) as previous_close from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        roll_yang_zhang_vol(
            open, high, low, close, previous_close,
            n, coalesce(ppy, periods_per_year), (source, symbol, interval), ts
        ) as value
    from stepped;

comment on macro table parkinson_vol is 'volatility from the range of the last n bars, annualised';
comment on macro table garman_klass_vol is 'volatility from range and body of the last n bars, annualised';
comment on macro table rogers_satchell_vol is
    'volatility from the range of the last n bars whatever the drift, annualised';
comment on macro table yang_zhang_vol is
    'volatility from nights, days and ranges of the last n bars, annualised';
