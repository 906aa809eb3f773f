-- One row per (portfolio, grouping, segment): why the portfolio's return is not its benchmark's, linked over time.
with

weights as (
    from {{ ref('weights') }}
),

portfolios as (
    from {{ source('config', 'portfolios') }}
    where benchmark is not null
),

members as (
    select source, symbol, any_value(asset_class) as asset_class, any_value(sector) as sector
    from {{ source('config', 'portfolio_members') }}
    group by source, symbol
),

-- What a benchmark that is no portfolio holds: itself, of its asset class.
alone as (
    select
        portfolios.portfolio, bars.source, bars.symbol, bars.asset_class, bars.session_date, 1.0::double as weight,
        simple_return_of(bars.adj_close, previous(bars.adj_close, portfolios.portfolio, bars.ts)) as simple_return
    from portfolios
    inner join {{ ref('final_bars') }} as bars
        on bars.source = portfolios.benchmark_source and bars.symbol = portfolios.benchmark
    where bars.interval = '1d' and bars.adj_close is not null
),

held as (
    select portfolio, true as is_own, source, symbol, session_date, weight, simple_return, portfolio_return
    from weights
    semi join portfolios using (portfolio)
    union all
    select
        portfolios.portfolio, false, weights.source, weights.symbol, weights.session_date, weights.weight,
        weights.simple_return, weights.portfolio_return
    from weights
    inner join portfolios on portfolios.is_benchmark_a_portfolio and portfolios.benchmark = weights.portfolio
    union all
    select portfolio, false, source, symbol, session_date, weight, simple_return, simple_return
    from alone
),

grouped as (
    select
        held.*,
        unnest([
            {'grouping': 'asset_class', 'segment': coalesce(members.asset_class, alone.asset_class)},
            {'grouping': 'sector', 'segment': coalesce(members.sector, alone.asset_class)}
        ]) as place
    from held
    left join members using (source, symbol)
    left join (select distinct source, symbol, asset_class from alone) as alone using (source, symbol)
),

parts as (
    select
        {'portfolio': portfolio, 'grouping': place.grouping} as interval, is_own, session_date as ts,
        place.segment as segment, sum(weight) as weight, sum(return_part_of(weight, simple_return)) as part,
        any_value(portfolio_return) as portfolio_return
    from grouped
    group by all
),

compared as (
    from compared_segments('parts')
),

effects as (
    from linked_brinson_effects('compared')
)

select
    interval.portfolio as portfolio, interval.grouping as grouping, segment, weight, benchmark_weight,
    allocation as brinson_allocation, selection as brinson_selection, interaction as brinson_interaction,
    portfolio_return, benchmark_return
from effects
