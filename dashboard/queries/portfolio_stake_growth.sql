-- One row per fraction of the full stake on the whole, from nothing to beyond twice: the growth to expect a year.
with bars as (
    select
        'portfolio' as source, portfolio as symbol, '1d' as interval, session_date::timestamptz as ts,
        1 + coalesce(cumulative_return, 0) as adj_close, periods_per_year
    from serving.portfolios
    inner join (select portfolio, periods_per_year from serving.portfolio_summary) using (portfolio)
    where portfolio = $portfolio
)
select
    fraction::double / 20 as fraction,
    staked_growth_of(fraction::double / 20 * stake, mean_excess, deviation, rate, bars_per_year) as growth
from kelly_stakes('bars', 1.0, $rf, null)
cross join range(0, 45) as fractions(fraction)
where stake is not null
order by fraction
