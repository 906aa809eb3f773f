-- Fama and French's three factors: what of a symbol's excess return they explain. `factors`: ts (any instant
-- of the month), mkt_rf, smb, hml, rf, as decimals per period. Give total returns: a price index lacks
-- dividends, and its alpha shows it. Source: Fama and French (1993), J. Financial Economics 33(1).

-- Start of a period in UTC: 'daily', 'weekly', 'monthly'; other names are refused.
create or replace macro period_start_of(freq, ts) as
    case freq when 'daily' then date_trunc('day', ts at time zone 'UTC')
              when 'weekly' then date_trunc('week', ts at time zone 'UTC')
              when 'monthly' then date_trunc('month', ts at time zone 'UTC')
              else error('freq is daily, weekly or monthly') end;

-- One row per series: least squares of its excess returns from one period's last price to the next on the
-- three factors.
create or replace macro ff3_fit(relation, factors, freq) as table
    with periods as (
        select
            source, symbol, interval, period_start_of(freq, ts) as period,
            arg_max(adj_close, ts) as adj_close
        from query_table(relation)
        where adj_close is not null
        group by source, symbol, interval, period_start_of(freq, ts)
    ),
    returned as (
        select
            *,
            simple_return_of(adj_close, previous(adj_close, (source, symbol, interval), period)) as simple_return
        from periods
    ),
    explaining as (
        select period_start_of(freq, ts) as period, mkt_rf, smb, hml, rf from query_table(factors)
    ),
    joined as (
        select source, symbol, interval, period, simple_return - rf as excess, mkt_rf, smb, hml
        from returned
        join explaining using (period)
        where simple_return is not null and mkt_rf is not null and smb is not null and hml is not null
            and rf is not null
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        least_squares(
            list(excess order by period),
            [list(mkt_rf order by period), list(smb order by period), list(hml order by period)]
        ) as fit
    from joined
    group by source, symbol, interval;

-- Return per period that no factor explains. Unit: 1 per period (0.01 = 1 % per month).
create or replace macro ff3_alpha(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.coefficients[1] as value from ff3_fit(bars, factors, freq);

-- Exposures to market, size (small less big) and value (high less low book-to-market). Unit: 1.
create or replace macro ff3_mkt(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.coefficients[2] as value from ff3_fit(bars, factors, freq);
create or replace macro ff3_smb(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.coefficients[3] as value from ff3_fit(bars, factors, freq);
create or replace macro ff3_hml(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.coefficients[4] as value from ff3_fit(bars, factors, freq);

-- Estimate over its standard error, for errors that are independent and equal (not robust). Unit: 1.
create or replace macro ff3_t_alpha(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.t_values[1] as value from ff3_fit(bars, factors, freq);
create or replace macro ff3_t_mkt(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.t_values[2] as value from ff3_fit(bars, factors, freq);
create or replace macro ff3_t_smb(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.t_values[3] as value from ff3_fit(bars, factors, freq);
create or replace macro ff3_t_hml(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.t_values[4] as value from ff3_fit(bars, factors, freq);

-- Share of the variance that the factors explain. Unit: 1, 0 to 1.
create or replace macro ff3_r2(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, fit.r_squared as value from ff3_fit(bars, factors, freq);

comment on macro period_start_of is 'start of the day, week or month of an instant';
comment on macro table ff3_fit is 'least squares of excess returns on the three factors';
comment on macro table ff3_alpha is 'return per period that the three factors do not explain';
comment on macro table ff3_mkt is 'exposure to the market';
comment on macro table ff3_smb is 'exposure to small less big companies';
comment on macro table ff3_hml is 'exposure to value less growth';
comment on macro table ff3_t_alpha is 't value of the unexplained return';
comment on macro table ff3_t_mkt is 't value of the exposure to the market';
comment on macro table ff3_t_smb is 't value of the exposure to size';
comment on macro table ff3_t_hml is 't value of the exposure to value';
comment on macro table ff3_r2 is 'share of the variance that the three factors explain';
