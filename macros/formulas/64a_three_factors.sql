-- Fama and French's three factors: what of a symbol's excess return they explain. `factors`: ts (any instant of
-- the month), mkt_rf, smb, hml, rf, as decimals per period; further columns are left aside. The regression is that
-- of 64_factors.sql. Source: Fama and French (1993), J. Financial Economics 33(1).
create or replace macro ff3_exposures(relation, factors, freq) as table
    with three_factors as (
        select * from factor_rows_of(factors) where lower(factor) in ('mkt_rf', 'smb', 'hml', 'rf')
    )
    select *, null::timestamptz as ts from exposures_of(relation, 'three_factors', freq, null);

-- Return per period that no factor explains. Unit: 1 per period (0.01 = 1 % per month).
create or replace macro ff3_alpha(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, exposure as value
    from ff3_exposures(bars, factors, freq) where factor = 'alpha';

-- Exposures to market, size (small less big) and value (high less low book-to-market). Unit: 1.
create or replace macro ff3_mkt(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, exposure as value
    from ff3_exposures(bars, factors, freq) where factor = 'mkt_rf';
create or replace macro ff3_smb(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, exposure as value
    from ff3_exposures(bars, factors, freq) where factor = 'smb';
create or replace macro ff3_hml(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, exposure as value
    from ff3_exposures(bars, factors, freq) where factor = 'hml';

-- Estimate over its standard error, for errors that are independent and equal (not robust). Unit: 1.
create or replace macro ff3_t_alpha(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, t_value as value
    from ff3_exposures(bars, factors, freq) where factor = 'alpha';
create or replace macro ff3_t_mkt(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, t_value as value
    from ff3_exposures(bars, factors, freq) where factor = 'mkt_rf';
create or replace macro ff3_t_smb(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, t_value as value
    from ff3_exposures(bars, factors, freq) where factor = 'smb';
create or replace macro ff3_t_hml(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, t_value as value
    from ff3_exposures(bars, factors, freq) where factor = 'hml';

-- Share of the variance that the factors explain. Unit: 1, 0 to 1.
create or replace macro ff3_r2(bars, factors, freq := 'monthly') as table
    select source, symbol, interval, ts, r2 as value
    from ff3_exposures(bars, factors, freq) where factor = 'alpha';

comment on macro table ff3_exposures is 'exposures to the three factors alone';
comment on macro table ff3_alpha is 'return per period that the three factors do not explain';
comment on macro table ff3_mkt is 'exposure to the market';
comment on macro table ff3_smb is 'exposure to small less big companies';
comment on macro table ff3_hml is 'exposure to value less growth';
comment on macro table ff3_t_alpha is 't value of the unexplained return';
comment on macro table ff3_t_mkt is 't value of the exposure to the market';
comment on macro table ff3_t_smb is 't value of the exposure to size';
comment on macro table ff3_t_hml is 't value of the exposure to value';
comment on macro table ff3_r2 is 'share of the variance that the three factors explain';
