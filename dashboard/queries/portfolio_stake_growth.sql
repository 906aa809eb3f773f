-- One row per fraction of the full stake on the whole, from nothing to beyond twice: log growth to expect.
-- Of the usual fractions it is the stored one.
with bars as (
    select
        'portfolio' as source, portfolio as symbol, '1d' as interval,
        session_date::timestamp at time zone 'UTC' as ts,
        1 + coalesce(cumulative_return, 0) as adj_close, periods_per_year
    from serving.portfolios
    inner join (select portfolio, periods_per_year from serving.portfolio_summary) using (portfolio)
    where portfolio = $portfolio
),
usual as (
    select fraction, kelly_growth, kelly_vol
    from serving.portfolio_stakes
    where portfolio = $portfolio and source = 'portfolio'
),
curve as (
    select
        step::double / 20 as fraction,
        staked_growth_of(step::double / 20 * stake, mean_excess, deviation, rate, bars_per_year) as growth
    from kelly_stakes('bars', 1.0, $rf, null)
    cross join range(0, 45) as steps(step)
    where stake is not null
)
select
    fraction, coalesce(usual.kelly_growth, curve.growth) as growth, usual.kelly_vol,
    usual.kelly_growth is not null as is_usual
from curve
left join usual using (fraction)
order by fraction
