-- One row per (portfolio, source, symbol, fraction): Kelly's stakes on the whole or a member, and what follows.
with

kelly as (
    from {{ ref('kelly') }}
)

select
    portfolio, source, symbol, fraction, kelly_discrete, kelly_continuous, kelly_exact_log, kelly_growth, kelly_vol
from kelly
