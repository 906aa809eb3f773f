-- One row per (portfolio, source_a, a, source_b, b) of two members, in both orders, and of each with itself: how alike
-- they move over the days on which all members have a price. Such a matrix is positive semidefinite.
with

bars as (
    from {{ ref('member_bars') }}
    where adj_close is not null
),

counted as (
    select portfolio, count(distinct (source, symbol)) as count_members
    from bars
    group by portfolio
),

common as (
    select bars.*
    from bars
    inner join counted using (portfolio)
    qualify count(*) over (partition by bars.portfolio, session_date) = count_members
),

paired as (
    from correlations_of('common')
)

select
    interval as portfolio, source_a, a, source_b, b,
    correlation_pair as pearson, spearman_pair as spearman, count_common, first_on, last_on
from paired
