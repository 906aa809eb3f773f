-- One row per (portfolio, source, symbol): what a member would weigh by theory, over the days that all share.
with

bars as (
    from {{ ref('member_bars') }}
),

solved as (
    from theoretical_weights('bars', {{ var('risk_free_rate') }})
)

select
    interval as portfolio,
    source,
    symbol,
    min_variance_weight,
    min_variance_ledoit_wolf,
    risk_parity_weight,
    max_sharpe_weight,
    kelly_multi
from solved
