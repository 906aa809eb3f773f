-- What each member adds to a portfolio's value at risk and expected shortfall: parts that sum exactly to it.
-- Of a relation of what was held, as in 66. Negative is a loss; a positive part makes the tail shorter.

-- Share of the i-th least of n values (1 the least) in their type-7 quantile q: two neighbours, else 0.
create or replace macro quantile_share_of(i, n, q) as greatest(0.0::double, 1 - abs(i - 1 - (n - 1) * q));

-- What a part adds to a point of a normal distribution z deviations off its mean: its own mean and z times its
-- marginal deviation. Of a whole without deviation its mean, NULL where that is not known.
create or replace macro normal_part_of(mu, covariance, deviation, z) as
    mu + z * case when is_moving(deviation) then covariance / nullif(deviation, 0)
                  when deviation is not null then 0.0::double end;

-- One row per member and bar that counts: what it added to the bar's return (nothing once it lost everything and
-- has no weight), and the bar's place from the worst (of equal ones the earlier) among all `n`.
create or replace macro held_parts(held) as table
    select
        source, symbol, interval, ts, portfolio_return, return_part_of(weight, simple_return) as part,
        row_number() over (partition by source, symbol, interval order by portfolio_return, ts) as place,
        count(*) over (partition by source, symbol, interval) as n
    from query_table(held)
    where portfolio_return is not null;

-- Parts of the value at risk of what was held. By 'historical' the part of the day (of the two days) that the
-- type-7 quantile is: exact, and as rough as one day. By 'parametric' mean plus z times the marginal deviation,
-- Cov(part, return) / deviation: exact by Euler, and smooth. Unit: 1.
-- Sources: Garman (1996), Risk 9(10); Tasche (2000), Risk Contributions and Performance Measurement.
create or replace macro held_component_var(held, confidence, method) as table
    select
        source, symbol, interval,
        case when min(portfolio_return) <= -1 then null else case method
            when 'historical' then sum(part * quantile_share_of(place, n, tail_share_of(confidence)))
            when 'parametric' then normal_part_of(
                avg(part), covar_samp(part, portfolio_return), sample_std(portfolio_return),
                normal_quantile(1 - checked_confidence(confidence)))
            else error('method is historical or parametric') end end as value
    from held_parts(held)
    where is_confidence(confidence)
    group by source, symbol, interval;

-- Parts of the expected shortfall of what was held: by 'historical' the mean part on the days of the tail, by
-- 'parametric' that of a normal distribution. Unit: 1. Source: Tasche (2002), J. Banking and Finance 26(7).
create or replace macro held_component_es(held, confidence, method) as table
    with parts as (
        from held_parts(held)
    ),
    tails as (
        select source, symbol, interval, var_historical(portfolio_return, confidence) as value_at_risk
        from parts
        group by source, symbol, interval
    )
    select
        source, symbol, interval,
        case when min(portfolio_return) <= -1 then null else case method
            when 'historical' then avg(case when portfolio_return <= value_at_risk then part end)
            when 'parametric' then normal_part_of(
                avg(part), covar_samp(part, portfolio_return), sample_std(portfolio_return),
                -tail_density_of(confidence))
            else error('method is historical or parametric') end end as value
    from parts
    join tails using (source, symbol, interval)
    group by source, symbol, interval;

-- What each member adds to the portfolio's value at risk, of weights restored at every bar; the parts sum to
-- var_parametric, or with method := 'historical' to var_historical, of the portfolio's returns. Unit: 1;
-- negative is a loss. NULL for fewer than two returns (historical: for none), and where all was once lost.
-- Sources: Garman (1996), Risk 9(10); Tasche (2000), Risk Contributions and Performance Measurement.
create or replace macro component_var(
    bars, confidence := 0.95, method := 'parametric', weights := map([]::varchar[], []::double[])
) as table
    with restored as (
        from members_of(bars, weights)
    )
    select source, symbol, interval, null::timestamptz as ts, value
    from held_component_var('restored', confidence, method);

-- What each member adds to the portfolio's expected shortfall, of weights restored at every bar: its mean part
-- on the days of the tail; the parts sum to es_historical, or with method := 'parametric' to es_parametric, of
-- the portfolio's returns. Unit: 1; negative is a loss. NULL for fewer than two returns (historical: for none),
-- and where all was once lost.
-- Source: Tasche (2002), J. Banking and Finance 26(7).
create or replace macro component_es(
    bars, confidence := 0.95, method := 'historical', weights := map([]::varchar[], []::double[])
) as table
    with restored as (
        from members_of(bars, weights)
    )
    select source, symbol, interval, null::timestamptz as ts, value
    from held_component_es('restored', confidence, method);

comment on macro quantile_share_of is 'share of the i-th least of n values in their type-7 quantile';
comment on macro normal_part_of is 'mean plus z times the marginal deviation of a part';
comment on macro table held_parts is 'what each member held added to each bar, and the place of the bar';
comment on macro table held_component_var is 'what each member held adds to the value at risk';
comment on macro table held_component_es is 'what each member held adds to the expected shortfall';
comment on macro table component_var is 'what each member adds to the portfolio''s value at risk; they sum to it';
comment on macro table component_es is
    'what each member adds to the portfolio''s expected shortfall; they sum to it';
